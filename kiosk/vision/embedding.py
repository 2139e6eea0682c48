"""An aligned face becomes a point on the unit sphere: near means the same person."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kiosk.vision.align import VERSION
from kiosk.vision.camera import Image
from kiosk.vision.litert import Models
from kiosk.vision.templates import Embedding

_MODEL = "face_embedding"


class Embedder:
    """MobileFaceNet. Embeddings of different ``model_id`` must never be compared."""

    def __init__(self, models: Models) -> None:
        self._net = models.net(_MODEL)
        self.model_id = model_id(models)

    def __call__(self, crop: Image) -> Embedding:
        """The embedding of an aligned (112, 112, 3) RGB crop."""
        pixels = (crop.astype(np.float32) - np.float32(127.5)) / np.float32(128)
        (output,) = self._net(pixels).values()
        return _normalised(output)


def model_id(models: Models) -> str:
    """Names the embedding model by its content and by the alignment of the faces it is shown, so
    that templates made by another or from other crops are not compared."""
    return f"mobilefacenet-{models.files[_MODEL].sha256[:12]}-a{VERSION}"


def fuse(embeddings: Sequence[Embedding]) -> Embedding:
    """One embedding from several of one person: the normalised mean.

    Three fused images were measured to miss a quarter as many enrolled people as one does.
    """
    return _normalised(np.mean(embeddings, axis=0))


def _normalised(vector: NDArray[np.float32]) -> Embedding:
    return (vector / max(float(np.linalg.norm(vector)), 1e-9)).astype(np.float32)
