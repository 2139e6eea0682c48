"""What the kiosk and its vision process say to each other, over one pipe."""

from __future__ import annotations

from dataclasses import dataclass, field

from kiosk.errors import KioskError
from kiosk.vision.calibration import ImpostorTail
from kiosk.vision.percepts import Enrolment, Percept

# ── to the vision process ─────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class SetGallery:
    """Compare faces with the templates in shared memory ``name``, which has room for
    ``capacity`` of ``dimensions`` numbers each: row *i* is citizen ``owners[i]``'s, or erased."""

    name: str
    capacity: int
    dimensions: int
    owners: tuple[str | None, ...]
    tail: ImpostorTail


@dataclass(frozen=True, slots=True)
class Join:
    """The next row of the gallery is written: it is this citizen's."""

    citizen_id: str


@dataclass(frozen=True, slots=True)
class Forget:
    """This citizen's templates are erased."""

    citizen_id: str


@dataclass(frozen=True, slots=True)
class LookForCard:
    """Start or stop looking for barcodes."""

    on: bool


@dataclass(frozen=True, slots=True)
class StartEnrolment:
    """Collect a template of one track. Only ever with consent."""

    track_id: int
    portrait: bytes = field(default=b"", repr=False)
    """The picture on the holder's chip (JPEG or JPEG 2000): is it the same face?"""


@dataclass(frozen=True, slots=True)
class Next:
    """A percept was dealt with: another may be sent."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Close the camera and exit."""


Command = SetGallery | Join | Forget | LookForCard | StartEnrolment | Next | Stop

# ── from the vision process ───────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Ready:
    """The models are loaded. ``versions`` names what runs them; ``model_id`` whose templates
    can be compared (``None``: recognition is off)."""

    versions: dict[str, str]
    model_id: str | None


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The loop turns, although there is nothing to say."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A frame was looked at; its picture is in slot ``slot`` of the ring as ``sequence``."""

    percept: Percept
    slot: int
    sequence: int


@dataclass(frozen=True, slots=True)
class EnrolmentReady:
    """The template that was asked for."""

    enrolment: Enrolment


@dataclass(frozen=True, slots=True)
class Trouble:
    """There is no camera, or no model: an error's key and fields. It is tried again."""

    key: str
    fields: dict[str, str]

    @classmethod
    def of(cls, error: KioskError) -> Trouble:
        """The message that carries ``error``."""
        return cls(error.key, {name: str(value) for name, value in error.fields.items()})


@dataclass(frozen=True, slots=True)
class SceneEnded:
    """The file or the scene is over; the process exits."""


Message = Ready | Heartbeat | Seen | EnrolmentReady | Trouble | SceneEnded
