"""A face turned, scaled and moved to where the embedding model expects it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.camera import Image
from kiosk.vision.embedding_card import FIVE_PLACES, Places
from kiosk.vision.faces import Mesh

Points = NDArray[np.float32]

SIDE = 112
"""Width and height of the crop that quality is judged on, pixels."""
VERSION = 2
"""To be raised with every change of what a crop shows: embeddings of faces that were aligned
differently are not comparable."""

# Landmarks of the mesh.
_RIGHT_EYE = (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7)
_LEFT_EYE = (263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249)
_NOSE_TIP, _MOUTH_RIGHT, _MOUTH_LEFT = 4, 61, 291

_FOUR_PLACES = np.array(
    [(38.13, 53.35), (74.45, 53.57), (56.26, 74.10), (56.17, 92.16)], dtype=np.float32
)
"""The mean place of BlazeFace's right eye, left eye, nose tip and mouth in such crops."""
_MOST_SAMPLES = 8
"""Samples for each pixel of the crop, across and down, at most."""


def aligned(image: Image, mesh: Mesh, places: Places = FIVE_PLACES, side: int = SIDE) -> Image:
    """The (``side``, ``side``, 3) crop of the face of ``image`` on which ``mesh`` lies, its five
    points at ``places``: as an embedding model wants it. Beyond the image the crop is black."""
    return _warped(image, similarity(five_points(mesh), np.array(places, np.float32)), side)


def roughly_aligned(image: Image, keypoints: Points) -> Image:
    """Nearly the same from BlazeFace's (6, 2) ``keypoints``: good enough to judge a face that
    gets no mesh, not to embed it. A third of what such crops missed was their fault."""
    return _warped(image, similarity(keypoints[: len(_FOUR_PLACES)], _FOUR_PLACES), SIDE)


def five_points(mesh: Mesh) -> Points:
    """Right eye, left eye, nose tip and corners of the mouth of a mesh, (5, 2) image pixels. An
    eye is the middle of its sixteen landmarks, which is steadier than any one of them."""
    flat = mesh.landmarks[:, :2]
    eyes = [flat[list(eye)].mean(axis=0) for eye in (_RIGHT_EYE, _LEFT_EYE)]
    return np.array([*eyes, flat[_NOSE_TIP], flat[_MOUTH_RIGHT], flat[_MOUTH_LEFT]], np.float32)


def similarity(source: Points, target: Points) -> Points:
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


def _warped(image: Image, matrix: Points, side: int) -> Image:
    """``image`` through ``matrix``: cubic, because small faces lose by linear interpolation. A
    face that shrinks is sampled more densely and averaged instead, so that nothing aliases."""
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    samples = min(max(round(1 / max(scale, 1e-6)), 1), _MOST_SAMPLES)
    if samples == 1:
        crop = cv2.warpAffine(image, matrix, (side, side), flags=cv2.INTER_CUBIC)
        return crop.astype(np.uint8, copy=False)
    dense = matrix * np.float32(samples)
    dense[:, 2] += (samples - 1) / 2  # the samples of a pixel lie around its centre
    size = (side * samples, side * samples)
    sampled = cv2.warpAffine(image, dense, size, flags=cv2.INTER_LINEAR)
    crop = cv2.resize(sampled, (side, side), interpolation=cv2.INTER_AREA)
    return crop.astype(np.uint8, copy=False)
