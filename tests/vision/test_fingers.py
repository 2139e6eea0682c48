from __future__ import annotations

import math
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import kiosk
from kiosk.vision import fingers
from kiosk.vision.camera import Image
from kiosk.vision.hands import detect_hands
from kiosk.vision.litert import Models

ROOT = Path(kiosk.__file__).parent.parent
SPRITES = {"fist": 0, "point": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "open": 5}

LEAST_SEEN, LEAST_RIGHT = 0.90, 0.85


def rendered(name: str) -> Image:
    sprite = cv2.imread(str(ROOT / "kiosk/vision/sprites" / f"{name}.png"), cv2.IMREAD_UNCHANGED)
    assert sprite is not None
    image = np.full((480, 480, 3), 128, np.uint8)
    height, width = sprite.shape[:2]
    top, left = (480 - height) // 2, (480 - width) // 2
    alpha = sprite[:, :, 3:] / 255
    place = image[top : top + height, left : left + width]
    place[:] = (place * (1 - alpha) + sprite[:, :, 2::-1] * alpha).astype(np.uint8)
    return image


@pytest.fixture(scope="module")
def posed(models: Models) -> dict[str, NDArray[np.float32]]:
    return {name: detect_hands(models, rendered(name))[0].landmarks for name in SPRITES}


@pytest.mark.parametrize(("name", "raised"), SPRITES.items())
def test_rendered_hands(posed: dict[str, NDArray[np.float32]], name: str, raised: int) -> None:
    assert fingers.count(posed[name]) == raised


@given(
    st.sampled_from(sorted(SPRITES)),
    st.floats(-math.pi, math.pi),
    st.floats(0.1, 10),
    st.booleans(),
)
def test_turn_size_and_side_do_not_matter(
    posed: dict[str, NDArray[np.float32]], name: str, angle: float, scale: float, mirrored: bool
) -> None:
    c, s = math.cos(angle), math.sin(angle)
    turn = np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]]) * scale
    side = np.array([-1 if mirrored else 1, 1, 1])
    moved = (posed[name] * side @ turn + np.array((100, -50, 0))).astype(np.float32)
    assert fingers.count(moved) == SPRITES[name]


@pytest.mark.slow
def test_photographed_hands(models: Models) -> None:
    """Seen in at least 90 % of the photographs that show one, and right in 85 % of those."""
    media = Path(os.environ.get("KIOSK_TEST_MEDIA", ROOT.parent / "shared" / "media"))
    photographs = sorted(media.glob("hands-labelled/*-hand*.jpg"))
    if not photographs:
        pytest.skip(f"no labelled hands in {media}: set KIOSK_TEST_MEDIA")
    counted = [(int(path.name[0]), _fingers(models, path)) for path in photographs]
    seen = [(raised, said) for raised, said in counted if said is not None]
    right = sum(raised == said for raised, said in seen)
    assert len(seen) >= LEAST_SEEN * len(counted)
    assert right >= LEAST_RIGHT * len(seen)


def _fingers(models: Models, path: Path) -> int | None:
    picture = cv2.imread(str(path))
    assert picture is not None
    hands = detect_hands(models, np.ascontiguousarray(picture[:, :, ::-1].astype(np.uint8)))
    return fingers.count(hands[0].landmarks) if hands else None
