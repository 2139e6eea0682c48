"""Be Vietnam Pro, the one typeface of the product, for paper."""

from __future__ import annotations

from functools import cache
from math import ceil
from pathlib import Path
from typing import Literal

import fontpkg_be_vietnam_pro
from PIL import ImageFont

Weight = Literal["Regular", "Medium", "SemiBold", "Bold", "ExtraBold"]

_STEM_EM: dict[Weight, float] = {
    "Regular": 0.0946,
    "Medium": 0.1136,
    "SemiBold": 0.1326,
    "Bold": 0.152,
    "ExtraBold": 0.171,
}
"""Width of the letter l, measured at 1,000 pixels per em."""


def font_file(weight: Weight) -> Path:
    """The TrueType file of ``weight``."""
    return fontpkg_be_vietnam_pro.ROOT / "files" / f"BeVietnamPro-{weight}.ttf"


@cache
def font(weight: Weight, px: int) -> ImageFont.FreeTypeFont:
    """``weight`` at ``px`` pixels per em.

    Basic layout, so that the same face gives the same dots with and without libraqm; the
    letters of Vietnamese are single code points after NFC and need no shaping.
    """
    return ImageFont.truetype(font_file(weight), px, layout_engine=ImageFont.Layout.BASIC)


def crisp(weight: Weight, px: int) -> int:
    """The size at most a tenth below ``px`` whose stems come nearest to whole dots.

    In black and white a stem of two and a half dots is two here and three there, and a line of
    small letters looks patched together.
    """

    def unevenness(size: int) -> float:
        stem = _STEM_EM[weight] * size
        return abs(stem - round(stem))

    return min(range(px, ceil(0.9 * px) - 1, -1), key=unevenness)
