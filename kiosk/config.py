"""``config.toml`` → typed settings. Every key is documented here, once.

``kiosk config check`` prints what is wrong with a file and where; ``kiosk config show`` prints
every key with its meaning, unit and value.
"""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import (
    AfterValidator,
    Field,
    PositiveFloat,
    PositiveInt,
    ValidationError,
    model_validator,
)

from kiosk.config_office import Bilingual as Bilingual
from kiosk.config_office import FieldOfBusiness, Office, PriorityClass, Section, Spans
from kiosk.config_office import Hours as Hours
from kiosk.config_office import Icon as Icon
from kiosk.config_paper import PrinterSettings, TicketSettings
from kiosk.config_paper import TicketBlock as TicketBlock
from kiosk.config_reader import ReaderSettings
from kiosk.config_words import fault_in_words
from kiosk.errors import ConfigError
from kiosk.locale import Language

_Share = Annotated[float, Field(ge=0, le=1)]


def _colour(value: str) -> str:
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", value):
        raise ValueError("a colour is written #RRGGBB")
    return value


Colour = Annotated[str, AfterValidator(_colour)]


class CameraSettings(Section):
    """Where frames come from."""

    source: str = Field(
        default="auto",
        description="auto (picamera2 if installed, else webcam 0), picamera2, a webcam's number, "
        "a file or rtsp:// address, replay:SCENE.toml, or none (kiosk without a camera)",
    )
    width: PositiveInt = Field(default=1280, description="frame width, pixels")
    height: PositiveInt = Field(default=720, description="frame height, pixels")
    fps: PositiveFloat = Field(default=15.0, le=60, description="frames per second to ask for")
    fine_width: PositiveInt = Field(
        default=2304,
        multiple_of=2,
        description="picamera2: width of the second, finer stream that cards are read on, pixels",
    )
    fine_height: PositiveInt = Field(
        default=1296, multiple_of=2, description="picamera2: its height, pixels"
    )

    @model_validator(mode="after")
    def _finer(self) -> CameraSettings:
        if self.fine_width < self.width or self.fine_height < self.height:
            raise ValueError("fine_width, fine_height: must not be smaller than width, height")
        return self


class VisionSettings(Section):
    """How frames are looked at."""

    face_detector: Literal["blazeface", "mediapipe"] = Field(
        default="blazeface",
        description="blazeface (ships with the kiosk), or mediapipe where 0.10.18 is installed",
    )
    palm_every: PositiveInt = Field(
        default=3, description="look for a new hand on every n-th frame"
    )
    near_eye_distance_px: PositiveFloat = Field(
        default=28.0,
        description="eyes closer together than this: too far to be served (at 720 lines)",
    )
    too_near_eye_distance_px: PositiveFloat = Field(
        default=130.0,
        description="eyes farther apart than this: too near for a raised hand to be in the "
        "picture (at 720 lines)",
    )
    start_s: PositiveFloat = Field(
        default=20.0,
        description="longest wait for the first frame, with models and camera to be opened: then "
        "start anew",
    )
    stall_s: PositiveFloat = Field(
        default=3.0, description="no word from vision for so long: restart it"
    )
    hand_presence: _Share = Field(default=0.5, description="a hand below this presence is not one")


class RecognitionSettings(Section):
    """When a citizen is greeted. Recognition never authorises anything."""

    enabled: bool = Field(default=True, description="false: tickets only, no face is ever compared")
    wrong_greeting_visits: int = Field(
        default=1000,
        ge=10,
        le=1_000_000,
        description="at most one wrong greeting in so many visits of people who are not enrolled, "
        "whatever the number of enrolled; more: fewer citizens are recognised",
    )
    model: Path | None = Field(
        default=None,
        description="another embedding: a .tflite file with its card (.toml, the same name) "
        "beside it; default: the one that ships. Their templates are never compared",
    )
    probe_frames: PositiveInt = Field(
        default=3, description="frames fused before a face is compared"
    )
    enrol_frames: PositiveInt = Field(default=5, description="best frames fused into a template")
    least_quality: _Share = Field(
        default=0.35, description="frames below this quality are not used"
    )


class VisitSettings(Section):
    """How long the kiosk waits, in seconds."""

    leave_s: PositiveFloat = Field(default=2.5, description="nobody seen for so long: they left")
    confirm_s: PositiveFloat = Field(default=1.5, description="time to take the choice back")
    idle_s: PositiveFloat = Field(
        default=25.0, description="nothing happens for so long: start over"
    )
    countdown_s: PositiveFloat = Field(
        default=8.0, description="the end of idle_s that is counted down"
    )
    print_s: PositiveFloat = Field(default=20.0, description="longest wait for the printer")
    ticket_s: PositiveFloat = Field(
        default=8.0, description="how long the ticket stays on the screen"
    )
    photograph_s: PositiveFloat = Field(
        default=25.0, description="the same when no paper came out: time to photograph it"
    )
    card_s: PositiveFloat = Field(default=30.0, description="how long to wait for a card")
    enrol_s: PositiveFloat = Field(default=8.0, description="how long to look for good frames")
    thanks_s: PositiveFloat = Field(default=4.0, description="how long the thank-you stays")


class PointerSettings(Section):
    """How a hand in the air becomes a choice."""

    engage_s: PositiveFloat = Field(
        default=0.3, description="a hand must be raised so long before it points"
    )
    settle_s: PositiveFloat = Field(
        default=0.1, description="rest on a tile before the ring starts"
    )
    dwell_s: PositiveFloat = Field(default=0.65, description="ring time for an ordinary choice")
    grave_dwell_s: PositiveFloat = Field(
        default=1.3, description="ring time when it cannot be undone"
    )
    lost_s: PositiveFloat = Field(
        default=0.3, description="a hand lost for less does not reset the ring"
    )
    fingers_s: PositiveFloat = Field(
        default=0.8, description="raised fingers must agree for so long"
    )
    min_cutoff_hz: PositiveFloat = Field(default=1.0, description="One-Euro filter: least cut-off")
    beta: float = Field(
        default=0.01, ge=0, description="One-Euro filter: speed coefficient, per pixel"
    )
    box_faces: tuple[PositiveFloat, PositiveFloat] = Field(
        default=(2.2, 1.4), description="interaction box, width and height in face widths"
    )


class ScreenSettings(Section):
    """What the screen looks like."""

    orientation: Literal["portrait", "landscape"] = Field(
        default="portrait", description="how it hangs"
    )
    fullscreen: bool = Field(default=True, description="false: a window, for a desk")
    language: Language = Field(default="vi", description="language at the start of each visit")
    logo: str = Field(default="", description="PNG or SVG of the office's emblem, empty: a star")
    band: Colour = Field(default="#9E1B1F", description="office's band and pointer")
    accent: Colour = Field(default="#D99A1C", description="what is being chosen now")
    reduced_motion: bool = Field(default=False, description="nothing moves but the ring")


class VoiceSettings(Section):
    """Spoken prompts."""

    enabled: bool = Field(default=True, description="false: silent")
    volume: _Share = Field(default=0.7, description="0 … 1")
    quiet: Spans = Field(
        default=(),
        description='when quiet_volume is used instead, such as ["11:30-13:30"], in office time',
    )
    quiet_volume: _Share = Field(default=0.35, description="0 … 1; 0: not a word then")


class StoreSettings(Section):
    """The encrypted database."""

    path: Path = Field(default=Path("var/kiosk.db"), description="the database file")
    key_file: Path = Field(
        default=Path("var/kiosk.key"),
        description="32-byte key in hex, mode 0600; $CREDENTIALS_DIRECTORY/kiosk-key wins",
    )


class SyncSettings(Section):
    """The central server."""

    url: str = Field(default="", description="https://… of the central server, empty: none")
    device_file: Path = Field(
        default=Path("var/device.json"),
        description="who this device is to the server: made by kiosk enrol-device, mode 0600",
    )
    interval_s: PositiveFloat = Field(default=5.0, description="time between two exchanges")
    ca_file: Path | None = Field(
        default=None,
        description="certificate of the office's own authority; then no other is believed",
    )
    outbox_limit_mb: PositiveFloat = Field(
        default=1024.0,
        description="when the database holds more megabytes, statistics make room for records",
    )

    @model_validator(mode="after")
    def _encrypted(self) -> SyncSettings:
        if not self.url:
            return self
        if not re.match(
            r"https://\S+|http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(/|$)", self.url
        ):
            raise ValueError("personal data only travels over https:// (http:// on loopback only)")
        return self


class HealthSettings(Section):
    """How the kiosk is, for whoever looks after it."""

    parts_file: Path = Field(
        default=Path("var/parts.json"),
        description="what the running kiosk says of its camera and printer, written every five "
        "seconds; on a device it lies in /run/kiosk-screen, which is memory",
    )
    pin_file: Path = Field(
        default=Path("var/technician.json"),
        description="the PIN of the technician's screen, hashed: made by kiosk technician pin",
    )
    export_folder: Path = Field(
        default=Path("var/export"),
        description="where the technician's screen writes the log when no USB stick is mounted "
        "below /media",
    )


class PrivacySettings(Section):
    """What is kept, and for how long."""

    consent_version: str = Field(
        default="2026-01", description="version of the consent text in force"
    )
    template_days: PositiveInt = Field(
        default=180, description="template deleted so long after a visit"
    )


class Settings(Section):
    """Everything in ``config.toml``."""

    office: Office
    fields: tuple[FieldOfBusiness, ...] = Field(min_length=1, max_length=36)
    priorities: tuple[PriorityClass, ...] = Field(default=(), max_length=6)
    camera: CameraSettings = CameraSettings()
    vision: VisionSettings = VisionSettings()
    recognition: RecognitionSettings = RecognitionSettings()
    visit: VisitSettings = VisitSettings()
    pointer: PointerSettings = PointerSettings()
    screen: ScreenSettings = ScreenSettings()
    voice: VoiceSettings = VoiceSettings()
    reader: ReaderSettings = ReaderSettings()
    printer: PrinterSettings = PrinterSettings()
    ticket: TicketSettings = TicketSettings()
    store: StoreSettings = StoreSettings()
    sync: SyncSettings = SyncSettings()
    health: HealthSettings = HealthSettings()
    privacy: PrivacySettings = PrivacySettings()

    def field(self, name: str) -> FieldOfBusiness:
        """The field with the id ``name``. Raises :class:`ConfigError` ``no_such_field``."""
        return _named(self.fields, name, "no_such_field")

    def priority(self, name: str) -> PriorityClass | None:
        """The priority class with the id ``name``, ``None`` for the empty one: the ordinary
        series. Raises :class:`ConfigError` ``no_such_priority``."""
        return _named(self.priorities, name, "no_such_priority") if name else None

    @model_validator(mode="after")
    def _distinct(self) -> Settings:
        _refuse_doubles("fields share the same id", [field.id for field in self.fields])
        _refuse_doubles("fields share the same prefix", [field.prefix for field in self.fields])
        _refuse_doubles("priorities share the same id", [one.id for one in self.priorities])
        marks = ["", *(one.mark for one in self.priorities)]
        _refuse_doubles(
            "series of numbers begin with the same letters",
            [field.prefix + mark for field in self.fields for mark in marks],
        )
        return self

    @model_validator(mode="after")
    def _every_kiosk_has_a_share(self) -> Settings:
        for field in self.fields:
            if field.daily_limit is not None and field.daily_limit < self.office.lanes:
                raise ValueError(
                    f"field {field.id}: a daily_limit of {field.daily_limit} leaves nothing for "
                    f"some of the {self.office.lanes} kiosks"
                )
        return self


_Named = TypeVar("_Named", FieldOfBusiness, PriorityClass)


def _named(among: tuple[_Named, ...], name: str, key: str) -> _Named:
    for each in among:
        if each.id == name:
            return each
    raise ConfigError(key, id=name, known=", ".join(each.id for each in among) or "–")


def _refuse_doubles(what: str, values: list[str]) -> None:
    doubled = sorted({value for value in values if values.count(value) > 1})
    if doubled:
        raise ValueError(f"two {what}: {', '.join(doubled)}")


def load(path: Path) -> Settings:
    """Read ``path``; relative paths inside it are relative to its folder.

    Raises :class:`ConfigError` naming the file, the key and the line.
    """
    try:
        source = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError("config_unreadable", file=path, reason=error.strerror) from error
    except UnicodeDecodeError as error:
        raise ConfigError("config_unreadable", file=path, reason="not UTF-8 text") from error
    try:
        tables = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError("config_syntax", file=path, reason=error) from error
    try:
        settings = Settings.model_validate(tables)
    except ValidationError as error:
        raise fault_in_words(path, source, error, Settings) from error
    return _anchored(settings, path.resolve().parent)


def safest(settings: Settings) -> Settings:
    """``settings`` with as little as a kiosk needs to give tickets: what is left out has the most
    ways to keep it from starting."""
    return settings.model_copy(
        update={
            "camera": settings.camera.model_copy(update={"source": "none"}),
            "recognition": settings.recognition.model_copy(update={"enabled": False}),
            "voice": settings.voice.model_copy(update={"enabled": False}),
        }
    )


def find() -> Path:
    """The file to use when none is named: ``$KIOSK_CONFIG``, ``/etc/kiosk/config.toml`` or the
    one beside the package."""
    named = os.environ.get("KIOSK_CONFIG")
    if named:
        return Path(named)
    installed = Path("/etc/kiosk/config.toml")
    return installed if installed.exists() else Path(__file__).parent.parent / "config.toml"


def _anchored(settings: Settings, folder: Path) -> Settings:
    """With every path made absolute: a relative one starts at ``folder``."""
    sections = {name: value for name, value in settings if isinstance(value, Section)}
    return settings.model_copy(
        update={
            name: section.model_copy(
                update={key: folder / value for key, value in section if isinstance(value, Path)}
            )
            for name, section in sections.items()
        }
    )
