"""A face turned, scaled and moved to where the embedding model expects it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.camera import Image

SIDE = 112
"""Width and height of an aligned crop, pixels."""

TEMPLATE = np.array(
    [(38.13, 53.35), (74.45, 53.57), (56.26, 74.10), (56.17, 92.16)], dtype=np.float32
)
"""Where right eye, left eye, nose tip and mouth of BlazeFace belong in the crop: the mean place
of those keypoints on faces aligned the way MobileFaceNet was trained (112×112, ArcFace)."""


def aligned(image: Image, keypoints: NDArray[np.float32]) -> Image:
    """The (112, 112, 3) crop of the face whose first four BlazeFace ``keypoints``, (4+, 2) image
    pixels, are given. Beyond the image the crop is black."""
    matrix = similarity(keypoints[: len(TEMPLATE)], TEMPLATE)
    crop = cv2.warpAffine(image, matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR)
    return crop.astype(np.uint8, copy=False)


def similarity(source: NDArray[np.float32], target: NDArray[np.float32]) -> NDArray[np.float32]:
    """The (2, 3) rotation, scale and shift that bring ``source`` nearest to ``target``.

    Both are (n, 2). This is the least-squares similarity of Umeyama, "Least-squares estimation of
    transformation parameters between two point patterns" (IEEE PAMI 13(4), 1991); in the plane
    and without reflections it is one division of complex numbers.
    """
    from_, to = source[:, 0] + 1j * source[:, 1], target[:, 0] + 1j * target[:, 1]
    centred = from_ - from_.mean()
    turn = np.vdot(centred, to - to.mean()) / max(np.vdot(centred, centred).real, 1e-9)
    shift = to.mean() - turn * from_.mean()
    return np.array(
        [[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]], dtype=np.float32
    )
