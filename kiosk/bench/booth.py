"""A kiosk before which simulated people stand: pictures, models, pointer and visit, all real.

Only the people are drawn: a portrait, rendered hands, a background. Each picture goes through the
vision pipeline, the aim and the visit exactly as a camera's would.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import cv2
import numpy as np

from kiosk import perception
from kiosk.attendant import policy_of
from kiosk.bench.idling import Held
from kiosk.config import Settings
from kiosk.ui.aim import Aim
from kiosk.ui.pointer import Pointing, Target
from kiosk.ui.reach import interaction_box, to_stage
from kiosk.vision.camera import Frame, Image
from kiosk.vision.cutouts import Layer, Skin, hand_layer, portrait_layer
from kiosk.vision.litert import Models
from kiosk.vision.percepts import Box, Handedness, Percept, Point
from kiosk.vision.pipeline import Pipeline
from kiosk.vision.replay import Grain
from kiosk.vision.scene import SHIPPED, Pose
from kiosk.visit.events import Picked
from kiosk.visit.machine import step
from kiosk.visit.state import Phase, Visit

Background = Literal["wall", "window", "shelves"]
Orientation = Literal["portrait", "landscape"]
LARGEST_FACE = 190.0
_SHOULDER = 1.0
"""Below the middle of the face, in face widths: an arm that hangs ends there."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What can be pointed at on a page, in stage pixels."""

    stage: tuple[float, float]
    targets: tuple[Target, ...]

    def place(self, option: str) -> tuple[str, Point, Point]:
        """An option's middle and size, as shares of the stage."""
        target = next(target for target in self.targets if target.id == option)
        x, y, width, height = target.rect
        across, down = self.stage
        middle = ((x + width / 2) / across, (y + height / 2) / down)
        return option, middle, (width / across, height / down)


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody before the camera: the middle of the face in shares of the picture, and its width
    in pixels of a picture of 720 lines."""

    x: float = 0.5
    y: float = 0.42
    face: float = 100.0
    portrait: str = "astronaut"

    def box(self, size: tuple[int, int]) -> Box:
        """The face in a picture of that size."""
        width = self.face * size[1] / 720
        x, y = self.x * size[0], self.y * size[1]
        return x - width / 2, y - width / 2, width, width


@dataclass(frozen=True, slots=True)
class Drawn:
    """A hand to draw: the tip in picture pixels."""

    tip: Point
    pose: Pose
    side: Handedness
    length: float
    skin: Skin = "light"
    lean: float = 0.0
    phone: bool = False
    hangs_from: float | None = None


class Canvas:
    """Draws pictures of one place."""

    def __init__(self, size: tuple[int, int], background: Background, noise: float) -> None:
        self.size = size
        self._wall = _background(size, background)
        self._grain = _grain(*size, noise)

    def picture(self, number: int, people: Sequence[tuple[Standing, Sequence[Drawn]]]) -> Image:
        """Picture ``number`` of these people and their hands, the farthest first."""
        picture = self._wall.copy()
        for standing, hands in people:
            x, y, width, _ = standing.box(self.size)
            _portrait(standing.portrait).draw(picture, (x + width / 2, y + width / 2), width)
            for hand in hands:
                _draw_hand(picture, hand)
        return self._grain.on(picture, number)


class Booth:
    """The kiosk from a picture to what is chosen."""

    def __init__(self, settings: Settings, models: Models, layout: Layout) -> None:
        self.layout = layout
        self._settings, self._policy = settings, policy_of(settings)
        self._pipeline = Pipeline(settings, models)
        self._aim = Aim(settings.pointer)
        self.visit = Visit()
        self.percept: Percept | None = None

    def look(self, picture: Image, at: float) -> tuple[Pointing, str | None]:
        """What the hand does, and the option that the visit took from it, if any."""
        self.percept = self._pipeline.look(Frame(picture, at))
        shared = self.visit.shared(at)
        layout = self.layout
        pointing = self._aim.update(at, self.percept, layout.stage, layout.targets, shared=shared)
        seen = perception.seen(self.percept, at, self._settings, pointing.hand)
        self.visit, _ = step(self.visit, seen, self._policy)
        if pointing.picked is None:
            return pointing, None
        before = self.visit
        option, way = pointing.picked
        self.visit, _ = step(before, Picked(at, option, way), self._policy)
        taken = self.visit != before
        if taken:  # on with the same page: only the choice is measured
            self.visit, _ = step(Visit(), seen, self._policy)
        return pointing, option if taken else None

    @property
    def begun(self) -> bool:
        """Somebody is near enough to choose."""
        return self.visit.phase is Phase.CHOOSE


def at_screen(
    place: Point, standing: Standing, side: Handedness, settings: Settings, size: tuple[int, int]
) -> Point:
    """Where in the picture the fingertip must be to point at ``place`` of the screen."""
    box = interaction_box(standing.box(size), side, settings.pointer.box_faces, size)
    x, y, width, height = box
    return x + (1 - place[0]) * width, y + place[1] * height


def on_stage(
    tip: Point,
    standing: Standing,
    side: Handedness,
    settings: Settings,
    layout: Layout,
    size: tuple[int, int],
) -> Point:
    """Where on the stage a fingertip in the picture truly points."""
    box = interaction_box(standing.box(size), side, settings.pointer.box_faces, size)
    return to_stage(tip, box, layout.stage)


def idle_hand(
    held: Held, standing: Standing, side: Handedness, skin: Skin, size: tuple[int, int]
) -> Drawn:
    """A hand that chooses nothing, beside the face it belongs to."""
    x, y, width, _ = standing.box(size)
    mirror = -1 if side == "left" else 1
    tip = (x + width / 2 + mirror * held.tip[0] * width, y + width / 2 + held.tip[1] * width)
    hangs = y + width / 2 + _SHOULDER * width if abs(held.lean) > 90 else None
    lean = mirror * held.lean
    return Drawn(tip, held.pose, side, 1.5 * width, skin, lean, held.phone, hangs)


def _draw_hand(picture: Image, hand: Drawn) -> None:
    top = 0 if hand.hangs_from is None else max(0, round(hand.hangs_from))
    view = picture[top:]
    x, y = hand.tip[0], hand.tip[1] - top
    if hand.phone:
        half = 0.24 * hand.length
        corners = (
            (round(x - half), round(y - 0.55 * hand.length)),
            (round(x + half), round(y + 0.45 * hand.length)),
        )
        cv2.rectangle(view, *corners, (32, 32, 36), -1, cv2.LINE_AA)
    hand_layer(hand.pose, hand.side, hand.skin).draw(view, (x, y), hand.length, hand.lean)


@cache
def _portrait(name: str) -> Layer:
    return portrait_layer(SHIPPED / "portraits" / f"{name}.toml", LARGEST_FACE)


@cache
def _grain(width: int, height: int, noise: float) -> Grain:
    return Grain(width, height, noise, seed=1)


@cache
def _background(size: tuple[int, int], background: Background) -> Image:
    width, height = size
    rows = np.linspace((195, 201, 198), (142, 152, 149), height)[:, None]
    picture = np.ascontiguousarray(np.broadcast_to(rows, (height, width, 3)).astype(np.uint8))
    if background == "window":
        cv2.rectangle(picture, (width // 8, 0), (width // 2, height * 3 // 4), (252, 253, 250), -1)
        cv2.rectangle(
            picture,
            (width * 5 // 16 - 6, 0),
            (width * 5 // 16 + 6, height * 3 // 4),
            (120, 118, 110),
            -1,
        )
    if background == "shelves":
        rng = np.random.default_rng(3)
        for top in range(0, height, height // 6):
            left = 0
            while left < width:
                thick = int(rng.integers(12, 44))
                colour = tuple(int(c) for c in rng.integers(40, 220, 3))
                low = top + int(rng.integers(0, 30))
                corners = (left, low), (left + thick - 3, top + height // 6 - 12)
                cv2.rectangle(picture, *corners, colour, -1)
                left += thick
            cv2.rectangle(
                picture, (0, top + height // 6 - 12), (width, top + height // 6), (96, 72, 50), -1
            )
    return picture
