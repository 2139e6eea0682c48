"""The picture on a card's chip, decoded in memory. It comes from outside: whoever made the card
decides what is in it."""

from __future__ import annotations

import io
import warnings

import numpy as np
from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from kiosk.vision.camera import Image

_BROKEN = (
    UnidentifiedImageError,
    OSError,
    SyntaxError,
    ValueError,
    Pillow.DecompressionBombError,
)
"""What Pillow raises for what is no picture."""
_LARGEST = 2_000_000
"""Pixels. A chip's portrait has some 200,000."""


def portrait_pixels(content: bytes) -> Image | None:
    """The pixels (RGB) of a JPEG or JPEG 2000; ``None`` when it is none, or far too large."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Pillow.open(io.BytesIO(content), formats=("JPEG", "JPEG2000")) as picture:
                if picture.width * picture.height > _LARGEST:
                    return None
                return np.asarray(picture.convert("RGB"), np.uint8)
    except _BROKEN:
        return None
