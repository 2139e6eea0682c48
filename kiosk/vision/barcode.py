"""QR codes held up to the camera, and how to hold those that cannot be read."""

from __future__ import annotations

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from kiosk.vision.camera import Image
from kiosk.vision.percepts import BarcodePercept, CardHint, CardView

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


# ── a code that is there and cannot be read ───────────────────────────────────────────────────

_FINDER = 2.6
"""Pixels of a module below which nearer helps: what a decoder needs (``kiosk bench card``)."""
_MODULES = 49
"""Of a card's code, versions 7 to 9: 45 … 53 a side."""
_TILTED = 1.25
"""How much longer one side may be than the one across, or than the one beside it."""


def view(image: Image, scale: float = 1.0) -> CardView | None:
    """Where a code is that :func:`scan` could not read, in pixels of a picture ``scale`` times
    as large, and what would help; ``None`` when none is to be seen."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)
    found = zxingcpp.read_barcodes(grey, formats=_FORMATS, return_errors=True)
    if not found:
        return None
    corners = _corners(found[0])
    (left, top), (right, bottom) = scale * corners.min(axis=0), scale * corners.max(axis=0)
    box = (float(left), float(top), float(right - left), float(bottom - top))
    return CardView(_hint(corners), box)


def _corners(code: zxingcpp.Barcode) -> NDArray[np.float64]:
    """(4, 2), clockwise from the top left."""
    at = code.position
    return np.array(
        [(p.x, p.y) for p in (at.top_left, at.top_right, at.bottom_right, at.bottom_left)], float
    )


def _hint(corners: NDArray[np.float64]) -> CardHint:
    sides = np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1)
    if sides.max() < _FINDER * _MODULES:
        return "closer"
    if sides.max() > _TILTED * max(float(sides.min()), 1.0):
        return "tilt"
    return "still"
