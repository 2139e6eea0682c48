"""Rotated squares: what a landmark model is shown."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.camera import Image
from kiosk.vision.percepts import Box

Points = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Region:
    """A square around (``cx``, ``cy``), ``size`` image pixels wide, turned by ``angle`` radians
    (clockwise in the picture)."""

    cx: float
    cy: float
    size: float
    angle: float

    @property
    def box(self) -> Box:
        """The square as if it were not turned."""
        half = self.size / 2
        return (self.cx - half, self.cy - half, self.size, self.size)

    def crop(self, image: Image, side: int) -> Image:
        """The square upright, ``side`` pixels wide; beyond the image its edge is repeated."""
        matrix = np.linalg.inv(np.vstack([self._to_image(side), [0, 0, 1]]))[:2]
        mode = cv2.BORDER_REPLICATE
        crop = cv2.warpAffine(image, matrix, (side, side), flags=cv2.INTER_LINEAR, borderMode=mode)
        return crop.astype(np.uint8, copy=False)

    def to_image(self, points: Points, side: int) -> Points:
        """(n, 3) crop pixels → image pixels; depth is scaled alike."""
        matrix = self._to_image(side)
        xy = points[:, :2] @ matrix[:, :2].T + matrix[:, 2]
        return np.column_stack([xy, points[:, 2] * (self.size / side)]).astype(np.float32)

    def moved(self, right: float, down: float) -> Region:
        """Moved along its own axes, image pixels."""
        c, s = math.cos(self.angle), math.sin(self.angle)
        x, y = self.cx + right * c - down * s, self.cy + right * s + down * c
        return Region(x, y, self.size, self.angle)

    def _to_image(self, side: int) -> NDArray[np.float64]:
        # MediaPipe maps corner to corner, not pixel centre to pixel centre.
        k, half = self.size / side, self.size / 2
        c, s = math.cos(self.angle), math.sin(self.angle)
        x, y = self.cx - half * c + half * s, self.cy - half * s - half * c
        return np.array([[k * c, -k * s, x], [k * s, k * c, y]])


def around(points: NDArray[np.float32], angle: float) -> tuple[Region, float, float]:
    """The least upright-in-``angle`` rectangle around (n, 2) points, as the square on its longer
    side, and its width and height."""
    c, s = math.cos(angle), math.sin(angle)
    axes = np.array([[c, s], [-s, c]])
    turned = points @ axes.T
    low, high = turned.min(axis=0), turned.max(axis=0)
    width, height = (high - low).tolist()
    cx, cy = ((low + high) / 2 @ axes).tolist()
    return Region(cx, cy, max(width, height), angle), width, height


def central_square(image: Image) -> tuple[Image, int, int]:
    """The central square of ``image`` (a view), and where its left and top edges lie.

    Faces and hands are looked for there: letterboxing a wide frame would leave an adult a metre
    away fewer pixels than the detectors need.
    """
    height, width = image.shape[:2]
    side = min(height, width)
    left, top = (width - side) // 2, (height - side) // 2
    return image[top : top + side, left : left + side], left, top


Square = tuple[int, int, int]
"""Left and top edge and side of an upright square, image pixels."""


def square_about(middle: tuple[float, float], size: int, side: int) -> Square:
    """The square of ``size`` about ``middle``, as far as possible, inside a picture that is
    ``side`` pixels wide and high."""
    size = min(size, side)
    left, top = (min(max(0, round(place - size / 2)), side - size) for place in middle)
    return left, top, size


def overlap(one: Box, other: Box) -> float:
    """Intersection over union, 0 … 1."""
    shared = _common(one[0], one[2], other[0], other[2]) * _common(
        one[1], one[3], other[1], other[3]
    )
    union = one[2] * one[3] + other[2] * other[3] - shared
    return min(1.0, shared / union) if union > 0 else 0.0


def _common(start: float, length: float, other_start: float, other_length: float) -> float:
    end = min(start + length, other_start + other_length)
    return max(0.0, end - max(start, other_start))
