from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from kiosk.locale import LANGUAGES, catalogue
from kiosk.printer import layout
from kiosk.printer.fonts import Weight, font
from kiosk.printer.layout import render, wrap
from kiosk.printer.ticket import TicketFace

PAPERS = [(576, 203), (384, 203), (512, 180)]
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


@pytest.mark.parametrize(("dots", "dpi"), PAPERS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_same_face_same_dots(face: TicketFace, dots: int, dpi: int, language: str) -> None:
    face = replace(face, language=language)
    first, second = render(face, dots, dpi), render(face, dots, dpi)
    assert first.mode == "1"
    assert first.width == dots
    assert first.tobytes() == second.tobytes()


@pytest.mark.parametrize(("dots", "dpi"), PAPERS)
def test_code_can_be_scanned(face: TicketFace, dots: int, dpi: int) -> None:
    picture = np.asarray(render(face, dots, dpi).convert("L"))
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == [face.reference]


@pytest.mark.parametrize(("dots", "dpi"), PAPERS)
@pytest.mark.parametrize("number", ["A1", "A012", "DD1047"])
def test_number_is_the_largest_thing(face: TicketFace, dots: int, dpi: int, number: str) -> None:
    dark = ink(render(replace(face, number=number), dots, dpi))
    rows = dark.any(axis=1)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], rows, [False]))))
    heights = edges[1::2] - edges[::2]
    top = edges[::2][heights.argmax()]
    across = np.flatnonzero(dark[top : top + heights.max()].any(axis=0))
    assert across[-1] - across[0] > dots / 2
    assert heights.max() > 0.13 * dots


@settings(max_examples=60, deadline=None)
@given(text=words, width=st.integers(60, 560), px=st.integers(18, 60))
def test_lines_fit_and_lose_nothing(text: str, width: int, px: int) -> None:
    face = font("Bold", px)
    lines = wrap(text, face, width)
    assert all(face.getlength(line) <= width or len(line) == 1 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(office=words, field=words, counter=words, name=words, paper=st.sampled_from(PAPERS))
def test_no_name_is_cut_off_at_the_edge(
    face: TicketFace, office: str, field: str, counter: str, name: str, paper: tuple[int, int]
) -> None:
    shown = replace(face, office=office, field=field, counter=counter, name=name, ahead=999)
    dark = ink(render(shown, *paper))
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
    face = font(weight, px)
    whole = 0
    for line in wrap(text, face, width):
        canvas = Image.new("L", (width + 200, 3 * px), 255)
        ImageDraw.Draw(canvas).text((100, 2 * px), line, 0, face, anchor="ls")
        whole += int((255 - np.asarray(canvas, int)).sum())
    block = layout._lines(text, weight, px, width, align)
    assert int((255 - np.asarray(block, int)).sum()) == whole


def test_what_nobody_knows_is_left_out(face: TicketFace) -> None:
    known = render(face, 576, 203)
    unknown = render(replace(face, ahead=None, wait_min=None, counter=""), 576, 203)
    assert unknown.height < known.height
    nobody_ahead = render(replace(face, ahead=0), 576, 203)
    assert nobody_ahead.tobytes() != render(replace(face, ahead=None), 576, 203).tobytes()


def test_reprint_is_marked(face: TicketFace) -> None:
    assert render(replace(face, reprint=True), 576, 203).height > render(face, 576, 203).height


def test_decomposed_names_look_like_composed_ones(face: TicketFace) -> None:
    decomposed = replace(face, field=unicodedata.normalize("NFD", face.field))
    assert render(decomposed, 576, 203).tobytes() == render(face, 576, 203).tobytes()


def test_time_without_a_zone_is_refused(face: TicketFace) -> None:
    with pytest.raises(ValueError, match="time zone"):
        replace(face, printed_at=datetime(2026, 11, 24))
