"""Light and focus of a picture."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.camera import Image
from kiosk.vision.percepts import View
from kiosk.vision.region import central_square

_LINES = 720
_BLOCKS = 16
_BLOCK = 44
_CONTRAST = 60
"""Grey levels a block must span for its steepest place to be an edge."""
_LEAST_BLOCKS = 6
_SHARPEST = 10
"""Percentile: hardly anything is in the plane of focus, so the sharpest places tell."""
_WHITE = 250


def view_of(image: Image) -> View:
    """Light and focus of an RGB picture."""
    square, _, _ = central_square(image)
    grey = np.asarray(cv2.cvtColor(square, cv2.COLOR_RGB2GRAY), np.uint8)
    size = (_LINES, _LINES)
    grey = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)
    return View(
        light=round(float(grey.mean()), 1),
        blown=round(float((grey >= _WHITE).mean()), 3),
        blur_px=_blur(grey),
    )


def _blur(grey: NDArray[np.uint8]) -> float | None:
    """A step of height *a* blurred by σ is steepest in its middle: a / (σ √2π)."""
    side = _BLOCKS * _BLOCK
    luminance = grey[: side + 2, : side + 2].astype(np.float32)
    across = (luminance[1:-1, 2:] - luminance[1:-1, :-2]) / 2
    down = (luminance[2:, 1:-1] - luminance[:-2, 1:-1]) / 2
    steepest = _blocks(np.hypot(across, down)).max(axis=(1, 3))
    inner = _blocks(luminance[1:-1, 1:-1])
    height = inner.max(axis=(1, 3)) - inner.min(axis=(1, 3))
    edges = height >= _CONTRAST
    if edges.sum() < _LEAST_BLOCKS:
        return None
    sigmas = height[edges] / (steepest[edges] * math.sqrt(2 * math.pi))
    return round(float(np.percentile(sigmas, _SHARPEST)), 2)


def _blocks(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    return picture.reshape(_BLOCKS, _BLOCK, _BLOCKS, _BLOCK)
