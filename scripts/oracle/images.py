"""The pictures on which our detectors are held against MediaPipe's, and nothing but pictures:
this runs in the oracle's environment too."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import skimage.data
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[2]
ANSWERS = ROOT / "tests" / "vision" / "oracle"
SPRITES = ROOT / "kiosk" / "vision" / "sprites"

_LFW_EVERY = 36


def published(photographs: Path) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """(name, RGB square) of pictures anybody can have: NASA's portrait, the rendered hands, and
    the photographs of PyPI's face_recognition 1.3.0 in the folder ``photographs``."""
    yield "astronaut", np.asarray(skimage.data.astronaut())
    for sprite in sorted(SPRITES.glob("*.png")):
        right = rendered(sprite)
        yield f"{sprite.stem}-right", square(right)
        yield f"{sprite.stem}-left", square(np.ascontiguousarray(right[:, ::-1]))
    for photograph in sorted(photographs.glob("*.jpg")):
        yield photograph.stem, square(read(photograph))


def private(media: Path) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """(hash, RGB square) of test pictures that are not ours to publish, named by their contents
    so that nobody's name is written down."""
    paths = sorted(media.glob("hands-labelled/*.jpg")) + sorted(media.glob("kiosk-distance/*.jpg"))
    paths += sorted(media.glob("lfw/**/*.jpg"))[::_LFW_EVERY]
    for path in paths:
        yield hashlib.sha256(path.read_bytes()).hexdigest()[:16], square(read(path))


def read(path: Path) -> NDArray[np.uint8]:
    """The picture as RGB."""
    return np.ascontiguousarray(_decoded(path, cv2.IMREAD_COLOR)[:, :, ::-1])


def square(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The central square: where the kiosk looks."""
    height, width = image.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return np.ascontiguousarray(image[top : top + side, left : left + side])


def rendered(sprite: Path) -> NDArray[np.uint8]:
    """A sprite in the middle of a grey picture of 640×480."""
    rgba = _decoded(sprite, cv2.IMREAD_UNCHANGED)[:, :, [2, 1, 0, 3]]
    canvas = np.full((480, 640, 3), 128, np.uint8)
    height, width = rgba.shape[:2]
    top, left = (480 - height) // 2, (640 - width) // 2
    place = canvas[top : top + height, left : left + width]
    alpha = rgba[:, :, 3:].astype(np.uint16)
    place[:] = (rgba[:, :, :3] * alpha + place * (255 - alpha)) // 255
    return canvas


def _decoded(path: Path, flags: int) -> NDArray[np.uint8]:
    image = cv2.imread(str(path), flags)
    if image is None:
        raise ValueError(f"{path} is not a picture")
    return image.astype(np.uint8, copy=False)
