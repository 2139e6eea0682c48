"""What a machine reads off the printed side is a suggestion, or nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.idcard.printed import LIMIT_LINES, read

LINES = (
    "CĂN CƯỚC CÔNG DÂN",
    "Số / No.: 001185012345",
    "Họ và tên / Full name:",
    "NGUYỄN THỊ MINH AN",
    "Ngày sinh / Date of birth: 14/03/1985",
    "Giới tính / Sex: Nữ Quốc tịch / Nationality: Việt Nam",
    "Nơi thường trú / Place of residence:",
    "Số 12 ngõ 34 phố Mẫu, phường Hà Đông,",
    "thành phố Hà Nội",
)


def test_a_side_read_rightly() -> None:
    suggestion = read(LINES)
    assert suggestion is not None
    said = suggestion.document
    assert (said.number, said.name) == ("001185012345", "NGUYỄN THỊ MINH AN")
    assert (said.date_of_birth, said.sex, said.source) == ("1985-03-14", "F", "ocr")
    assert said.address == "Số 12 ngõ 34 phố Mẫu, phường Hà Đông, thành phố Hà Nội"
    assert "read_by_machine" in said.warnings
    assert [key for key, _ in suggestion.fields()] == ["number", "name", "date_of_birth", "address"]


def test_figures_set_wide_apart_and_a_name_beside_its_label() -> None:
    suggestion = read(
        ("Số: 0 0 1 1 8 5 0 1 2 3 4 5", "Họ và tên: TRẦN VĂN BÌNH", "Ngày sinh: 01/02/1985")
    )
    assert suggestion is not None
    assert suggestion.document.name == "TRẦN VĂN BÌNH"


def test_the_day_it_expires_is_no_birthday() -> None:
    lines = ("001185012345", "Có giá trị đến: 14/03/2040", "Họ và tên", "LÊ AN", "14/03/1985")
    suggestion = read(lines)
    assert suggestion is not None
    assert suggestion.document.date_of_birth == "1985-03-14"


@pytest.mark.parametrize("missing", [1, 3, 4])
def test_without_number_name_or_birthday_nothing_is_suggested(missing: int) -> None:
    assert read([line for at, line in enumerate(LINES) if at != missing]) is None


def test_a_man_of_viet_nam_is_told_from_the_country() -> None:
    lines = [line.replace("Sex: Nữ", "Sex: Nam") for line in LINES]
    suggestion = read(lines)
    assert suggestion is not None
    assert suggestion.document.sex == "M"
    without = read([line.replace("Sex: Nữ", "Sex:") for line in LINES])
    assert without is not None
    assert without.document.sex is None


@given(st.lists(st.text(max_size=60), max_size=LIMIT_LINES + 5))
def test_any_lines(lines: list[str]) -> None:
    read(lines)
