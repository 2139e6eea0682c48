from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
import pytest

import kiosk.vision
from kiosk.bench.booth import Canvas, Drawn, Standing
from kiosk.vision.camera import Image
from kiosk.vision.hands import (
    INDEX_TIP,
    WRIST,
    Hand,
    HandLandmarker,
    HandTracker,
    PalmDetector,
    detect_hands,
    region_of_hand,
    region_of_palm,
)
from kiosk.vision.litert import Models
from kiosk.vision.region import central_square, overlap

SPRITES = Path(kiosk.vision.__file__).parent / "sprites"
NEAR = (0.0, 0.0, 1000.0, 1000.0)
"""So near that hands are looked for in the whole picture."""
MIDDLE = (320.0, 240.0)


def scene(
    *hands: tuple[str, tuple[float, float]],
    size: tuple[int, int] = (640, 480),
    height: float = 300,
    degrees: float = 0,
    mirrored: bool = False,
) -> Image:
    """Rendered right hands (left ones when mirrored) around given points of a grey picture."""
    picture = np.full((size[1], size[0], 3), 128.0)
    for name, (x, y) in hands:
        sprite = cv2.imread(str(SPRITES / f"{name}.png"), cv2.IMREAD_UNCHANGED)
        assert sprite is not None
        rows, columns = sprite.shape[:2]
        matrix = cv2.getRotationMatrix2D((columns / 2, rows / 2), -degrees, height / rows)
        matrix[:, 2] += (x - columns / 2, y - rows / 2)
        placed = np.asarray(cv2.warpAffine(sprite, matrix, size), np.float64)
        alpha = placed[:, :, 3:] / 255
        picture = picture * (1 - alpha) + placed[:, :, 2::-1] * alpha
    image = picture.astype(np.uint8)
    return np.ascontiguousarray(image[:, ::-1]) if mirrored else image


def tip(hand: Hand) -> tuple[float, float]:
    return (float(hand.landmarks[INDEX_TIP, 0]), float(hand.landmarks[INDEX_TIP, 1]))


@pytest.fixture(scope="module")
def palms(models: Models) -> PalmDetector:
    return PalmDetector(models)


@pytest.fixture(scope="module")
def landmarker(models: Models) -> HandLandmarker:
    return HandLandmarker(models)


@pytest.fixture
def tracker(models: Models) -> HandTracker:
    return HandTracker(models, palm_every=3, presence=0.5)


def test_palm_then_landmarks(palms: PalmDetector, landmarker: HandLandmarker) -> None:
    image = scene(("open", MIDDLE))
    palm = palms(image)[0]
    assert palm.keypoints.shape == (7, 2)
    hand = landmarker(image, region_of_palm(palm))
    assert hand.landmarks.shape == (21, 3)
    assert hand.landmarks.dtype == np.float32
    assert hand.presence > 0.9
    palm_length = np.linalg.norm(hand.landmarks[9, :2] - hand.landmarks[WRIST, :2])
    apart = np.linalg.norm(hand.landmarks[WRIST, :2] - palm.keypoints[0])
    assert apart < 0.4 * palm_length


@pytest.mark.parametrize("mirrored", [False, True], ids=["right", "left"])
@pytest.mark.parametrize("name", ["open", "point", "fist", "three", "five"])
def test_which_hand(models: Models, name: str, mirrored: bool) -> None:
    (hand,) = detect_hands(models, scene((name, MIDDLE), mirrored=mirrored))
    assert (hand.right > 0.5) is not mirrored


@pytest.mark.parametrize("degrees", [-60, -30, 30, 60])
def test_turned_hand(models: Models, degrees: float) -> None:
    (hand,) = detect_hands(models, scene(("open", MIDDLE), degrees=degrees))
    assert math.degrees(region_of_hand(hand).angle) == pytest.approx(degrees, abs=12)


def test_fingertip_of_the_pointing_hand(models: Models) -> None:
    (hand,) = detect_hands(models, scene(("point", MIDDLE)))
    top = min(np.argwhere((scene(("point", MIDDLE)) != 128).any(axis=2)).tolist())
    # The landmark lies on the pad, a little below the top of a hand 300 px high.
    assert tip(hand) == pytest.approx((top[1], top[0]), abs=18)


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_nothing_there(models: Models, shade: int) -> None:
    assert detect_hands(models, np.full((480, 640, 3), shade, np.uint8)) == []


def test_a_dark_hand_before_dark_clothes_is_found_with_contrast_evened(
    models: Models, tracker: HandTracker
) -> None:
    owner, size = Standing(0.52, 0.42, 100), (1280, 720)
    x, y, width, height = owner.box(size)
    at = (x, y + 1.1 * height)
    hand = Drawn(at, "open", "right", 165, "dark", lean=-4)
    whole = Canvas(size, "wall", 2.0).picture(0, [(owner, [hand])])
    square, left, top = central_square(whole)
    face = (x - left, y - top, width, height)
    assert detect_hands(models, square) == [], "as it is, it is not"
    seen = [tracker(square, frame, search=True, face=face) for frame in range(9)]
    (found,) = seen[-1]
    assert found.landmarks[INDEX_TIP, :2] == pytest.approx((at[0] - left, at[1]), abs=30)


def test_still_of_two_hands_and_its_limit(models: Models) -> None:
    image = scene(("open", (220, 240)), ("two", (420, 240)), height=240)
    hands = detect_hands(models, image)
    assert len(hands) == 2
    assert abs(tip(hands[0])[0] - tip(hands[1])[0]) > 100
    assert len(detect_hands(models, image, limit=1)) == 1


def test_still_shows_a_hand_beside_the_square(models: Models) -> None:
    (hand,) = detect_hands(models, scene(("open", (90, 240)), size=(900, 480)))
    assert tip(hand)[0] < 200


def test_still_in_the_square_is_in_whole_picture_pixels(models: Models) -> None:
    (narrow,) = detect_hands(models, scene(("open", (240, 240)), size=(480, 480)))
    (wide,) = detect_hands(models, scene(("open", (440, 240)), size=(880, 480)))
    assert wide.landmarks[:, :2] == pytest.approx(
        narrow.landmarks[:, :2] + np.array((200, 0)), abs=0.5
    )


def test_searches_only_when_asked(tracker: HandTracker) -> None:
    image = scene(("open", MIDDLE))
    assert [len(tracker(image, frame, search=False, face=NEAR)) for frame in range(4)] == [0] * 4


def test_searches_every_third_frame_and_follows_between(tracker: HandTracker) -> None:
    image = scene(("open", MIDDLE))
    assert [len(tracker(image, frame, search=True, face=NEAR)) for frame in (1, 2, 3, 4, 5, 6)] == [
        0,
        0,
        1,
        1,
        1,
        1,
    ]


def test_follows_a_moving_hand(tracker: HandTracker) -> None:
    seen: list[tuple[float, float]] = []
    for frame in range(8):
        (hand,) = tracker(
            scene(("point", (200 + 25 * frame, 240))), frame, search=frame == 0, face=NEAR
        )
        seen.append(tip(hand))
    steps = np.diff(np.array(seen), axis=0)
    assert steps.mean(axis=0) == pytest.approx((25, 0), abs=2)


def test_lets_go_of_a_hand_that_left(tracker: HandTracker) -> None:
    image = scene(("open", MIDDLE))
    assert len(tracker(image, 0, search=True, face=NEAR)) == 1
    for frame in range(1, 9):
        assert tracker(scene(), frame, search=False, face=NEAR) == []
    assert tracker(image, 9, search=False, face=NEAR) == [], "nothing is followed any more"


def test_a_hand_just_lost_is_looked_for_at_once(tracker: HandTracker) -> None:
    tracker(scene(("open", MIDDLE)), 0, search=True, face=NEAR)
    assert tracker(scene(), 1, search=False, face=NEAR) == []
    (hand,) = tracker(scene(("open", (MIDDLE[0] - 120, MIDDLE[1]))), 2, search=False, face=NEAR)
    assert tip(hand)[0] == pytest.approx(MIDDLE[0] - 120, abs=12)


def test_an_arm_that_swings_is_followed_without_the_palm_detector(tracker: HandTracker) -> None:
    moved = [1.6 * frame**2 for frame in range(14)]  # up to 43 pixels a frame
    tips: list[float] = []
    for frame, by in enumerate(moved):
        (hand,) = tracker(scene(("point", (190 + by, 240))), frame, search=frame == 0, face=NEAR)
        tips.append(tip(hand)[0])
    assert [x - tips[0] for x in tips] == pytest.approx(moved, abs=6)


def test_reset_forgets(tracker: HandTracker) -> None:
    image = scene(("open", MIDDLE))
    tracker(image, 0, search=True, face=NEAR)
    tracker.reset()
    assert tracker(image, 1, search=False, face=NEAR) == []


def test_presence_wanted(models: Models) -> None:
    demanding = HandTracker(models, palm_every=1, presence=1.0)
    assert demanding(scene(("open", MIDDLE)), 0, search=True, face=NEAR) == []


def test_second_hand_joins_and_neither_is_doubled(tracker: HandTracker) -> None:
    one = scene(("open", (220, 240)), height=240)
    both = scene(("open", (220, 240)), ("five", (420, 240)), height=240)
    assert len(tracker(one, 0, search=True, face=NEAR)) == 1
    hands = [tracker(both, frame, search=True, face=NEAR) for frame in range(1, 7)][-1]
    assert len(hands) == 2
    first, second = (region_of_hand(hand).box for hand in hands)
    assert overlap(first, second) < 0.3
    assert tip(hands[0])[0] < 300, "the one followed longest comes first"


def test_never_more_than_two(tracker: HandTracker) -> None:
    crowd = scene(("open", (100, 240)), ("four", (320, 240)), ("five", (540, 240)), height=240)
    assert [len(tracker(crowd, frame, search=True, face=NEAR)) for frame in range(4)] == [
        2,
        2,
        2,
        2,
    ]


def test_two_regions_on_one_hand_become_one(models: Models) -> None:
    """Two hands meet: what is left is one hand, not two."""
    tracker = HandTracker(models, palm_every=1, presence=0.5)
    meeting = [scene(("open", (220, 240)), ("four", (x, 240)), height=240) for x in (440, 380, 330)]
    meeting += [scene(("open", (220, 240)), height=240)] * 3
    seen = [len(tracker(image, 0, search=True, face=NEAR)) for image in meeting]
    assert seen[0] == 2
    assert seen[-1] == 1
