"""Both sides of a synthetic identity card, as a camera sees them held up: for measuring how well
print is read.

Nothing of a real card's design: a pale ground, the labels, and what an invented citizen's card
would say, stamped as a specimen.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

import cv2
import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from kiosk.bench.cards import CARD_MM, photographed
from kiosk.errors import DataSetError
from kiosk.idcard.document import IdentityDocument
from kiosk.idcard.synthetic import zone
from kiosk.printer.fonts import Weight, font
from kiosk.vision.camera import Image

_SCALE: Final = 20
"""Pixels a millimetre the side is drawn with before the camera sees it."""
_OCR_B = (
    Path("/usr/share/fonts/opentype/ocr-b/OCRB.otf"),
    Path("/usr/share/fonts/opentype/OCRB.otf"),
)
"""Debian's fonts-ocr-b."""
_PITCH_MM, _LINE_MM = 2.54, 4.8
"""ICAO 9303-3, section 4.2: ten characters an inch; TD1 has its lines 4.8 mm apart at most."""
_INK = (25, 25, 25)
EXPIRIES: Final = (None, date(2040, 5, 4), date(2031, 12, 1))
"""One is drawn for each back."""


def side_frame(
    seed: int,
    document: IdentityDocument,
    pixels_a_mm: float,
    size: tuple[int, int],
    *,
    back: bool,
) -> Image:
    """A frame of ``size`` (width, height) with one side held in the middle, a little turned and
    tilted, RGB."""
    random = np.random.default_rng([seed, round(pixels_a_mm * 100), int(back)])
    side = _back(document, Random(seed)) if back else _front(document)
    room = random.integers(70, 150, (9, 16, 3), np.uint8)
    image = cv2.resize(room, size, interpolation=cv2.INTER_CUBIC).astype(np.uint8, copy=False)
    _hold(side, image, pixels_a_mm, random)
    return photographed(image, random)


def _hold(side: Image, image: Image, pixels_a_mm: float, random: np.random.Generator) -> None:
    height, width = side.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    flat = (corners - (width / 2, height / 2)) * pixels_a_mm / _SCALE
    turn = np.radians(random.uniform(-4, 4))
    turned = flat @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    shaken = turned + random.uniform(-0.02, 0.02, (4, 2)) * CARD_MM[0] * pixels_a_mm
    frame_height, frame_width = image.shape[:2]
    held = shaken + np.array([frame_width / 2, frame_height / 2])
    held += random.uniform(-0.03, 0.03, 2) * frame_width
    placed = cv2.getPerspectiveTransform(corners.astype(np.float32), held.astype(np.float32))
    soft = cv2.GaussianBlur(side, (0, 0), 0.4 * _SCALE / pixels_a_mm)
    cv2.warpPerspective(
        soft,
        placed,
        (frame_width, frame_height),
        dst=image,
        borderMode=cv2.BORDER_TRANSPARENT,
        flags=cv2.INTER_LINEAR,
    )


def _back(document: IdentityDocument, random: Random) -> Image:
    side, draw = _ground()
    _write(draw, 4, 4, "MẪU · SPECIMEN", "Bold", 2.4)
    _write(draw, 4, 9, f"Ngày, tháng, năm / Date: {_spelled(document.issued or '')}", "Regular", 2)
    expires = random.choice(EXPIRIES)
    face = _ocr_b()
    for row, line in enumerate(zone(document, expires).splitlines()):
        for place, char in enumerate(line):
            at = (4.5 + place * _PITCH_MM) * _SCALE, (35.5 + row * _LINE_MM) * _SCALE
            draw.text(at, char, _INK, face)
    return np.asarray(side, np.uint8)


def _front(document: IdentityDocument) -> Image:
    side, draw = _ground()
    _write(draw, 4, 3, "MẪU · SPECIMEN", "Bold", 2)
    _write(draw, 30, 6, "CĂN CƯỚC", "Bold", 4)
    draw.rectangle([4 * _SCALE, 19 * _SCALE, 24 * _SCALE, 48 * _SCALE], (190, 200, 190))
    _write(draw, 28, 17.5, "Số / No.:", "Regular", 2)
    _write(draw, 40, 16, document.number, "Bold", 4)
    _write(draw, 28, 22.5, "Họ và tên / Full name:", "Regular", 2)
    _write(draw, 28, 25, document.name.upper(), "Bold", 3)
    _write(draw, 28, 30, "Ngày sinh / Date of birth:", "Regular", 2)
    _write(draw, 54, 29.8, _spelled(document.date_of_birth), "SemiBold", 2.4)
    sex = {"M": "Nam", "F": "Nữ", None: ""}[document.sex]
    _write(draw, 28, 34, f"Giới tính / Sex: {sex}", "Regular", 2)
    _write(draw, 54, 34, "Quốc tịch / Nationality: Việt Nam", "Regular", 2)
    _write(draw, 28, 38.5, "Nơi cư trú / Place of residence:", "Regular", 2)
    first, second = _in_two(document.address)
    _write(draw, 28, 41.5, first, "Regular", 2.5)
    _write(draw, 28, 45.5, second, "Regular", 2.5)
    return np.asarray(side, np.uint8)


def _ground() -> tuple[Pillow.Image, ImageDraw.ImageDraw]:
    width, height = (round(mm * _SCALE) for mm in CARD_MM)
    across, down = np.meshgrid(np.arange(width) / _SCALE, np.arange(height) / _SCALE)
    waves = 8 * np.sin(across / 4.5) * np.cos(down / 3.5)
    ground = np.array([225.0, 238.0, 214.0]) + waves[..., None]
    side = Pillow.fromarray(np.clip(ground, 0, 255).astype(np.uint8))
    return side, ImageDraw.Draw(side)


def _write(
    draw: ImageDraw.ImageDraw, x: float, y: float, words: str, weight: Weight, mm: float
) -> None:
    draw.text((x * _SCALE, y * _SCALE), words, _INK, font(weight, round(mm * _SCALE)))


def _in_two(address: str) -> tuple[str, str]:
    at = address.rfind(" ", 0, 36) if len(address) > 36 else len(address)
    return address[:at], address[at:].strip()


def _spelled(day: str) -> str:
    return "/".join(reversed(day.split("-")))


@cache
def _ocr_b() -> ImageFont.FreeTypeFont:
    for path in _OCR_B:
        if path.exists():
            return ImageFont.truetype(path, round(3.55 * _SCALE))
    raise DataSetError("font_missing", package="fonts-ocr-b")
