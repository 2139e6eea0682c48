from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from kiosk.config import Bilingual, TicketBlock, TicketSettings
from kiosk.locale import LANGUAGES, catalogue
from kiosk.printer.fonts import Weight, crisp, font
from kiosk.printer.layout import render
from kiosk.printer.template import TicketTemplate
from kiosk.printer.ticket import TicketFace
from kiosk.printer.typesetting import paragraph, wrap

BLOCKS = TicketSettings().blocks
PAPERS = [
    TicketTemplate(dots, dpi, BLOCKS)
    for dots, dpi in [(576, 203), (384, 203), (512, 180), (360, 180)]
]
WIDE = PAPERS[0]
on_each_paper = pytest.mark.parametrize(
    "paper", PAPERS, ids=[f"{each.dots}x{each.dpi}" for each in PAPERS]
)
WEIGHTS: tuple[Weight, ...] = ("Regular", "Medium", "SemiBold", "Bold", "ExtraBold")


def vietnamese_letters() -> str:
    vowels = "aăâeêioôơuưy"
    tones = ["", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"]
    small = "".join(unicodedata.normalize("NFC", v + tone) for v in vowels for tone in tones) + "đ"
    return small + small.upper()


words = st.text(vietnamese_letters() + "bcdghklmnpqrstvx0123456789 -,", min_size=1, max_size=120)


def sentences() -> str:
    return "".join(
        sentence
        for language in LANGUAGES
        for key, sentence in catalogue(language).items()
        if key.startswith("ticket.")
    )


def drawn(face: ImageFont.FreeTypeFont, letter: str) -> bytes:
    canvas = Image.new("L", (96, 96))
    ImageDraw.Draw(canvas).text((16, 16), letter, 255, face)
    return canvas.tobytes()


def ink(image: Image.Image) -> np.ndarray:
    return ~np.asarray(image)


@pytest.mark.parametrize("weight", WEIGHTS)
def test_every_letter_of_vietnamese_has_a_glyph(weight: Weight) -> None:
    face = font(weight, 32)
    absent = drawn(face, "\ufffe")  # this typeface leaves a blank
    letters = vietnamese_letters() + "≈·–0123456789*/:" + sentences()
    assert not {letter for letter in set(letters) - {" "} if drawn(face, letter) == absent}


@on_each_paper
@pytest.mark.parametrize("language", LANGUAGES)
def test_same_face_same_dots(face: TicketFace, paper: TicketTemplate, language: str) -> None:
    face = replace(face, language=language)
    first, second = render(face, paper), render(face, paper)
    assert first.mode == "1"
    assert first.width == paper.dots
    assert first.tobytes() == second.tobytes()


@on_each_paper
def test_code_can_be_scanned(face: TicketFace, paper: TicketTemplate) -> None:
    picture = np.asarray(render(face, paper).convert("L"))
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == [face.reference]


@on_each_paper
@pytest.mark.parametrize("number", ["A1", "A012", "DD1047"])
def test_number_is_the_largest_thing(face: TicketFace, paper: TicketTemplate, number: str) -> None:
    dark = ink(render(replace(face, number=number), paper))
    rows = dark.any(axis=1)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], rows, [False]))))
    heights = edges[1::2] - edges[::2]
    top = edges[::2][heights.argmax()]
    across = np.flatnonzero(dark[top : top + heights.max()].any(axis=0))
    assert across[-1] - across[0] > paper.dots / 2
    assert heights.max() > 0.13 * paper.dots


@settings(max_examples=60, deadline=None)
@given(text=words, width=st.integers(60, 560), px=st.integers(18, 60))
def test_lines_fit_and_lose_nothing(text: str, width: int, px: int) -> None:
    face = font("Bold", px)
    lines = wrap(text, face, width)
    assert all(face.getlength(line) <= width or len(line) == 1 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(
    office=words,
    field=words,
    counter=words,
    name=words,
    priority=words,
    message=words.filter(str.strip),
    logo=st.tuples(st.integers(1, 1200), st.integers(1, 900)),
    blocks=st.permutations(BLOCKS),
    paper=st.sampled_from(PAPERS),
)
def test_nothing_is_cut_off_at_the_edge(
    face: TicketFace,
    office: str,
    field: str,
    counter: str,
    name: str,
    priority: str,
    message: str,
    logo: tuple[int, int],
    blocks: list[TicketBlock],
    paper: TicketTemplate,
) -> None:
    shown = replace(
        face,
        office=office,
        field=field,
        counter=counter,
        name=name,
        priority=priority,
        ahead=999,
        reprint=True,
    )
    template = replace(
        paper,
        blocks=tuple(blocks),
        logo=Image.new("L", logo, 0),
        message=Bilingual(vi=message),
    )
    dark = ink(render(shown, template))
    assert not dark[:, :7].any()
    assert not dark[:, -7:].any()
    assert not dark[:7].any()
    assert not dark[-7:].any()


@settings(max_examples=100, deadline=None)
@given(
    text=words.filter(str.strip),
    width=st.integers(100, 560),
    px=st.integers(18, 60),
    weight=st.sampled_from(WEIGHTS),
    align=st.sampled_from(["left", "middle"]),
)
def test_no_mark_is_cut_off_its_letter(
    text: str, width: int, px: int, weight: Weight, align: str
) -> None:
    face = font(weight, crisp(weight, px))
    whole = 0
    for line in wrap(text, face, width):
        canvas = Image.new("L", (width + 200, 3 * px), 255)
        ImageDraw.Draw(canvas).text((100, 2 * px), line, 0, face, anchor="ls")
        whole += int((255 - np.asarray(canvas, int)).sum())
    block = paragraph(text, weight, px, width, align)
    assert int((255 - np.asarray(block, int)).sum()) == whole


def test_what_nobody_knows_is_left_out(face: TicketFace) -> None:
    known = render(face, WIDE)
    unknown = render(replace(face, ahead=None, wait_min=None, counter=""), WIDE)
    assert unknown.height < known.height
    nobody_ahead = render(replace(face, ahead=0), WIDE)
    assert nobody_ahead.tobytes() != render(replace(face, ahead=None), WIDE).tobytes()


@pytest.mark.parametrize("mark", [{"reprint": True}, {"specimen": True}, {"priority": "Ưu tiên"}])
def test_what_must_not_be_overlooked_is_white_on_black(
    face: TicketFace, mark: dict[str, Any]
) -> None:
    def black_rows(shown: TicketFace) -> int:
        return int((ink(render(shown, WIDE))[:, 20] > 0).sum())

    # The rules are thin; a band is as high as its words.
    assert black_rows(replace(face, **mark)) > black_rows(face) + 40


def test_blocks_are_printed_in_their_order_and_others_not_at_all(face: TicketFace) -> None:
    field_first = render(face, replace(WIDE, blocks=("field", "number")))
    number_first = render(face, replace(WIDE, blocks=("number", "field")))
    number_only = render(face, replace(WIDE, blocks=("number",)))
    assert field_first.size == number_first.size
    assert field_first.tobytes() != number_first.tobytes()
    assert number_only.height < number_first.height


def test_the_office_may_have_its_own_last_line(face: TicketFace) -> None:
    own = Bilingual(vi="Giữ vé đến khi được gọi", en="Keep this ticket")
    said = [
        render(replace(face, language=language), replace(WIDE, message=message)).tobytes()
        for language in LANGUAGES
        for message in (own, None)
    ]
    assert len(set(said)) == 4


def test_logo_is_shrunk_to_the_paper_and_never_enlarged(face: TicketFace) -> None:
    only_logo = replace(WIDE, blocks=("logo",))

    def printed(size: tuple[int, int]) -> tuple[int, int]:
        dark = ink(render(face, replace(only_logo, logo=Image.new("L", size, 0))))
        return int(dark.any(axis=0).sum()), int(dark.any(axis=1).sum())

    assert printed((100, 50)) == (100, 50)
    assert printed((2000, 100))[0] == 576 - 2 * 16
    assert printed((100, 2000))[1] == 160


@settings(max_examples=30, deadline=None)
@given(px=st.integers(8, 80), weight=st.sampled_from(WEIGHTS))
def test_crisp_letters_are_hardly_smaller(px: int, weight: Weight) -> None:
    assert 0.9 * px <= crisp(weight, px) <= px


def test_decomposed_names_look_like_composed_ones(face: TicketFace) -> None:
    decomposed = replace(face, field=unicodedata.normalize("NFD", face.field))
    assert render(decomposed, WIDE).tobytes() == render(face, WIDE).tobytes()


def test_time_without_a_zone_is_refused(face: TicketFace) -> None:
    with pytest.raises(ValueError, match="time zone"):
        replace(face, printed_at=datetime(2026, 11, 24))
