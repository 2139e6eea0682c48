"""Whether somebody raises a hand on purpose. Pure: time is an argument.

Before anything in the air can be chosen, a hand must be *shown*: upright, its palm towards the
camera, at least one finger stretched, beside the face on its own side, off the face, of a size
that fits the face, and held so for a moment. From then on it is *engaged*: any pose points,
until the hand is lowered or gone. A hand at rest, one that scratches a head, holds a telephone
or belongs to somebody else shows at least one of these otherwise, and a hand that passes by
does not stay.

The limits lie in the gaps between photographs of hands held up (105 at a webcam, 20 at two to
three metres) and of hands that were not: ``docs/touchless.md``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from kiosk.config import PointerSettings
from kiosk.ui.reach import interaction_box, to_unit
from kiosk.vision.percepts import Box, FacePercept, Handedness, HandPercept, Percept, Point
from kiosk.visit.events import HandState

LOWERED_S = 0.7
"""A hand gone so long was lowered; gone for less it was only lost."""

UPRIGHT = math.radians(50)
"""How far a raised hand leans from the vertical; photographed ones up to 47°."""

FACING = 0.3
"""Twice the area of the triangle wrist, knuckle of the index and of the little finger, in palm
lengths squared: positive for a palm, negative for the back of a hand. Photographed palms:
0.35 … 0.8; backs and sides of hands below 0."""

STRETCHED = 1.15
"""A stretched finger's tip is so many times farther from the wrist than its middle joint, in the
picture: a finger that points at the camera is not stretched upwards."""

SIZES = (0.40, 1.4)
"""Least and largest palm, in face widths: photographed 0.42 … 0.7 at two metres, up to 1.0 at a
webcam, more with an arm stretched out; below it is somebody behind."""

FACE = 0.6
"""Half the width of the ellipse that a raised palm keeps out of, in face widths; its height is a
quarter more."""

BRUSHED = 0.4
"""The same of the ellipse that the middle finger's tip keeps out of."""

OUTSIDE = 0.6
"""A hand farther outside its box than this share of the box does not point: whoever reaches too
far for a tile at the edge sees the pointer wait there."""

ASIDE = 0.15
"""The same of a hand that is being raised: farther out there are other people's."""

ABOVE = 1.2
"""But so far above it: people raise a hand as high as their head, and then see the pointer."""

FASTEST = 3.0
"""Face widths a second (about half a metre): a faster hand waves or passes by."""

JUMP = 1.0
"""An engaged hand may be found again so many face widths away, and farther the longer it was
out of sight; beyond that is another hand."""

NEARER = 1.2
"""A hand whose palm is so many times longer than that of the engaged one is nearer: the engaged
one is somebody's behind."""

HIDDEN_S = 1.0
"""How long the subject's face may be hidden, by their own hand for one."""

_WRIST, _MIDDLE_KNUCKLE, _MIDDLE_TIP = 0, 9, 12
_INDEX_KNUCKLE, _LITTLE_KNUCKLE = 5, 17
_MIDDLE_JOINTS, _TIPS = (6, 10, 14, 18), (8, 12, 16, 20)


@dataclass(frozen=True, slots=True)
class Grip:
    """What the subject's hand does."""

    state: HandState = "none"
    progress: float = 0.0
    """0 … 1 of the time a hand must be shown."""
    hand: HandPercept | None = None
    """The hand that points: only while engaged and seen."""
    side: Handedness = "right"
    """The side it was on when it was raised: handedness now and then flips for a frame."""
    face: Box | None = None
    """The face it belongs to."""


class Engagement:
    """Watches the subject's hands, one :meth:`update` for each frame looked at."""

    def __init__(self, settings: PointerSettings) -> None:
        self._settings = settings
        self._subject: int | None = None
        self._face: Box | None = None
        self._face_at = -math.inf
        self._at = 0.0
        self._hand: HandPercept | None = None
        self._hand_at = -math.inf
        self._side: Handedness = "right"
        self._shown_s = 0.0
        self._rival_s = 0.0
        self._engaged = False

    def update(self, at: float, percept: Percept) -> Grip:
        """The hand of the subject of ``percept`` at ``at`` (seconds, never going back)."""
        elapsed = min(max(0.0, at - self._at), self._settings.lost_s)
        self._at = at
        if percept.subject != self._subject:
            self._lower()
            self._subject, self._face = percept.subject, None
        face = self._face_in(at, percept)
        if face is None:
            return self._missed(at, elapsed, "none")
        if self._engaged:
            return self._follow(at, elapsed, percept, face)
        return self._await(at, elapsed, percept, face)

    def _face_in(self, at: float, percept: Percept) -> Box | None:
        face: FacePercept | None = percept.subject_face()
        if face is not None:
            self._face, self._face_at = face.box, at
        elif at - self._face_at > HIDDEN_S:
            self._face = None
        return self._face

    def _lower(self) -> None:
        self._hand, self._engaged = None, False
        self._shown_s = self._rival_s = 0.0

    def _missed(self, at: float, elapsed: float, seen: HandState) -> Grip:
        """No hand is raised; ``seen`` says what there is instead."""
        if self._engaged and at - self._hand_at <= LOWERED_S:
            return Grip("lost" if seen == "none" else seen, 1.0, None, self._side, self._face)
        if self._engaged or at - self._hand_at > LOWERED_S:
            self._lower()
        self._shown_s = max(0.0, self._shown_s - elapsed)
        return Grip(seen, self._progress(), face=self._face)

    def _progress(self) -> float:
        return min(1.0, self._shown_s / self._settings.engage_s + 1e-6)

    # ── not engaged yet ───────────────────────────────────────────────────────────────────────

    def _await(self, at: float, elapsed: float, percept: Percept, face: Box) -> Grip:
        looks = [(self._looks(hand, face, percept.size), hand) for hand in percept.hands]
        raised = [hand for state, hand in looks if state == "raising"]
        if not raised:
            closed = any(state == "closed" for state, _ in looks)
            return self._missed(at, elapsed, "closed" if closed else "low" if looks else "none")
        hand = min(raised, key=self._rank)
        stays = self._moved(hand, face) <= FASTEST * max(at - self._hand_at, 1e-3)
        self._shown_s = self._shown_s + elapsed if stays else 0.0
        self._hand, self._hand_at, self._side = hand, at, hand.handedness
        if self._progress() < 1:
            return Grip("raising", self._progress(), face=face)
        self._engaged = True
        return Grip("engaged", 1.0, hand, self._side, face)

    def _looks(self, hand: HandPercept, face: Box, size: tuple[int, int]) -> HandState:
        box = interaction_box(face, hand.handedness, self._settings.box_faces, size)
        within = _is_within(hand.pointer, box, ASIDE)
        if not (within and _is_upright(hand) and _fits(hand, face)):
            return "low"
        if _is_on_face(hand, face):
            return "low"
        return "raising" if _is_facing(hand) and _is_stretched(hand) else "closed"

    def _rank(self, hand: HandPercept) -> float:
        """The hand watched so far; at first, the one held highest."""
        return hand.pointer[1] if self._hand is None else math.dist(_palm(hand), _palm(self._hand))

    def _moved(self, hand: HandPercept, face: Box) -> float:
        """How far from the hand seen before, in face widths."""
        return math.dist(_palm(hand), _palm(self._hand)) / face[2] if self._hand else math.inf

    # ── engaged ───────────────────────────────────────────────────────────────────────────────

    def _follow(self, at: float, elapsed: float, percept: Percept, face: Box) -> Grip:
        nearer = self._nearer(elapsed, percept, face)
        if nearer is not None:
            self._hand, self._hand_at, self._side = nearer, at, nearer.handedness
            return Grip("engaged", 1.0, nearer, self._side, face)
        box = interaction_box(face, self._side, self._settings.box_faces, percept.size)
        pointing = [
            hand
            for hand in percept.hands
            if _is_within(hand.pointer, box, OUTSIDE)
            and not _is_hanging(hand)
            and self._moved(hand, face) <= JUMP + 2 * FASTEST * (at - self._hand_at)
        ]
        if not pointing:
            return self._missed(at, elapsed, "low" if percept.hands else "none")
        hand = min(pointing, key=self._rank)
        self._hand, self._hand_at = hand, at
        return Grip("engaged", 1.0, hand, self._side, face)

    def _nearer(self, elapsed: float, percept: Percept, face: Box) -> HandPercept | None:
        """A hand that is shown for long enough nearer to the camera than the engaged one."""
        least = NEARER * _palm_length(self._hand) if self._hand else math.inf
        shown = [
            hand
            for hand in percept.hands
            if _palm_length(hand) >= least
            and self._moved(hand, face) > JUMP / 2
            and self._looks(hand, face, percept.size) == "raising"
        ]
        self._rival_s = self._rival_s + elapsed if shown else 0.0
        if self._rival_s < self._settings.engage_s:
            return None
        self._rival_s = 0.0
        return max(shown, key=_palm_length)


# ── one hand in one frame ─────────────────────────────────────────────────────────────────────


def _is_within(tip: Point, box: Box, aside: float) -> bool:
    across, down = to_unit(tip, box)
    return -aside <= across <= 1 + aside and -ABOVE <= down <= 1 + OUTSIDE


def _palm(hand: HandPercept) -> Point:
    (ax, ay), (bx, by) = hand.landmarks[_WRIST], hand.landmarks[_MIDDLE_KNUCKLE]
    return (ax + bx) / 2, (ay + by) / 2


def _palm_length(hand: HandPercept) -> float:
    return max(math.dist(hand.landmarks[_WRIST], hand.landmarks[_MIDDLE_KNUCKLE]), 1e-6)


def _lean(hand: HandPercept) -> float:
    """Radians from the vertical, 0 … π."""
    (ax, ay), (bx, by) = hand.landmarks[_WRIST], hand.landmarks[_MIDDLE_KNUCKLE]
    return abs(math.atan2(bx - ax, ay - by))


def _is_upright(hand: HandPercept) -> bool:
    return _lean(hand) <= UPRIGHT


def _is_hanging(hand: HandPercept) -> bool:
    return _lean(hand) > math.pi - UPRIGHT


def _fits(hand: HandPercept, face: Box) -> bool:
    return SIZES[0] <= _palm_length(hand) / face[2] <= SIZES[1]


def _is_on_face(hand: HandPercept, face: Box) -> bool:
    return _is_in(_palm(hand), face, FACE) or _is_in(hand.landmarks[_MIDDLE_TIP], face, BRUSHED)


def _is_in(point: Point, face: Box, half: float) -> bool:
    x, y, width, height = face
    across = (point[0] - x - width / 2) / (half * width)
    down = (point[1] - y - height / 2) / (1.25 * half * width)
    return math.hypot(across, down) < 1


def _is_facing(hand: HandPercept) -> bool:
    (ox, oy), (ix, iy), (lx, ly) = (
        hand.landmarks[each] for each in (_WRIST, _INDEX_KNUCKLE, _LITTLE_KNUCKLE)
    )
    turn = (ix - ox) * (ly - oy) - (iy - oy) * (lx - ox)
    turn *= -1 if hand.handedness == "right" else 1
    return turn / _palm_length(hand) ** 2 >= FACING


def _is_stretched(hand: HandPercept) -> bool:
    wrist = hand.landmarks[_WRIST]
    return any(
        math.dist(hand.landmarks[tip], wrist) > STRETCHED * math.dist(hand.landmarks[joint], wrist)
        for joint, tip in zip(_MIDDLE_JOINTS, _TIPS, strict=True)
    )
