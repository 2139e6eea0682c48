from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.vision import embedding_card
from kiosk.vision.align import SIDE, aligned, five_points, roughly_aligned, similarity
from kiosk.vision.camera import Image
from kiosk.vision.faces import FaceDetection, FaceMesh, Mesh, region_of_detection
from kiosk.vision.litert import Models
from kiosk.vision.region import Region

FIVE_PLACES = np.array(embedding_card.FIVE_PLACES, np.float32)
Photo = Callable[[str], Image]
Face = Callable[[str], tuple[Image, FaceDetection]]


@pytest.fixture(scope="module")
def mesher(models: Models) -> FaceMesh:
    return FaceMesh(models)


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
    moved = (FIVE_PLACES @ turn.T + np.array(shift)).astype(np.float32)
    matrix = similarity(moved, FIVE_PLACES)
    assert moved @ matrix[:, :2].T + matrix[:, 2] == pytest.approx(FIVE_PLACES, abs=0.05)


def test_similarity_never_mirrors() -> None:
    mirrored = FIVE_PLACES * np.array([-1, 1], np.float32)
    assert np.linalg.det(similarity(mirrored, FIVE_PLACES)[:, :2]) >= 0


def test_similarity_is_the_least_squares_one() -> None:
    source = FIVE_PLACES + np.random.default_rng(1).normal(0, 3, FIVE_PLACES.shape).astype(
        np.float32
    )
    best = similarity(source, FIVE_PLACES)

    def residual(matrix: np.ndarray) -> float:
        return float(((source @ matrix[:, :2].T + matrix[:, 2] - FIVE_PLACES) ** 2).sum())

    for a, b, x, y in np.random.default_rng(2).normal(0, 0.01, (50, 4)):
        other = best + np.array([[a, -b, x], [b, a, y]], np.float32)
        assert residual(best) <= residual(other) + 1e-3


def test_points_in_one_place_do_not_divide_by_zero() -> None:
    assert np.isfinite(similarity(np.full((5, 2), 7, np.float32), FIVE_PLACES)).all()


@pytest.mark.parametrize("zoom", [0.5, 1, 3])
@pytest.mark.parametrize("name", ["astronaut", "obama"])
def test_five_points_come_to_their_places(
    face: Face, mesher: FaceMesh, name: str, zoom: float
) -> None:
    image, found = face(name)
    quarter = np.ascontiguousarray(np.rot90(image))
    quarter = np.asarray(cv2.resize(quarter, None, fx=zoom, fy=zoom), np.uint8)
    keypoints = _rot90(found.keypoints, image.shape[1]) * np.float32(zoom)
    mesh = mesher(quarter, _region(found, keypoints, zoom))
    crop = aligned(quarter, mesh)
    assert crop.shape == (SIDE, SIDE, 3)
    assert crop.dtype == np.uint8
    matrix = similarity(five_points(mesh), FIVE_PLACES)
    expected = five_points(mesh) @ matrix[:, :2].T + matrix[:, 2]
    assert np.hypot(*(expected - FIVE_PLACES).T).max() < 8, "nobody has the mean face"
    assert np.hypot(*(_five_points_of(crop, mesher) - expected).T).max() < 3.5


def test_a_face_without_a_mesh_comes_out_nearly_the_same(face: Face, mesher: FaceMesh) -> None:
    image, found = face("astronaut")
    mesh = mesher(image, region_of_detection(found))
    exact, rough = aligned(image, mesh), roughly_aligned(image, found.keypoints)
    apart = _five_points_of(exact, mesher) - _five_points_of(rough, mesher)
    assert np.hypot(*apart.T).max() < 8


@pytest.mark.parametrize("factor", [2, 4, 7])
def test_a_large_face_does_not_alias(factor: int) -> None:
    side = SIDE * factor
    stripes = np.zeros((side, side, 3), np.uint8)
    stripes[:, ::2] = 255
    crop = aligned(stripes, mesh_at(FIVE_PLACES * np.float32(factor)))
    assert np.abs(crop[8:-8, 8:-8].astype(float) - 127.5).max() < 25


def test_a_large_face_is_not_shifted() -> None:
    ramp = np.tile(np.arange(SIDE * 2, dtype=np.uint8)[:, np.newaxis, np.newaxis], (1, SIDE * 2, 3))
    # Pixel centres: crop row y shows image rows 2y and 2y + 1.
    crop = aligned(ramp, mesh_at(FIVE_PLACES * np.float32(2) + np.float32(0.5)))
    assert crop[8:-8, 50, 0] == pytest.approx(np.arange(8, SIDE - 8) * 2 + 0.5, abs=1)


def test_beyond_the_image_it_is_black() -> None:
    crop = aligned(np.full((30, 30, 3), 200, np.uint8), mesh_at(FIVE_PLACES - np.float32(40)))
    assert crop[:38].max() == 0
    assert crop[45:65, 45:65].min() == 200


def mesh_at(points: np.ndarray) -> Mesh:
    """A mesh of which only the five points matter."""
    landmarks = np.zeros((468, 3), np.float32)
    eyes = {True: points[0], False: points[1]}
    for index in range(468):
        landmarks[index, :2] = eyes[index < 248]
    for index, point in zip((4, 61, 291), points[2:], strict=True):
        landmarks[index, :2] = point
    return Mesh(landmarks, 1.0)


def _five_points_of(crop: Image, mesher: FaceMesh) -> np.ndarray:
    return five_points(mesher(crop, Region(56, 60, 150, 0)))


def _rot90(points: np.ndarray, width: int) -> np.ndarray:
    """Where points go when the image is turned by 90° anticlockwise."""
    return np.column_stack([points[:, 1], width - 1 - points[:, 0]]).astype(np.float32)


def _region(found: FaceDetection, keypoints: np.ndarray, zoom: float) -> Region:
    middle = keypoints[:4].mean(axis=0)
    across = keypoints[1] - keypoints[0]
    angle = math.atan2(across[1], across[0])
    return Region(float(middle[0]), float(middle[1]), 1.5 * zoom * found.box[2], angle)
