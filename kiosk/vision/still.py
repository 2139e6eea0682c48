"""One picture in, its one face out: found, aligned, assessed and embedded as the kiosk does it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from kiosk.vision.align import aligned
from kiosk.vision.camera import Image
from kiosk.vision.embedding import Embedder
from kiosk.vision.faces import (
    FaceDetection,
    FaceDetector,
    FaceFinder,
    FaceMesh,
    Mesh,
    detect_faces_still,
    region_of_detection,
)
from kiosk.vision.litert import Models
from kiosk.vision.quality import Pose, Quality, assess, eye_distance, pose_of_mesh
from kiosk.vision.stages import Stages
from kiosk.vision.templates import Embedding
from kiosk.vision.tracking import centre


@dataclass(frozen=True, slots=True)
class StillFace:
    """``detection`` and ``mesh`` in the picture's pixels; ``crop`` (112, 112, 3) RGB as the
    embedding model saw it."""

    detection: FaceDetection
    mesh: Mesh
    crop: Image
    pose: Pose
    quality: Quality
    embedding: Embedding
    stages_ms: dict[str, float]
    """CPU milliseconds spent on each stage."""


class StillFaces:
    """What a picture's most prominent face looks like to the kiosk."""

    def __init__(
        self, models: Models, finder: FaceFinder | None = None, embedder: Embedder | None = None
    ) -> None:
        """By default with the detector and the embedding that ship."""
        self._finder = finder or FaceDetector(models)
        self._mesh = FaceMesh(models)
        self._embedder = embedder or Embedder(models)
        self.model_id = self._embedder.model_id

    def __call__(self, image: Image) -> StillFace | None:
        """The face of ``image`` (RGB, any size); ``None`` when no face is found."""
        stages = Stages()
        with stages("detect"):
            face = most_prominent(detect_faces_still(self._finder, image), image)
        if face is None:
            return None
        with stages("mesh"):
            mesh = self._mesh(image, region_of_detection(face))
        with stages("align"):
            crop = aligned(image, mesh)
        with stages("quality"):
            pose = pose_of_mesh(mesh.landmarks)
            quality = assess(crop, eye_distance(face.keypoints), pose, mesh)
        with stages("embed"):
            embedding = self._embedder(self._embedder.view(image, mesh, crop))
        return StillFace(face, mesh, crop, pose, quality, embedding, stages.ms)


def most_prominent(faces: Sequence[FaceDetection], image: Image) -> FaceDetection | None:
    """The face the picture is of: large and central."""
    height, width = image.shape[:2]

    def prominence(face: FaceDetection) -> float:
        x, y = centre(face.box)
        return max(face.box[2:]) - math.hypot(x - width / 2, y - height / 2)

    return max(faces, key=prominence, default=None)
