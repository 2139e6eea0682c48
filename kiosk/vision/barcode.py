"""QR codes held up to the camera."""

from __future__ import annotations

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from kiosk.vision.camera import Image
from kiosk.vision.percepts import BarcodePercept

LIMIT_BYTES = 600
"""Longest payload passed on. An identity card's is under 300 bytes; whatever is longer is not
meant for us and does not travel further into the kiosk."""

_CENTRE = 0.5
"""Share of width and height searched first: where the guide frame on the screen asks for the
card. A quarter of the pixels, a quarter of the time."""

_FINER = 1.5
_SHARPEN = 1.5
_SHARPEN_SIGMA = 1.0
"""What a small code needs: the middle again, sharpened by what a Gaussian of one pixel takes away
and half as large again. Of synthetic frames with 2.1 pixels a module it reads four in five, the
middle alone less than half (``kiosk bench card``)."""

_FORMATS = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


def scan(image: Image) -> tuple[BarcodePercept, ...]:
    """QR codes in ``image`` (RGB), at full resolution: in its middle, in its middle again made
    sharper and finer, else in the whole of it.

    The text of a code over :data:`LIMIT_BYTES` is left empty. Never log the text.
    """
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)
    height, width = grey.shape
    top, left = round(height * (1 - _CENTRE) / 2), round(width * (1 - _CENTRE) / 2)
    middle = np.ascontiguousarray(grey[top : height - top, left : width - left])
    return _read(middle) or _read(_finer(middle)) or _read(grey)


def _finer(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    soft = cv2.GaussianBlur(grey, (0, 0), _SHARPEN_SIGMA)
    sharp = cv2.addWeighted(grey, 1 + _SHARPEN, soft, -_SHARPEN, 0)
    finer = cv2.resize(sharp, None, fx=_FINER, fy=_FINER, interpolation=cv2.INTER_CUBIC)
    return finer.astype(np.uint8, copy=False)


def _read(grey: NDArray[np.uint8]) -> tuple[BarcodePercept, ...]:
    codes = zxingcpp.read_barcodes(grey, formats=_FORMATS)
    return tuple(BarcodePercept(_text(code), "QRCode") for code in codes)


def _text(code: zxingcpp.Barcode) -> str:
    """UTF-8 where the bytes are: cards carry no ECI designator, and guesses at the character set
    corrupt Vietnamese."""
    payload = bytes(code.bytes)
    if len(payload) > LIMIT_BYTES:
        return ""
    try:
        return payload.decode("utf-8")
    except UnicodeDecodeError:
        return code.text
