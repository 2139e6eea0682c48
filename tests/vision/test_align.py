from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.vision.align import SIDE, TEMPLATE, aligned, similarity
from kiosk.vision.camera import Image
from kiosk.vision.faces import FaceDetection, FaceDetector


@given(
    scale=st.floats(0.1, 20),
    angle=st.floats(-math.pi, math.pi),
    shift=st.tuples(st.floats(-1000, 1000), st.floats(-1000, 1000)),
)
def test_similarity_undoes_a_turn_a_scale_and_a_shift(
    scale: float, angle: float, shift: tuple[float, float]
) -> None:
    turn = scale * np.array(
        [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
    )
    moved = (TEMPLATE @ turn.T + np.array(shift)).astype(np.float32)
    matrix = similarity(moved, TEMPLATE)
    assert moved @ matrix[:, :2].T + matrix[:, 2] == pytest.approx(TEMPLATE, abs=0.05)


def test_similarity_never_mirrors() -> None:
    mirrored = TEMPLATE * np.array([-1, 1], np.float32)
    assert np.linalg.det(similarity(mirrored, TEMPLATE)[:, :2]) >= 0


def test_similarity_is_the_least_squares_one() -> None:
    source = TEMPLATE + np.random.default_rng(1).normal(0, 3, TEMPLATE.shape).astype(np.float32)
    best = similarity(source, TEMPLATE)

    def residual(matrix: np.ndarray) -> float:
        return float(((source @ matrix[:, :2].T + matrix[:, 2] - TEMPLATE) ** 2).sum())

    for a, b, x, y in np.random.default_rng(2).normal(0, 0.01, (50, 4)):
        other = best + np.array([[a, -b, x], [b, a, y]], np.float32)
        assert residual(best) <= residual(other) + 1e-3


def test_points_in_one_place_do_not_divide_by_zero() -> None:
    assert np.isfinite(similarity(np.full((4, 2), 7, np.float32), TEMPLATE)).all()


def test_a_tilted_face_comes_out_upright(
    face: Callable[[str], tuple[Image, FaceDetection]], detector: FaceDetector
) -> None:
    image, found = face("astronaut")
    crop = aligned(np.ascontiguousarray(np.rot90(image)), _rot90(found.keypoints, image.shape[1]))
    assert crop.shape == (SIDE, SIDE, 3)
    framed = np.pad(crop, ((56, 56), (56, 56), (0, 0)), mode="edge")
    again = detector(framed)[0].keypoints[:4] - 56
    assert again == pytest.approx(TEMPLATE, abs=4)


def _rot90(points: np.ndarray, width: int) -> np.ndarray:
    """Where points go when the image is turned by 90° anticlockwise."""
    return np.column_stack([points[:, 1], width - 1 - points[:, 0]]).astype(np.float32)
