"""From a hand in the camera's picture to a point on the stage.

The stage is the screen in design pixels (1080 wide in portrait, 1920 in landscape, whatever
the window's real size), origin top left. The picture is not mirrored, the stage is: the
pointer goes the way the person sees their own hand go in the preview.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import dist

from kiosk.config import PointerSettings
from kiosk.vision.percepts import Box, FacePercept, Handedness, HandPercept, Percept, Point

INNER = 0.2
"""The box begins so many face widths beside the middle of the face: an arm hangs from the
shoulder, not from the chin."""

BELOW = 0.3
"""The box begins so many face widths below the middle of the face, about at the mouth: higher,
and the arm tires and the hand hides the face."""

PALM = 0.8
"""Room kept for the palm under the lowest fingertip, in face widths: a hand cut off by the edge
of the picture is not found."""

OUTSIDE = 0.35
"""A hand farther outside its box than this share of the box belongs to nobody we serve."""


@dataclass(frozen=True, slots=True)
class Hand:
    """The hand that points: its fingertip in stage pixels and its raised fingers."""

    tip: Point
    fingers: int


class Reach:
    """Follows the subject's pointing hand from frame to frame.

    A hand keeps the side it was first seen on until it is gone for ``lost_s``: handedness now
    and then flips for a frame, and the pointer must not jump across the screen with it.
    """

    def __init__(self, settings: PointerSettings) -> None:
        self._settings = settings
        self._side: Handedness | None = None
        self._tip: Point | None = None
        self._seen_at = float("-inf")

    def follow(self, percept: Percept, stage: tuple[float, float]) -> Hand | None:
        """The subject's hand in ``percept``, or ``None``: no subject, or no hand within reach."""
        face = percept.subject_face()
        if face is None:
            return None
        if percept.at - self._seen_at > self._settings.lost_s:
            self._side = self._tip = None
        reached = [
            (hand, unit)
            for hand in percept.hands
            if _within(unit := self._unit(hand, face, percept.size))
        ]
        if not reached:
            return None
        hand, unit = min(reached, key=lambda candidate: self._rank(candidate[0]))
        self._side = self._side or hand.handedness
        self._tip, self._seen_at = hand.pointer, percept.at
        return Hand((_clamped(unit[0]) * stage[0], _clamped(unit[1]) * stage[1]), hand.fingers)

    def _unit(self, hand: HandPercept, face: FacePercept, size: tuple[int, int]) -> Point:
        side = self._side or hand.handedness
        box = interaction_box(face.box, side, self._settings.box_faces, size)
        return to_unit(hand.pointer, box)

    def _rank(self, hand: HandPercept) -> float:
        """The hand followed so far; at first, the one held highest."""
        return hand.pointer[1] if self._tip is None else dist(hand.pointer, self._tip)


def interaction_box(
    face: Box, side: Handedness, box_faces: tuple[float, float], picture: tuple[int, int]
) -> Box:
    """Where the fingertip of the ``side`` hand covers the whole screen, in picture pixels.

    It hangs beside and below the face and grows with it, so that a child, a person in a
    wheelchair and a tall man all reach every tile with the same movement of the arm. It is
    pushed back inside the square in the middle of the picture where hands are looked for.
    """
    x, y, width, height = face
    box_width, box_height = (faces * width for faces in box_faces)
    middle, inner = x + width / 2, INNER * width
    left = middle - inner - box_width if side == "right" else middle + inner
    top = y + height / 2 + BELOW * width
    first, last = _square(picture)
    left = max(first, min(left, last - box_width))
    top = max(0.0, min(top, picture[1] - PALM * width - box_height))
    return left, top, box_width, box_height


def to_unit(point: Point, box: Box) -> Point:
    """``point`` in the unit square of ``box``, mirrored: x = 0 is the screen's left edge."""
    x, y, width, height = box
    return 1 - (point[0] - x) / width, (point[1] - y) / height


def _square(picture: tuple[int, int]) -> tuple[float, float]:
    width, height = picture
    spare = max(0.0, (width - height) / 2)
    return spare, width - spare


def _within(unit: Point) -> bool:
    return all(-OUTSIDE <= value <= 1 + OUTSIDE for value in unit)


def _clamped(value: float) -> float:
    return max(0.0, min(1.0, value))
