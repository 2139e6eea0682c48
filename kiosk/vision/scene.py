"""A scripted scene for the replay camera: who stands where, which hand points where, and when.

A scene is a TOML file (``docs/replay.md``). Everything moves along *paths* of keyframes: what a
keyframe leaves out stays as it was, and between two keyframes values ease from one to the next.
All coordinates are those of the camera's picture, not mirrored, as in
:mod:`kiosk.vision.percepts`: a person's right hand is to the left of their face.
"""

from __future__ import annotations

import tomllib
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PositiveFloat,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails

from kiosk.errors import CameraError

SHIPPED = Path(__file__).parent / "scenes"

Colour = Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$")]
Pose = Literal[
    "open", "point", "fist", "one", "two", "three", "four", "five", "back", "edge", "grip"
]
Level = Annotated[float, Field(ge=0, le=2)]


class Part(BaseModel):
    """A table of a scene: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Keyframe(Part):
    """Values at one moment."""

    at: float = Field(ge=0)
    """Seconds since the scene began."""


class Stand(Keyframe):
    """Where a person's face is."""

    x: float
    """Centre of the face, share of the frame's width; outside 0 … 1 is out of the picture."""
    y: float
    """Centre of the face, share of the frame's height."""
    face: PositiveFloat
    """Width of the face as the face detector measures it, pixels of the frame."""


class Gesture(Keyframe):
    """What a hand does."""

    pose: Pose
    tip: tuple[float, float]
    """Tip of the index finger, in face widths right of and below the centre of the face."""


class Light(Keyframe):
    """How the picture is lit."""

    level: Level = 1.0
    """1 as photographed, 0 black."""
    tint: tuple[Level, Level, Level] = (1.0, 1.0, 1.0)
    """Factors of red, green and blue."""


def _filled(path: object) -> object:
    """Raw keyframes with what each leaves out taken from the one before."""
    if not isinstance(path, list) or not all(isinstance(k, dict) for k in path):
        return path
    keyframes = cast("list[dict[str, object]]", path)
    return list(accumulate(keyframes, lambda before, said: before | said))


def _ascending(path: tuple[KeyframeT, ...]) -> tuple[KeyframeT, ...]:
    for before, after in pairwise(path):
        if after.at <= before.at:
            raise ValueError(f"keyframe at {after.at:g} s follows one at {before.at:g} s")
    return path


KeyframeT = TypeVar("KeyframeT", bound=Keyframe)
Track = Annotated[
    tuple[KeyframeT, ...],
    Field(min_length=1),
    AfterValidator(_ascending),
    BeforeValidator(_filled),
]


class Person(Part):
    """Somebody in the scene, in the picture from the first keyframe to the last."""

    name: str = Field(min_length=1)
    portrait: Path
    """A portrait file, relative to the scene's folder."""
    path: Track[Stand]


class Hand(Part):
    """A hand that somebody raises, in the picture from the first keyframe to the last."""

    person: str
    side: Literal["left", "right"] = "right"
    """The person's own."""
    length: PositiveFloat = 1.5
    """From the wrist to the tip of the middle finger, in face widths."""
    path: Track[Gesture]


class Card(Part):
    """A card with a QR code that is held up to the camera."""

    text: str = Field(min_length=1, max_length=1000, repr=False)
    start: float = Field(ge=0)
    end: float
    x: float = 0.5
    """Centre of the card, share of the frame's width."""
    y: float = 0.72
    """Centre of the card, share of the frame's height."""
    module: int = Field(5, ge=1, le=20)
    """Pixels per module of the code; decoders need 3 and more."""

    @model_validator(mode="after")
    def _ends_after_start(self) -> Self:
        if self.end <= self.start:
            raise ValueError("end must come after start")
        return self


class Scene(Part):
    """A whole scene."""

    duration: PositiveFloat
    """Seconds."""
    width: int = Field(1280, ge=160, le=3840)
    height: int = Field(720, ge=120, le=2160)
    fps: float = Field(15, gt=0, le=60)
    wall: tuple[Colour, Colour] = ("#C3C9C6", "#8E9895")
    """Colours of the background, top and bottom."""
    noise: float = Field(2.0, ge=0, le=40)
    """Standard deviation of the sensor's noise, grey levels of 255."""
    seed: int = 1
    """Of the noise."""
    light: Track[Light] = (Light(at=0),)
    person: tuple[Person, ...] = ()
    hand: tuple[Hand, ...] = ()
    card: tuple[Card, ...] = ()

    @model_validator(mode="after")
    def _people_exist(self) -> Self:
        names = [person.name for person in self.person]
        if len(set(names)) < len(names):
            raise ValueError("two people have the same name")
        for hand in self.hand:
            if hand.person not in names:
                raise ValueError(f"a hand belongs to {hand.person!r}, who is not in the scene")
        return self

    @property
    def frames(self) -> int:
        """Number of frames."""
        return round(self.duration * self.fps)


class Portrait(Part):
    """A photograph of somebody, and where they are in it."""

    photo: str
    """``skimage:NAME``, ``media:PATH`` (below ``$KIOSK_MEDIA``, or ``.cache/media``), or a file
    relative to the portrait's folder."""
    face: tuple[float, float, PositiveFloat]
    """Centre (x, y) and width of the face as the face detector measures it, photo pixels."""
    outline: tuple[tuple[float, float], ...] = ()
    """Polygon round the person, photo pixels; empty: the whole photograph is shown."""


def value_at(path: Sequence[KeyframeT], at: float) -> KeyframeT | None:
    """Where ``path`` is at a time: numbers ease (smoothstep), other values are those of the
    keyframe before. ``None`` outside the path."""
    if not path[0].at <= at <= path[-1].at:
        return None
    index = bisect_right(path, at, key=lambda keyframe: keyframe.at) - 1
    here, there = path[index], path[min(index + 1, len(path) - 1)]
    share = (at - here.at) / (there.at - here.at) if there is not here else 0.0
    eased = share * share * (3 - 2 * share)
    mixed = {name: _mixed(getattr(here, name), getattr(there, name), eased) for name, _ in here}
    return here.model_copy(update=mixed)


def _mixed(here: Any, there: Any, share: float) -> Any:
    if isinstance(here, tuple):
        return tuple(_mixed(a, b, share) for a, b in zip(here, there, strict=True))
    return here + (there - here) * share if isinstance(here, float) else here


def scene_path(name: str, folder: Path) -> Path:
    """The file of a scene: a name without ``.toml`` is one of those shipped with the product."""
    return folder / name if name.endswith(".toml") else SHIPPED / f"{name}.toml"


def load_scene(path: Path) -> Scene:
    """Read a scene. Raises :class:`CameraError` naming the file and the key."""
    return _load(path, Scene)


def load_portrait(path: Path) -> Portrait:
    """Read a portrait. Raises :class:`CameraError` naming the file and the key."""
    return _load(path, Portrait)


PartT = TypeVar("PartT", bound=Part)


def _load(path: Path, kind: type[PartT]) -> PartT:
    try:
        return kind.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise CameraError("scene_unreadable", file=path, reason=error.strerror) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CameraError("scene_unreadable", file=path, reason=error) from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        reason = first["msg"].removeprefix("Value error, ")
        raise CameraError(
            "scene_value", file=path, key=_dotted(first) or "scene", reason=reason
        ) from error


def _dotted(error: ErrorDetails) -> str:
    """``person[2].path[1].x``: positions count from one."""
    return ".".join(
        f"[{part + 1}]" if isinstance(part, int) else part for part in error["loc"]
    ).replace(".[", "[")
