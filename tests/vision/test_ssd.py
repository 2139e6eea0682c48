from __future__ import annotations

from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.vision.litert import Net, Tensor
from kiosk.vision.ssd import STRIDES, Ssd, anchors, letterbox, scaled, weighted_nms


class ScriptedNet:
    """Says the same whatever it is shown, and remembers what that was."""

    shape = (128, 128, 3)

    def __init__(self, hits: dict[int, tuple[float, list[float]]]) -> None:
        self.boxes = np.zeros((896, 16), np.float32)
        self.scores = np.full((896, 1), -100, np.float32)
        for anchor, (logit, raw) in hits.items():
            self.scores[anchor], self.boxes[anchor, : len(raw)] = logit, raw
        self.seen: Tensor | None = None

    def __call__(self, tensor: Tensor) -> dict[str, Tensor]:
        self.seen = tensor
        return {"boxes": self.boxes, "scores": self.scores}


def detector(net: ScriptedNet) -> Ssd:
    return Ssd(cast("Net", net), (-1, 1), boxes="boxes", scores="scores")


@pytest.mark.parametrize(("side", "count"), [(128, 896), (192, 2016)])
def test_as_many_anchors_as_the_models_have_outputs(side: int, count: int) -> None:
    assert anchors(side, STRIDES).shape == (count, 2)


def test_anchors_lie_in_the_middle_of_cells() -> None:
    centres = anchors(128, STRIDES)
    assert centres[:4].tolist() == [[1 / 32, 1 / 32]] * 2 + [[3 / 32, 1 / 32]] * 2
    assert centres[512:518].tolist() == [[1 / 16, 1 / 16]] * 6
    assert centres[-1].tolist() == [15 / 16, 15 / 16]


@given(st.integers(1, 400), st.integers(1, 400))
def test_letterbox_keeps_proportions_and_centre(height: int, width: int) -> None:
    square, where = letterbox(np.full((height, width, 3), 255, np.uint8), 128)
    assert square.shape == (128, 128, 3)
    assert where.scale == pytest.approx(128 / max(height, width))
    assert where.left * 2 + width * where.scale == pytest.approx(128)
    assert where.top * 2 + height * where.scale == pytest.approx(128)
    assert min(where.left, where.top) == pytest.approx(0)


def test_letterbox_is_black_around() -> None:
    square, where = letterbox(np.full((50, 100, 3), 255, np.uint8), 128)
    assert where.top == 32
    assert not square[:31].any()
    assert not square[97:].any()
    assert (square[34:94, 2:126] == 255).all()


def test_pixels_fill_the_span() -> None:
    image = np.array([[[0, 51, 255]]], np.uint8)
    assert scaled(image, (0, 1)).ravel() == pytest.approx([0, 0.2, 1])
    assert scaled(image, (-1, 1)).ravel() == pytest.approx([-1, -0.6, 1])


def test_box_and_points_come_back_in_image_pixels() -> None:
    # The first anchor is at (4, 4) of 128; the picture is 256 wide and 128 high, so twice as
    # large, with 32 black rows above.
    net = ScriptedNet({0: (3, [10, 40, 20, 8, 10, 40])})
    (found,) = detector(net)(np.zeros((128, 256, 3), np.uint8))
    assert found.box == pytest.approx((8, 16, 40, 16))
    assert found.keypoints.shape == (6, 2)
    assert found.keypoints[0].tolist() == pytest.approx([28, 24])
    assert found.keypoints[1].tolist() == pytest.approx([8, -56])
    assert found.score == pytest.approx(1 / (1 + np.exp(-3)))


def test_nothing_likely_nothing_found() -> None:
    assert detector(ScriptedNet({3: (-0.1, [0, 0, 9, 9])}))(np.zeros((9, 9, 3), np.uint8)) == []


def test_best_first() -> None:
    net = ScriptedNet({0: (1, [0, 0, 8, 8]), 400: (4, [0, 0, 8, 8]), 800: (2, [0, 0, 8, 8])})
    scores = [found.score for found in detector(net)(np.zeros((128, 128, 3), np.uint8))]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) == 3


def boxed(*boxes: tuple[float, float, float, float]) -> np.ndarray:
    return np.array([[(x, y), (x + w, y + h)] for x, y, w, h in boxes], np.float32)


def test_overlapping_boxes_are_averaged_by_score() -> None:
    points = boxed((0, 0, 10, 10), (3, 0, 10, 10), (100, 0, 10, 10))
    kept = weighted_nms(points, np.array([0.5, 0.75, 0.6], np.float32), 0.3)
    assert [score for _, score in kept] == pytest.approx([0.75, 0.6])
    assert kept[0][0].ravel() == pytest.approx([1.8, 0, 11.8, 10])
    assert kept[1][0].ravel() == pytest.approx([100, 0, 110, 10])


@given(st.lists(st.tuples(*[st.floats(0, 50)] * 4, st.floats(0.5, 1)), max_size=12))
def test_suppression_ends_and_never_invents(found: list[tuple[float, ...]]) -> None:
    points = boxed(*[(f[0], f[1], f[2], f[3]) for f in found]).reshape(-1, 2, 2)
    scores = np.array([f[4] for f in found], np.float32)
    kept = weighted_nms(points, scores, 0.3)
    assert len(kept) <= len(found)
    assert bool(kept) == bool(found)
    for merged, score in kept:
        assert score in scores.tolist()
        assert (merged >= points.min(axis=0) - 1e-3).all()
        assert (merged <= points.max(axis=0) + 1e-3).all()
