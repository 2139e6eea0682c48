from __future__ import annotations

import pytest

from kiosk.idcard.document import Sex
from kiosk.idcard.number import is_old_number, is_personal_number, oddities


@pytest.mark.parametrize(
    ("number", "year", "sex", "found"),
    [
        ("001087123456", 1987, "M", ()),
        ("001187123456", 1987, "F", ()),
        ("079303000001", 2003, "F", ()),
        ("001087123456", 1987, None, ()),
        ("001087123456", 1987, "F", ("number_sex",)),
        ("001087123456", 1988, "M", ("number_year",)),
        ("001287123456", 1987, "M", ("number_year",)),
        ("003087123456", 1987, "M", ("number_place",)),
        ("100087123456", 1987, "M", ("number_place",)),
        ("233087123456", 1987, "M", ()),
    ],
)
def test_number_against_the_card(
    number: str, year: int, sex: Sex | None, found: tuple[str, ...]
) -> None:
    assert oddities(number, year, sex) == found


@pytest.mark.parametrize(
    "text", ["", "00108712345", "0010871234567", "٠٠١٠٨٧١٢٣٤٥٦", "00108712345x"]
)
def test_only_twelve_ascii_digits_are_a_personal_number(text: str) -> None:
    assert not is_personal_number(text)


def test_old_number_has_nine_digits() -> None:
    assert is_old_number("012345678")
    assert not is_old_number("0123456789")
