from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np
import pytest

from kiosk.vision.camera import Image
from kiosk.vision.faces import (
    FaceDetection,
    FaceDetector,
    FaceMesh,
    detect_faces_still,
    region_of_detection,
)
from kiosk.vision.litert import Models
from kiosk.vision.region import Region, overlap

Photo = Callable[[str], Image]

ASTRONAUT = (170, 70, 110, 115)
"""Where the face is, as a person would draw it."""


@pytest.fixture(scope="module")
def mesher(models: Models) -> FaceMesh:
    return FaceMesh(models)


def turned(image: Image, degrees: float) -> Image:
    """Clockwise about the middle of the face."""
    matrix = cv2.getRotationMatrix2D((225, 127), -degrees, 1)
    size = (image.shape[1], image.shape[0])
    return np.asarray(cv2.warpAffine(image, matrix, size), np.uint8)


def test_one_face_where_it_is(photo: Photo, detector: FaceDetector) -> None:
    (face,) = detector(photo("astronaut"))
    assert overlap(face.box, ASTRONAUT) > 0.6
    assert 0.8 < face.score <= 1
    assert face.keypoints.shape == (6, 2)


def test_right_is_the_persons_own(photo: Photo, detector: FaceDetector) -> None:
    (face,) = detector(photo("astronaut"))
    right_eye, left_eye, nose, mouth, right_ear, left_ear = face.keypoints
    assert right_ear[0] < right_eye[0] < nose[0] < left_eye[0] < left_ear[0]
    assert right_eye[1] < nose[1] < mouth[1]


@pytest.mark.parametrize("name", ["biden", "obama", "obama2", "obama3"])
def test_finds_other_people(photo: Photo, detector: FaceDetector, name: str) -> None:
    assert len(detect_faces_still(detector, photo(name))) == 1


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_nobody_there(detector: FaceDetector, shade: int) -> None:
    assert detector(np.full((480, 480, 3), shade, np.uint8)) == []


@pytest.mark.parametrize("side", [128, 256, 720])
def test_any_size(photo: Photo, detector: FaceDetector, side: int) -> None:
    (face,) = detector(np.asarray(cv2.resize(photo("astronaut"), (side, side)), np.uint8))
    scaled = [value * 512 / side for value in face.box]
    assert overlap((scaled[0], scaled[1], scaled[2], scaled[3]), ASTRONAUT) > 0.6


def test_same_picture_same_answer(photo: Photo, detector: FaceDetector) -> None:
    (one,), (two,) = detector(photo("astronaut")), detector(photo("astronaut"))
    assert one.box == two.box
    assert np.array_equal(one.keypoints, two.keypoints)


def test_mesh_lies_on_the_face(photo: Photo, detector: FaceDetector, mesher: FaceMesh) -> None:
    (face,) = detector(photo("astronaut"))
    mesh = mesher(photo("astronaut"), region_of_detection(face))
    assert mesh.landmarks.shape == (468, 3)
    assert mesh.landmarks.dtype == np.float32
    assert mesh.presence > 0.99
    eyes = mesh.landmarks[[33, 133, 362, 263], :2].reshape(2, 2, 2).mean(axis=1)
    apart = np.linalg.norm(eyes[1] - eyes[0])
    assert np.linalg.norm(eyes - face.keypoints[:2], axis=1).max() < 0.15 * apart
    tip, chin = mesh.landmarks[1], mesh.landmarks[152]
    assert tip[2] < chin[2], "the nose is nearer to the camera"


def test_mesh_sees_no_face_beside_it(photo: Photo, mesher: FaceMesh) -> None:
    assert mesher(photo("astronaut"), Region(400, 400, 150, 0)).presence < 0.5


@pytest.mark.parametrize("degrees", [-30, -15, 15, 30])
def test_tilted_head(
    photo: Photo, detector: FaceDetector, mesher: FaceMesh, degrees: float
) -> None:
    image = photo("astronaut")
    upright = region_of_detection(detector(image)[0])
    tilted = region_of_detection(detector(turned(image, degrees))[0])
    assert math.degrees(tilted.angle - upright.angle) == pytest.approx(degrees, abs=10)
    mesh = mesher(turned(image, degrees), tilted)
    low, high = mesh.landmarks[:, :2].min(axis=0), mesh.landmarks[:, :2].max(axis=0)
    assert mesh.presence > 0.99
    assert (low + high) / 2 == pytest.approx((tilted.cx, tilted.cy), abs=0.1 * tilted.size)


def test_still_shows_a_face_beside_the_square(photo: Photo, detector: FaceDetector) -> None:
    wide = np.zeros((400, 800, 3), np.uint8)
    wide[:340, :200] = cv2.resize(photo("astronaut"), (640, 640))[:340, 170:370]
    (face,) = detect_faces_still(detector, wide)
    assert face.box[0] + face.box[2] < 200


def test_still_prefers_the_square(photo: Photo, detector: FaceDetector) -> None:
    wide = np.zeros((512, 912, 3), np.uint8)
    wide[:, 200:712] = photo("astronaut")
    (still,), (square,) = detect_faces_still(detector, wide), detector(photo("astronaut"))
    assert still.box == pytest.approx((square.box[0] + 200, *square.box[1:]))
    assert still.keypoints == pytest.approx(square.keypoints + np.array((200, 0)))


def test_region_takes_the_longer_side() -> None:
    keypoints = np.array([(10, 50), (30, 50)] + [(0, 0)] * 4, np.float32)
    region = region_of_detection(FaceDetection((0, 0, 40, 80), keypoints, 0.9))
    assert region == Region(20, 40, 120, 0)
