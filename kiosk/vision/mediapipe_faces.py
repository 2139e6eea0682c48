"""Faces found by the mediapipe package itself, for whoever has it: an alternative to BlazeFace on
LiteRT (:mod:`kiosk.vision.faces`), with the same answers in the same order.

Only mediapipe 0.10.18 and its kin are taken: from 1.0 on the package reports its use to its
vendor, which has no place beside citizens' faces. It has no wheel for Python 3.13.
"""

from __future__ import annotations

from importlib import metadata
from typing import Any

import numpy as np

from kiosk.errors import ModelError
from kiosk.vision.camera import Image
from kiosk.vision.faces import FaceDetection

_LEAST_SCORE = 0.5
_SHORT_RANGE = 0


class MediaPipeFaceDetector:
    """The short-range detector of the installed mediapipe.

    Raises :class:`~kiosk.errors.ModelError` (``mediapipe_missing``) where none is installed that
    may be used.
    """

    def __init__(self) -> None:
        solutions = _solutions()
        self._detection: Any = solutions.face_detection.FaceDetection(
            model_selection=_SHORT_RANGE, min_detection_confidence=_LEAST_SCORE
        )

    def __call__(self, image: Image) -> list[FaceDetection]:
        """Faces in ``image`` (RGB, any size; give it the central square), best first."""
        height, width = image.shape[:2]
        found = self._detection.process(image).detections or ()
        faces = [_detection(each, width, height) for each in found]
        return sorted(faces, key=lambda face: -face.score)


def _solutions() -> Any:
    try:
        version = metadata.version("mediapipe")
    except metadata.PackageNotFoundError:
        version = ""
    if not version.startswith("0.10."):
        raise ModelError("mediapipe_missing", found=version or "–")
    from mediapipe import solutions  # pyright: ignore[reportMissingImports, reportUnknownVariableType]

    return solutions  # pyright: ignore[reportUnknownVariableType]


def _detection(found: Any, width: int, height: int) -> FaceDetection:
    location = found.location_data
    box = location.relative_bounding_box
    keypoints = [(point.x * width, point.y * height) for point in location.relative_keypoints]
    return FaceDetection(
        (box.xmin * width, box.ymin * height, box.width * width, box.height * height),
        np.array(keypoints, np.float32),
        float(found.score[0]),
    )
