"""Be Vietnam Pro, the one typeface of the product, for paper."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

import fontpkg_be_vietnam_pro
from PIL import ImageFont

Weight = Literal["Regular", "Medium", "SemiBold", "Bold", "ExtraBold"]


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
