"""Ticket → bitmap. Pure: the same face, width and resolution always give the same dots.

The ticket is a stack of strips as wide as the paper; a strip is as high as its text needs, so
long names make the ticket longer and nothing is ever cut off.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil, floor

import qrcode
from PIL import Image, ImageDraw, ImageFont

from kiosk.locale import LANGUAGES, Language, text
from kiosk.printer.fonts import Weight, font
from kiosk.printer.ticket import TicketFace

_WHITE = 255
_BLACK = 0
_DESIGN_DPI = 203
"""The sizes below are dots at this resolution, eight to the millimetre."""


@dataclass(frozen=True, slots=True)
class _Paper:
    dots: int
    dpi: int

    def __call__(self, size: float) -> int:
        """``size`` dots at the design resolution → dots of this printer."""
        return max(1, round(size * self.dpi / _DESIGN_DPI))

    @property
    def margin(self) -> int:
        return self(16)

    @property
    def inner(self) -> int:
        return self.dots - 2 * self.margin

    def strip(self, height: int) -> Image.Image:
        return Image.new("L", (self.dots, height), _WHITE)


def render(face: TicketFace, dots: int, dpi: int) -> Image.Image:
    """The ticket as black (0) on white: mode ``1``, ``dots`` wide, as high as it needs to be.

    ``dots`` is the printable width (576 on 80 mm paper, 384 on 58 mm), ``dpi`` the resolution
    of the print head.
    """
    paper = _Paper(dots, dpi)
    strips = [
        _space(paper, 12),
        *_head(paper, face),
        _rule(paper),
        *_number(paper, face),
        *_field(paper, face),
        _facts(paper, face),
        _rule(paper),
        _foot(paper, face),
        _space(paper, 12),
    ]
    # A threshold at half coverage keeps stems even; dithering would fray them.
    return _stack(paper, strips).point([_BLACK] * 128 + [_WHITE] * 128, "1")


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


# Strips, from the top of the paper to the bottom.


def _head(paper: _Paper, face: TicketFace) -> list[Image.Image]:
    strips = [
        _text(paper, face.office, "Medium", paper(27)),
        _text(paper, face.unit, "Bold", paper(32)),
    ]
    if face.reprint:
        mark = " · ".join(text(each, "ticket.line.reprint") for each in _both(face.language))
        strips += [_rule(paper), _text(paper, mark, "ExtraBold", paper(34))]
    return strips


def _number(paper: _Paper, face: TicketFace) -> list[Image.Image]:
    """The number is the picture: as wide as the paper, and never higher than is calm."""
    tallest = round(paper.dots * 0.5)
    left, _, right, _ = font("ExtraBold", tallest).getbbox(face.number)
    letters = font("ExtraBold", min(tallest, int(tallest * paper.inner / (right - left))))
    left, top, right, bottom = letters.getbbox(face.number)
    strip = paper.strip(ceil(bottom - top))
    where = ((paper.dots - (right - left)) / 2 - left, -top)
    ImageDraw.Draw(strip).text(where, face.number, _BLACK, letters)
    caption = _caption(paper, face.language, "number", paper.inner)
    return [_centred(paper, caption), _space(paper, 14), strip, _space(paper, 26)]


def _field(paper: _Paper, face: TicketFace) -> list[Image.Image]:
    strips = [_text(paper, face.field, "Bold", paper(42))]
    if face.name is not None:
        line = text(face.language, "ticket.label.name", name=face.name)
        strips += [_space(paper, 6), _text(paper, line, "Regular", paper(26))]
    return [*strips, _space(paper, 18)]


def _facts(paper: _Paper, face: TicketFace) -> Image.Image:
    """Counter, people ahead and wait side by side; what nobody knows is left out."""
    known = {
        "counter": face.counter,
        "ahead": "" if face.ahead is None else str(face.ahead),
        "wait": "" if face.wait_min is None else f"≈{face.wait_min}" if face.wait_min else "0",
    }
    known = {key: value for key, value in known.items() if value}
    width = paper.inner // max(1, len(known)) - paper(8)
    fits = {key: _fit(value, "Bold", width, paper(68)) for key, value in known.items()}
    if fits.get("counter", paper(68)) < paper(44):  # a sentence, not a number
        apart = _text(paper, known["counter"], "SemiBold", paper(34))
        return _stack(paper, [apart, _space(paper, 14), _facts(paper, replace(face, counter=""))])
    cells = [
        _fact(paper, face.language, key, value, min(fits.values()), width)
        for key, value in known.items()
    ]
    return _row(paper, cells) if cells else paper.strip(1)


def _fact(
    paper: _Paper, language: Language, key: str, value: str, px: int, width: int
) -> Image.Image:
    return _pile(
        [_lines(value, "Bold", px, width), _caption(paper, language, key, width)], align="middle"
    )


def _foot(paper: _Paper, face: TicketFace) -> Image.Image:
    """QR on the left; on the right when and where the ticket was taken, and what happens next."""
    code = _qr(paper, face.reference)
    gap = paper(10)
    width = paper.dots - paper.margin - code.width - gap
    when = face.printed_at
    day = f"{text(face.language, f'ticket.weekday.{when.weekday()}')}, {when:%d/%m/%Y}"
    beside = _pile(
        [
            _lines(f"{when:%H:%M}", "Bold", paper(40), width, align="left"),
            _lines(day, "Medium", paper(24), width, align="left"),
            _lines(
                text(face.language, "ticket.label.kiosk", kiosk=face.kiosk),
                "Regular",
                paper(22),
                width,
                align="left",
            ),
            _lines(face.reference, "Regular", paper(22), width, align="left"),
        ],
        align="left",
    )
    height = max(code.height, beside.height)
    strip = paper.strip(height)
    # The margin of the paper is part of the code's quiet zone.
    strip.paste(code, (0, (height - code.height) // 2))
    strip.paste(beside, (code.width + gap, (height - beside.height) // 2))
    after = text(face.language, "ticket.line.wait_here")
    return _stack(paper, [strip, _space(paper, 10), _text(paper, after, "Regular", paper(24))])


def _qr(paper: _Paper, reference: str) -> Image.Image:
    """Modules of 0.75 mm where the paper has the room, with the quiet zone of four modules.

    ISO/IEC 18004 asks for the quiet zone; level M survives a crease.
    """
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=4)
    code.add_data(reference)
    matrix = code.get_matrix()
    module = max(2, min(paper(6), paper.dots // 2 // len(matrix)))
    small = Image.new("L", (len(matrix), len(matrix)))
    small.putdata([_BLACK if dark else _WHITE for row in matrix for dark in row])
    side = len(matrix) * module
    return small.resize((side, side), Image.Resampling.NEAREST)


# Building blocks.


def _both(language: Language) -> tuple[Language, ...]:
    """The ticket's language first, the other one after it."""
    return (language, *(other for other in LANGUAGES if other != language))


def _caption(paper: _Paper, language: Language, key: str, width: int) -> Image.Image:
    """A label in the ticket's language, small in the other one under it."""
    first, second = (text(each, f"ticket.label.{key}") for each in _both(language))
    px = max(paper(22), _fit(first, "Medium", width, paper(25)))
    return _pile(
        [_lines(first, "Medium", px, width), _lines(second, "Regular", paper(20), width)],
        align="middle",
    )


def _text(paper: _Paper, words: str, weight: Weight, px: int) -> Image.Image:
    return _centred(paper, _lines(words, weight, px, paper.inner))


def _lines(words: str, weight: Weight, px: int, width: int, align: str = "middle") -> Image.Image:
    """``words`` wrapped into a block ``width`` dots wide."""
    face = font(weight, px)
    lines = wrap(unicodedata.normalize("NFC", words), face, width)
    return _pile([_line(line, face, width, align) for line in lines], align)


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
    line = Image.new("L", (width, baseline + max(descent, ceil(bottom))), _WHITE)
    ImageDraw.Draw(line).text((x, baseline), words, _BLACK, face, anchor="ls")
    return line


def _fit(words: str, weight: Weight, width: int, largest: int) -> int:
    """Largest size up to ``largest`` at which ``words`` stay on one line of ``width`` dots."""
    px = min(largest, int(largest * width / _breadth(words, font(weight, largest))) + 1)
    while px > 1 and _breadth(words, font(weight, px)) > width:
        px -= 1
    return px


def _pile(blocks: Sequence[Image.Image], align: str) -> Image.Image:
    width = max((block.width for block in blocks), default=1)
    pile = Image.new("L", (width, sum(block.height for block in blocks)), _WHITE)
    y = 0
    for block in blocks:
        pile.paste(block, (0 if align == "left" else (width - block.width) // 2, y))
        y += block.height
    return pile


def _row(paper: _Paper, cells: Sequence[Image.Image]) -> Image.Image:
    """Cells of equal width with thin rules between them."""
    row = paper.strip(max(cell.height for cell in cells))
    column = paper.inner / len(cells)
    for place, cell in enumerate(cells):
        centre = paper.margin + column * (place + 0.5)
        row.paste(cell, (round(centre - cell.width / 2), 0))
    draw = ImageDraw.Draw(row)
    for place, _ in enumerate(pairwise(cells), start=1):
        x = round(paper.margin + column * place)
        draw.line((x, paper(8), x, row.height - paper(8)), _BLACK, paper(2))
    return row


def _centred(paper: _Paper, block: Image.Image) -> Image.Image:
    strip = paper.strip(block.height)
    strip.paste(block, ((paper.dots - block.width) // 2, 0))
    return strip


def _rule(paper: _Paper) -> Image.Image:
    thickness = paper(2)
    strip = paper.strip(paper(30))
    top = (strip.height - thickness) // 2
    right = paper.dots - paper.margin - 1
    ImageDraw.Draw(strip).rectangle((paper.margin, top, right, top + thickness - 1), _BLACK)
    return strip


def _space(paper: _Paper, height: int) -> Image.Image:
    return paper.strip(paper(height))


def _stack(paper: _Paper, strips: Sequence[Image.Image]) -> Image.Image:
    sheet = paper.strip(sum(strip.height for strip in strips))
    y = 0
    for strip in strips:
        sheet.paste(strip, (0, y))
        y += strip.height
    return sheet
