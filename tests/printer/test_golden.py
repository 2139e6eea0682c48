"""Tickets as they are, dot for dot. ``KIOSK_UPDATE_GOLDEN=1`` draws the pictures anew: look at each
of them before it is committed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import Image, ImageChops, ImageDraw, features

from kiosk.config import Bilingual, TicketSettings
from kiosk.locale import LANGUAGES
from kiosk.printer.layout import render
from kiosk.printer.template import TicketTemplate
from kiosk.printer.ticket import TicketFace

GOLDEN = Path(__file__).parent / "golden"
DRAWN_WITH = "2.14.3"
"""FreeType as it comes with the locked Pillow. Another one draws other dots: draw anew."""

PLAIN = {
    "vi": TicketFace(
        office="UBND phường Hà Đông",
        unit="Bộ phận Một cửa",
        field="Chứng thực",
        number="C012",
        counter="3",
        ahead=4,
        wait_min=16,
        printed_at=datetime(2026, 11, 24, 8, 42, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh")),
        name=None,
        reference="KZ3QWTN5BD7FH2MA",
        language="vi",
        kiosk="K1",
    )
}
PLAIN["en"] = replace(
    PLAIN["vi"],
    office="Hà Đông Ward People's Committee",
    unit="One-stop office",
    field="Certification",
    language="en",
)
PRIORITY = {"vi": "Người cao tuổi, người khuyết tật", "en": "Elderly or disabled"}
PAPERS = {"80mm": (576, 203), "58mm": (384, 203), "80mm-180dpi": (512, 180)}


def kinds(language: str) -> dict[str, TicketFace]:
    plain = PLAIN[language]
    return {
        "normal": plain,
        "priority": replace(plain, number="CU003", priority=PRIORITY[language]),
        "recognised": replace(plain, name="NGUYỄN T** M** A**"),
        "reprint": replace(plain, reprint=True),
    }


def emblem() -> Image.Image:
    """A pentagon in a ring, larger than a ticket has room for."""
    logo = Image.new("L", (600, 600), 255)
    draw = ImageDraw.Draw(logo)
    draw.ellipse((10, 10, 590, 590), 0)
    draw.ellipse((40, 40, 560, 560), 255)
    draw.regular_polygon((300, 300, 120), 5, fill=0)
    return logo


def crowded(paper: tuple[int, int]) -> Image.Image:
    """Everything a ticket can hold, all of it long."""
    face = replace(
        PLAIN["vi"],
        office="Trung tâm Phục vụ hành chính công phường Hai Bà Trưng",
        field="Đăng ký hộ kinh doanh, hợp tác xã và cấp giấy phép xây dựng nhà ở riêng lẻ",
        number="DU1047",
        counter="Phòng 203, tầng 2",
        ahead=128,
        wait_min=265,
        name="NGUYỄN P** T** M** T**",
        priority=PRIORITY["vi"],
        reprint=True,
    )
    message = Bilingual(vi="Số bị gọi lỡ vẫn được phục vụ: xin báo cán bộ quầy hướng dẫn.")
    return render(face, TicketTemplate(*paper, TicketSettings().blocks, emblem(), message))


def tickets() -> Iterator[tuple[str, Image.Image]]:
    for name in ("80mm", "58mm"):
        template = TicketTemplate(*PAPERS[name], TicketSettings().blocks)
        for language in LANGUAGES:
            for kind, face in kinds(language).items():
                yield f"{language}-{name}-{kind}", render(face, template)
    for name, paper in PAPERS.items():
        yield f"vi-{name}-crowded", crowded(paper)


DRAWN = dict(tickets())


@pytest.mark.parametrize("name", DRAWN)
def test_ticket_is_as_it_was_looked_at(name: str, tmp_path: Path) -> None:
    drawn, golden = DRAWN[name], GOLDEN / f"{name}.png"
    if os.environ.get("KIOSK_UPDATE_GOLDEN"):
        drawn.save(golden, optimize=True)
    with Image.open(golden) as picture:
        looked_at = picture.convert("1")
    if drawn.size == looked_at.size and drawn.tobytes() == looked_at.tobytes():
        return
    drawn.save(tmp_path / golden.name)
    common = [image.convert("L").crop((0, 0, *drawn.size)) for image in (drawn, looked_at)]
    box = ImageChops.difference(*common).getbbox()
    pytest.fail(
        f"{tmp_path / golden.name} is not {golden}: {drawn.size}, {looked_at.size}, first and last "
        f"difference {box}; FreeType {features.version('freetype2')}, golden {DRAWN_WITH}"
    )


def test_no_golden_ticket_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*")} == set(DRAWN)
