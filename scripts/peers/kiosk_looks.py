"""The kiosk looks (see looks.py)."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.litert import Models
from kiosk.vision.still import StillFaces
from scripts.peers.looks import Look, run


def look() -> Look:
    cv2.setNumThreads(1)
    still = StillFaces(Models())

    def embedding(pixels: NDArray[np.uint8]) -> NDArray[np.float32] | None:
        found = still(pixels)
        return found and found.embedding

    return embedding


if __name__ == "__main__":
    run(look())
