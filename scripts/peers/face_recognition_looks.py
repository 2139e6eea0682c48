"""face_recognition 1.3.0 looks (see looks.py), with its defaults: HOG, one upsampling, the small
landmark model. Runs in an environment of its own (scripts/bench-peers.sh)."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

from scripts.peers.looks import run

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its models ask for pkg_resources, which is deprecated
    import face_recognition  # pyright: ignore[reportMissingImports]


def look(pixels: NDArray[np.uint8]) -> NDArray[np.float32] | None:
    height, width = pixels.shape[:2]

    def prominence(box: tuple[int, int, int, int]) -> float:
        """As the kiosk chooses: large and central."""
        top, right, bottom, left = box
        aside = np.hypot((left + right - width) / 2, (top + bottom - height) / 2)
        return bottom - top - float(aside)

    boxes = face_recognition.face_locations(pixels)
    if not boxes:
        return None
    (encoding,) = face_recognition.face_encodings(pixels, [max(boxes, key=prominence)])
    return np.asarray(encoding, np.float32)


if __name__ == "__main__":
    run(look)
