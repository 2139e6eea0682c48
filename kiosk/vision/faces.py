"""Faces: BlazeFace (short range) finds them, the face mesh lays 468 landmarks on one.

Constants are those of MediaPipe 0.10.18 (``face_detection_short_range``,
``face_detection_front_detection_to_roi``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kiosk.vision.camera import Image
from kiosk.vision.litert import Models
from kiosk.vision.percepts import Box
from kiosk.vision.region import Region, central_square
from kiosk.vision.ssd import Ssd, scaled

RIGHT_EYE, LEFT_EYE, NOSE_TIP, MOUTH, RIGHT_EAR, LEFT_EAR = range(6)
"""Keypoints of a detection: the person's own right and left."""

_MARGIN = 1.5
_LANDMARKS, _PRESENCE = "conv2d_21", "conv2d_31"


@dataclass(frozen=True, slots=True)
class FaceDetection:
    """``keypoints`` (6, 2): right eye, left eye, nose tip, mouth, right ear, left ear, in image
    pixels; ``score`` 0.5 … 1."""

    box: Box
    keypoints: NDArray[np.float32]
    score: float

    def moved(self, right: float, down: float) -> FaceDetection:
        """The same face in a picture that goes on so many pixels to the left and upwards."""
        x, y, width, height = self.box
        keypoints = self.keypoints + np.array((right, down), np.float32)
        return FaceDetection((x + right, y + down, width, height), keypoints, self.score)


@dataclass(frozen=True, slots=True)
class Mesh:
    """``landmarks`` (468, 3) in image pixels, depth negative towards the camera; ``presence``
    0 … 1 that the region showed a face."""

    landmarks: NDArray[np.float32]
    presence: float


class FaceFinder(Protocol):
    """Whatever finds faces in a picture."""

    def __call__(self, image: Image) -> list[FaceDetection]:
        """Faces in ``image`` (RGB, any size; give it the central square), best first."""
        ...


class FaceDetector:
    """Faces to about two metres: the short-range model sees 128×128 pixels."""

    def __init__(self, models: Models) -> None:
        net = models.net("face_detection")
        self._ssd = Ssd(net, (-1, 1), boxes="regressors", scores="classificators")

    def __call__(self, image: Image) -> list[FaceDetection]:
        """See :class:`FaceFinder`."""
        return [FaceDetection(d.box, d.keypoints, d.score) for d in self._ssd(image)]


class FaceMesh:
    """Landmarks of the one face in a region."""

    def __init__(self, models: Models) -> None:
        self._net = models.net("face_mesh")

    def __call__(self, image: Image, region: Region) -> Mesh:
        """The mesh of the face in ``region`` of ``image`` (RGB, any size)."""
        side = self._net.shape[0]
        outputs = self._net(scaled(region.crop(image, side), (0, 1)))
        landmarks = region.to_image(outputs[_LANDMARKS].reshape(-1, 3), side)
        return Mesh(landmarks, 1 / (1 + math.exp(-float(outputs[_PRESENCE].item()))))


def region_of_detection(face: FaceDetection) -> Region:
    """Where to lay the mesh on a face just found."""
    x, y, width, height = face.box
    angle = _tilt(face.keypoints[RIGHT_EYE], face.keypoints[LEFT_EYE])
    return Region(x + width / 2, y + height / 2, _MARGIN * max(width, height), angle)


def detect_faces_still(detector: FaceFinder, image: Image) -> list[FaceDetection]:
    """Faces in one picture, best first: in its central square, as the kiosk looks, else in the
    whole of it, since a still has no time budget."""
    square, left, top = central_square(image)
    faces = detector(square)
    if not faces:
        return detector(image)
    return [face.moved(left, top) for face in faces]


def _tilt(right_eye: NDArray[np.float32], left_eye: NDArray[np.float32]) -> float:
    across, down = (left_eye - right_eye).tolist()
    return math.atan2(down, across)
