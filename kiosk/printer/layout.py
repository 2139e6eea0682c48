"""Ticket → bitmap. Pure: the same face on the same template always gives the same dots.

The ticket is a stack of blocks as wide as the paper, in the template's order; a block is as high
as its text needs, so long names make the ticket longer and nothing is ever cut off.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import ceil

from PIL import Image, ImageChops, ImageDraw

from kiosk.config import TicketBlock
from kiosk.locale import LANGUAGES, Language, text
from kiosk.printer.code import qr_code
from kiosk.printer.fonts import Weight, font
from kiosk.printer.paper import BLACK, WHITE, Paper, pile
from kiosk.printer.template import TicketTemplate
from kiosk.printer.ticket import TicketFace
from kiosk.printer.typesetting import largest, paragraph

_LOGO = 160
"""A logo is at most 20 mm high: it greets, the number calls."""


def render(face: TicketFace, template: TicketTemplate) -> Image.Image:
    """The ticket as black (0) on white: mode ``1``, ``template.dots`` wide, as high as it needs
    to be."""
    paper = Paper(template.dots, template.dpi)
    blocks = [_BLOCKS[name](paper, face, template) for name in template.blocks]
    sheet = pile([paper.space(12), *blocks, paper.space(12)])
    # A threshold at half coverage keeps stems even; dithering would fray them.
    return sheet.point([BLACK] * 128 + [WHITE] * 128, "1")


# The blocks.


def _logo(paper: Paper, _face: TicketFace, template: TicketTemplate) -> Image.Image:
    """Shrunk to fit, never enlarged."""
    if template.logo is None:
        return _nothing(paper)
    logo = template.logo.copy()
    logo.thumbnail((paper.inner, paper(_LOGO)))
    return pile([paper.centred(logo), paper.space(10)])


def _office(paper: Paper, face: TicketFace, _template: TicketTemplate) -> Image.Image:
    return pile(
        [
            _text(paper, face.office, "Medium", paper(27)),
            _text(paper, face.unit, "Bold", paper(32)),
        ]
    )


def _rule(paper: Paper, _face: TicketFace, _template: TicketTemplate) -> Image.Image:
    return paper.rule()


def _number(paper: Paper, face: TicketFace, _template: TicketTemplate) -> Image.Image:
    """The number is the picture: as wide as the paper, and never higher than is calm.

    What must not be overlooked goes with it: what kind of paper this is above, whom it puts
    first below.
    """
    tallest = round(paper.dots * 0.5)
    left, _, right, _ = font("ExtraBold", tallest).getbbox(face.number)
    letters = font("ExtraBold", min(tallest, int(tallest * paper.inner / (right - left))))
    left, top, right, bottom = letters.getbbox(face.number)
    number = paper.blank(ceil(bottom - top))
    where = ((paper.dots - (right - left)) / 2 - left, -top)
    ImageDraw.Draw(number).text(where, face.number, BLACK, letters)
    caption = paper.centred(_caption(paper, face.language, "number", paper.inner))
    first = [_band(paper, face.priority), paper.space(18)] if face.priority else []
    return pile([*_marks(paper, face), caption, paper.space(14), number, paper.space(26), *first])


def _field(paper: Paper, face: TicketFace, _template: TicketTemplate) -> Image.Image:
    return pile([_text(paper, face.field, "Bold", paper(42)), paper.space(6)])


def _name(paper: Paper, face: TicketFace, _template: TicketTemplate) -> Image.Image:
    if face.name is None:
        return _nothing(paper)
    line = text(face.language, "ticket.label.name", name=face.name)
    return _text(paper, line, "Medium", paper(27))


def _facts(paper: Paper, face: TicketFace, template: TicketTemplate) -> Image.Image:
    """Counter, people ahead and wait side by side; what nobody knows is left out."""
    known = {
        "counter": face.counter,
        "ahead": "" if face.ahead is None else str(face.ahead),
        "wait": "" if face.wait_min is None else f"≈{face.wait_min}" if face.wait_min else "0",
    }
    known = {key: value for key, value in known.items() if value}
    if not known:
        return _nothing(paper)
    width = paper.inner // len(known) - paper(8)
    fits = {key: largest(value, "Bold", width, paper(68)) for key, value in known.items()}
    if fits.get("counter", paper(68)) < paper(44):  # a sentence, not a number
        apart = _text(paper, known["counter"], "SemiBold", paper(34))
        rest = _facts(paper, replace(face, counter=""), template)
        return pile([paper.space(14), apart, rest])
    cells = [
        _fact(paper, face.language, key, value, min(fits.values()), width)
        for key, value in known.items()
    ]
    return pile([paper.space(14), paper.row(cells)])


def _code(paper: Paper, face: TicketFace, _template: TicketTemplate) -> Image.Image:
    """QR on the left; on the right when and where the ticket was taken."""
    code = qr_code(paper, face.code or face.reference)
    gap = paper(10)
    beside = _taken(paper, face, paper.dots - paper.margin - code.width - gap)
    strip = paper.blank(max(code.height, beside.height))
    # The margin of the paper is part of the code's quiet zone.
    strip.paste(code, (0, (strip.height - code.height) // 2))
    strip.paste(beside, (code.width + gap, (strip.height - beside.height) // 2))
    return strip


def _message(paper: Paper, face: TicketFace, template: TicketTemplate) -> Image.Image:
    words = template.message_in(face.language)
    return pile([paper.space(10), _text(paper, words, "Medium", paper(27))])


_Block = Callable[[Paper, TicketFace, TicketTemplate], Image.Image]
_BLOCKS: Mapping[TicketBlock, _Block] = {
    "logo": _logo,
    "office": _office,
    "rule": _rule,
    "number": _number,
    "field": _field,
    "name": _name,
    "facts": _facts,
    "qr": _code,
    "message": _message,
}


# What blocks are made of.


def _nothing(paper: Paper) -> Image.Image:
    return paper.blank(0)


def _marks(paper: Paper, face: TicketFace) -> list[Image.Image]:
    marks = {"reprint": face.reprint, "specimen": face.specimen}
    return [
        strip
        for mark in (mark for mark, on in marks.items() if on)
        for strip in (
            _band(
                paper,
                " · ".join(text(each, f"ticket.line.{mark}") for each in _both(face.language)),
            ),
            paper.space(14),
        )
    ]


def _band(paper: Paper, words: str) -> Image.Image:
    """White on black from margin to margin: the words nobody must overlook."""
    air = paper(16)
    lines = paragraph(words, "ExtraBold", paper(35), paper.inner - 2 * air)
    band = Image.new("L", (paper.inner, lines.height + air), BLACK)
    band.paste(ImageChops.invert(lines), (air, air // 2))
    return paper.centred(band)


def _fact(
    paper: Paper, language: Language, key: str, value: str, px: int, width: int
) -> Image.Image:
    return pile([paragraph(value, "Bold", px, width), _caption(paper, language, key, width)])


def _taken(paper: Paper, face: TicketFace, width: int) -> Image.Image:
    when = face.printed_at
    day = f"{text(face.language, f'ticket.weekday.{when.weekday()}')}, {when:%d/%m/%Y}"
    kiosk = text(face.language, "ticket.label.kiosk", kiosk=face.kiosk)
    lines: list[tuple[str, Weight, int]] = [
        (f"{when:%H:%M}", "Bold", 40),
        (day, "Medium", 27),
        (kiosk, "Regular", 22),
        (_in_fours(face.reference), "Regular", 22),
    ]
    return pile(
        [paragraph(words, weight, paper(px), width, "left") for words, weight, px in lines],
        "left",
    )


def _in_fours(reference: str) -> str:
    """As one reads it to a clerk."""
    return " ".join(reference[start : start + 4] for start in range(0, len(reference), 4))


def _both(language: Language) -> tuple[Language, ...]:
    """The ticket's language first, the other one after it."""
    return (language, *(other for other in LANGUAGES if other != language))


def _caption(paper: Paper, language: Language, key: str, width: int) -> Image.Image:
    """A label in the ticket's language, small in the other one under it."""
    first, second = (text(each, f"ticket.label.{key}") for each in _both(language))
    px = max(paper(20), largest(first, "SemiBold", width, paper(23)))
    return pile(
        [
            paragraph(first, "SemiBold", px, width),
            paragraph(second, "Regular", paper(21), width),
        ]
    )


def _text(paper: Paper, words: str, weight: Weight, px: int) -> Image.Image:
    return paper.centred(paragraph(words, weight, px, paper.inner))
