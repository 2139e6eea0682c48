from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.vision.region import Region, around, central_square, overlap

pixels = st.floats(-500, 1500)
sizes = st.floats(1, 2000)
angles = st.floats(-math.pi, math.pi)
regions = st.builds(Region, pixels, pixels, sizes, angles)
boxes = st.tuples(pixels, pixels, st.floats(0, 900), st.floats(0, 900))


def corners(region: Region, side: int = 100) -> np.ndarray:
    square = np.array([[0, 0, 0], [side, 0, 0], [side, side, 0], [0, side, 0]], np.float32)
    return region.to_image(square, side)[:, :2]


@given(regions)
def test_crop_corners_are_the_square(region: Region) -> None:
    points = corners(region)
    assert points.mean(axis=0) == pytest.approx((region.cx, region.cy), abs=0.01)
    edges = np.linalg.norm(points - np.roll(points, 1, axis=0), axis=1)
    assert edges == pytest.approx(np.full(4, region.size), rel=1e-3, abs=0.01)
    across, down = (points[1] - points[0]) / region.size
    assert (across, down) == pytest.approx(
        (math.cos(region.angle), math.sin(region.angle)), abs=1e-2
    )


@given(regions)
def test_depth_scales_with_the_square(region: Region) -> None:
    point = np.array([[0, 0, 8]], np.float32)
    assert region.to_image(point, 4)[0, 2] == pytest.approx(2 * region.size, rel=1e-5)


@given(regions, st.floats(-300, 300), st.floats(-300, 300))
def test_moving_there_and_back(region: Region, right: float, down: float) -> None:
    back = region.moved(right, down).moved(-right, -down)
    assert (back.cx, back.cy) == pytest.approx((region.cx, region.cy), abs=1e-6)


def test_crop_shows_what_to_image_says() -> None:
    image = np.zeros((200, 300, 3), np.uint8)
    image[88:93, 138:143] = 255
    region = Region(150, 100, 80, math.radians(30))
    crop = region.crop(image, 160)
    row, column = np.argwhere(crop[:, :, 0] > 128).mean(axis=0)
    seen = region.to_image(np.array([[column, row, 0]], np.float32), 160)[0, :2]
    assert seen == pytest.approx((140, 90), abs=0.6)


def test_crop_beyond_the_edge_repeats_it() -> None:
    image = np.full((50, 50, 3), 200, np.uint8)
    assert (Region(0, 0, 400, 0.3).crop(image, 64) == 200).all()


@given(angles)
def test_around_fits_whatever_the_turn(angle: float) -> None:
    c, s = math.cos(angle), math.sin(angle)
    points = np.array([[-3, -1], [3, -1], [3, 1], [-3, 1]]) @ np.array([[c, s], [-s, c]])
    square, width, height = around((points + np.array((10, 20))).astype(np.float32), angle)
    assert (square.cx, square.cy, square.size) == pytest.approx((10, 20, 6), abs=1e-4)
    assert (width, height) == pytest.approx((6, 2), abs=1e-4)


@pytest.mark.parametrize("shape", [(4, 4, 3), (4, 9, 3), (9, 4, 3), (1, 5, 3)])
def test_central_square(shape: tuple[int, int, int]) -> None:
    image = np.arange(np.prod(shape)).astype(np.uint8).reshape(shape)
    square, left, top = central_square(image)
    side = min(shape[:2])
    assert square.shape == (side, side, 3)
    assert np.shares_memory(square, image)
    assert np.array_equal(square, image[top : top + side, left : left + side])
    assert abs(2 * left + side - shape[1]) <= 1
    assert abs(2 * top + side - shape[0]) <= 1


@given(boxes, boxes)
def test_overlap_is_a_share_and_symmetric(one: tuple[float, ...], two: tuple[float, ...]) -> None:
    a, b = (one[0], one[1], one[2], one[3]), (two[0], two[1], two[2], two[3])
    assert 0 <= overlap(a, b) <= 1
    assert overlap(a, b) == pytest.approx(overlap(b, a))


def test_overlap_of_known_boxes() -> None:
    assert overlap((0, 0, 2, 2), (0, 0, 2, 2)) == 1
    assert overlap((0, 0, 2, 2), (1, 0, 2, 2)) == pytest.approx(1 / 3)
    assert overlap((0, 0, 2, 2), (2, 0, 2, 2)) == 0
    assert overlap((0, 0, 0, 0), (0, 0, 0, 0)) == 0
