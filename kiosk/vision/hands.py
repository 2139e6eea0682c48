"""Hands: the palm detector finds them, the landmark model lays 21 points on one.

Constants are those of MediaPipe 0.10.18 (``palm_detection_detection_to_roi``,
``hand_landmark_landmarks_to_roi``, ``hand_landmarks_to_rect_calculator``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.camera import Image
from kiosk.vision.litert import Models
from kiosk.vision.percepts import Box
from kiosk.vision.region import Region, around, central_square, overlap, square_about
from kiosk.vision.ssd import Ssd, scaled

WRIST, INDEX_TIP = 0, 8
_INDEX_MCP, _MIDDLE_MCP, _RING_MCP = 5, 9, 13
_STEADY = (0, 1, 2, 3, 5, 6, 9, 10, 13, 14, 17, 18)
"""Landmarks that stay put when fingers bend: wrist, thumb, knuckles and first joints."""

_PALM_WRIST, _PALM_MIDDLE_MCP = 0, 2
_LANDMARKS, _PRESENCE, _HANDEDNESS = "Identity", "Identity_1", "Identity_2"
_ISOTROPIC = np.array((1, 1, 1 / 0.4), np.float32)
"""MediaPipe's ``normalize_z``: brings depth to about the scale of x and y."""

_MOST_HANDS = 2
_STILL_PRESENCE = 0.5
_SOUGHT = 6
"""Frames in which a hand that was lost is looked for at once."""
_FASTEST = 0.5
"""Of the size of its region, as far as a hand moves in one frame."""
_REACH, _BELOW = 6.4, 0.9
"""Side of the square in which a person's hands are, and how far its middle is below that of the
face, in widths of the face: the interaction box on both sides, and the hand around its tip."""
_CLAHE = cv2.createCLAHE(3.0, (8, 8))
"""Contrast-limited adaptive histogram equalisation (Zuiderveld, Graphics Gems IV, 1994)."""
_SAME_HAND, _SAME_PLACE = 0.5, 0.25
"""Regions overlapping by more than the first (intersection over union), or with their middles
nearer to each other than the second (a share of the smaller side), show one hand."""


@dataclass(frozen=True, slots=True)
class PalmDetection:
    """``keypoints`` (7, 2): wrist, knuckles of index, middle, ring and little finger, and two of
    the thumb, in image pixels; ``score`` 0.5 … 1."""

    box: Box
    keypoints: NDArray[np.float32]
    score: float

    def moved(self, right: float, down: float, scale: float = 1.0) -> PalmDetection:
        """The same palm in a picture of which the one it was found in is a part, ``right`` and
        ``down`` pixels from its edges and to be enlarged by ``scale``."""
        x, y, width, height = (scale * each for each in self.box)
        keypoints = self.keypoints * np.float32(scale) + np.array((right, down), np.float32)
        return PalmDetection((x + right, y + down, width, height), keypoints, self.score)


@dataclass(frozen=True, slots=True)
class Hand:
    """``landmarks`` (21, 3) in image pixels, depth relative to the wrist and negative towards
    the camera; ``presence`` 0 … 1 that the region showed a hand; ``right`` the probability that
    it is the person's right hand, in a picture that is not mirrored."""

    landmarks: NDArray[np.float32]
    presence: float
    right: float


class PalmDetector:
    """Palms, open or closed; the dearest of the models."""

    def __init__(self, models: Models) -> None:
        net = models.net("palm_detection")
        self._ssd = Ssd(net, (0, 1), boxes="Identity", scores="Identity_1")
        self._side = net.shape[0]

    def __call__(self, image: Image) -> list[PalmDetection]:
        """Palms in ``image`` (RGB, any size; give it the central square), best first."""
        return [PalmDetection(d.box, d.keypoints, d.score) for d in self._ssd(image)]

    def evened(self, image: Image) -> list[PalmDetection]:
        """The same in ``image`` (RGB, square) with its contrast evened out: a dark hand before
        dark clothes, or one against a window."""
        small = cv2.resize(image, (self._side, self._side), interpolation=cv2.INTER_AREA)
        light, red, blue = cv2.split(cv2.cvtColor(small, cv2.COLOR_RGB2LAB))
        evened = cv2.merge((_CLAHE.apply(light), red, blue))
        palms = self(cv2.cvtColor(evened, cv2.COLOR_LAB2RGB).astype(np.uint8, copy=False))
        return [palm.moved(0, 0, image.shape[0] / self._side) for palm in palms]


class HandLandmarker:
    """Landmarks of the one hand in a region."""

    def __init__(self, models: Models) -> None:
        self._net = models.net("hand_landmark")

    def __call__(self, image: Image, region: Region) -> Hand:
        """The hand in ``region`` of ``image`` (RGB, any size)."""
        side = self._net.shape[0]
        outputs = self._net(scaled(region.crop(image, side), (0, 1)))
        points = outputs[_LANDMARKS].reshape(21, 3) * _ISOTROPIC
        # The model calls hands as a mirror shows them: its "left" is the person's right.
        right = float(outputs[_HANDEDNESS].item())
        return Hand(region.to_image(points, side), float(outputs[_PRESENCE].item()), right)


class HandTracker:
    """Up to two hands, followed from frame to frame.

    A hand seen in one frame is looked for in the next where its movement has taken it, without
    the palm detector. That runs only when asked to, on every ``palm_every``-th frame, and for a
    few frames on each after a hand was lost; hands below ``presence`` are let go. It is shown
    what is within reach of the person, for the detector sees 192 pixels of whatever it is shown,
    every other time with its contrast evened out.
    """

    def __init__(self, models: Models, palm_every: int, presence: float) -> None:
        self._palms = PalmDetector(models)
        self._landmarker = HandLandmarker(models)
        self._palm_every, self._presence = palm_every, presence
        self._regions: list[Region] = []
        self._before: list[Region] = []
        self._lost = 0
        self._searches = 0

    def __call__(self, image: Image, frame_index: int, search: bool, face: Box) -> list[Hand]:
        """Hands in ``image`` (RGB, square), those followed longest first; new ones are looked
        for around ``face``."""
        hands = self._look(image, self._regions, ())
        self._lost = _SOUGHT if len(hands) < len(self._before) else max(0, self._lost - 1)
        due = search and frame_index % self._palm_every == 0
        if len(hands) < _MOST_HANDS and (due or self._lost):
            regions = [region_of_palm(palm) for palm in self._found(image, face)]
            hands = self._look(image, regions, hands)
            self._lost = 0 if len(hands) >= len(self._before) > 0 else self._lost
        here = [region_of_hand(hand) for hand in hands]
        self._regions = [_ahead(region, self._before) for region in here]
        self._before = here
        return hands

    def _found(self, image: Image, face: Box) -> list[PalmDetection]:
        x, y, width, height = face
        middle = (x + width / 2, y + height / 2 + _BELOW * width)
        left, top, side = square_about(middle, round(_REACH * width), image.shape[0])
        near = image[top : top + side, left : left + side]
        self._searches += 1
        palms = self._palms(near) if self._searches % 2 else self._palms.evened(near)
        return [palm.moved(left, top) for palm in palms]

    def reset(self) -> None:
        """Forget the hands followed, as when the camera or the subject changes."""
        self._regions, self._before, self._lost = [], [], 0

    def _look(self, image: Image, regions: list[Region], known: Sequence[Hand]) -> list[Hand]:
        return _look(self._landmarker, image, regions, self._presence, _MOST_HANDS, known)


def _ahead(region: Region, before: Sequence[Region]) -> Region:
    """Where a hand will be in the next frame if it goes on as it came from the nearest of those
    ``before``: an arm that moves across the picture crosses a hand's width in two frames."""
    came = min(before, key=lambda old: math.dist(_middle(old), _middle(region)), default=region)
    right, down = region.cx - came.cx, region.cy - came.cy
    if math.hypot(right, down) > _FASTEST * region.size:
        return region  # another hand
    return replace(region, cx=region.cx + right, cy=region.cy + down)


def _middle(region: Region) -> tuple[float, float]:
    return region.cx, region.cy


def region_of_palm(palm: PalmDetection) -> Region:
    """Where to look for the landmarks of a hand just found."""
    x, y, width, height = palm.box
    angle = _upright(palm.keypoints[_PALM_WRIST], palm.keypoints[_PALM_MIDDLE_MCP])
    square = Region(x + width / 2, y + height / 2, 2.6 * max(width, height), angle)
    return square.moved(0, -0.5 * height)


def region_of_hand(hand: Hand) -> Region:
    """Where to look for the hand in the next frame."""
    points = hand.landmarks[:, :2]
    knuckles = ((points[_INDEX_MCP] + points[_RING_MCP]) / 2 + points[_MIDDLE_MCP]) / 2
    square, _, height = around(points[list(_STEADY)], _upright(points[WRIST], knuckles))
    return Region(square.cx, square.cy, 2 * square.size, square.angle).moved(0, -0.1 * height)


def detect_hands(models: Models, image: Image, limit: int = _MOST_HANDS) -> list[Hand]:
    """Hands in one picture, at most ``limit``: in its central square, as the kiosk looks, else in
    the whole of it, since a still has no time budget."""
    palms, landmarker = PalmDetector(models), HandLandmarker(models)
    square, left, top = central_square(image)
    regions = [region_of_palm(palm) for palm in palms(square)]
    regions = [replace(region, cx=region.cx + left, cy=region.cy + top) for region in regions]
    hands = _look(landmarker, image, regions, _STILL_PRESENCE, limit)
    if hands:
        return hands
    regions = [region_of_palm(palm) for palm in palms(image)]
    return _look(landmarker, image, regions, _STILL_PRESENCE, limit)


def _look(
    landmarker: HandLandmarker,
    image: Image,
    regions: list[Region],
    presence: float,
    limit: int,
    known: Sequence[Hand] = (),
) -> list[Hand]:
    """``known`` and the hands found in ``regions``, each once, at most ``limit`` in all."""
    hands = list(known)
    for region in regions:
        if len(hands) == limit:
            break
        if _taken(region, hands):
            continue
        hand = landmarker(image, region)
        if hand.presence >= presence and not _taken(region_of_hand(hand), hands):
            hands.append(hand)
    return hands


def _taken(region: Region, hands: list[Hand]) -> bool:
    return any(_is_same(region, region_of_hand(hand)) for hand in hands)


def _is_same(one: Region, other: Region) -> bool:
    near = _SAME_PLACE * min(one.size, other.size)
    return (
        overlap(one.box, other.box) > _SAME_HAND or math.dist(_middle(one), _middle(other)) < near
    )


def _upright(wrist: NDArray[np.float32], fingers: NDArray[np.float32]) -> float:
    """The turn, radians, that leaves ``fingers`` straight above ``wrist``."""
    across, down = (fingers - wrist).tolist()
    return math.atan2(across, -down)
