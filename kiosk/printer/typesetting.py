"""Words → lines of dots of the width they are given. Nothing is ever cut off: what is too long
for a line wraps, and a line is as high as its letters' marks need."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from math import ceil, floor

from PIL import Image, ImageDraw, ImageFont

from kiosk.printer.fonts import Weight, crisp, font
from kiosk.printer.paper import BLACK, WHITE, pile


# Most of a ticket says the same on the next one: without this a layout takes five times as long.
@lru_cache(maxsize=64)
def paragraph(
    words: str, weight: Weight, px: int, width: int, align: str = "middle"
) -> Image.Image:
    """``words`` wrapped into a block ``width`` dots wide (mode ``L``), about ``px`` to the em.

    The block is shared with whoever asks for the same: paste it, never draw on it.
    """
    face = font(weight, crisp(weight, px))
    lines = wrap(unicodedata.normalize("NFC", words), face, width)
    return pile([_line(line, face, width, align) for line in lines], align)


def largest(words: str, weight: Weight, width: int, most: int) -> int:
    """The largest size up to ``most`` at which ``words`` stay on one line of ``width`` dots."""
    px = min(most, int(most * width / _breadth(words, font(weight, most))) + 1)
    while px > 1 and _breadth(words, font(weight, px)) > width:
        px -= 1
    return px


def wrap(words: str, face: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Break ``words`` into the fewest lines of at most ``width`` dots, about equally long.

    A word longer than a line is broken inside; a single letter wider than ``width`` keeps a
    line of its own.
    """
    lines = _greedy(words, face, width)
    for narrower in range(width if len(lines) > 1 else 0, width // 2, -max(1, width // 16)):
        balanced = _greedy(words, face, narrower)
        if len(balanced) > len(lines):
            break
        lines = balanced
    return lines


def _greedy(words: str, face: ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines: list[str] = []
    line = ""
    for word in words.split():
        longer = f"{line} {word}" if line else word
        if _breadth(longer, face) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        *full, line = [word] if _breadth(word, face) <= width else _break(word, face, width)
        lines += full
    return [*lines, line] if line else lines


def _break(word: str, face: ImageFont.FreeTypeFont, width: int) -> list[str]:
    pieces = [""]
    for letter in word:
        if pieces[-1] and _breadth(pieces[-1] + letter, face) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def _breadth(words: str, face: ImageFont.FreeTypeFont) -> float:
    """Dots that a line needs: its advance, and room for what leans out on either side.

    No letter of the typeface leans out by more than 0.07 em (measured: ế in ExtraBold).
    """
    return face.getlength(words) + 2 * (ceil(0.07 * face.size) + 1)


def _line(words: str, face: ImageFont.FreeTypeFont, width: int, align: str) -> Image.Image:
    """One line, high enough for its own marks: those of Ễ rise above the font's ascent."""
    left, top, _, bottom = face.getbbox(words, anchor="ls")
    x = max(0, -floor(left)) if align == "left" else (width - face.getlength(words)) // 2
    ascent, descent = face.getmetrics()
    baseline = max(ascent, -floor(top))
    line = Image.new("L", (width, baseline + max(descent, ceil(bottom))), WHITE)
    ImageDraw.Draw(line).text((x, baseline), words, BLACK, face, anchor="ls")
    return line
