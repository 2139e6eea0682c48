"""The key of the chip from what the front says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from kiosk.idcard.chip.expiry import zone_keys
from kiosk.idcard.synthetic import synthetic

TODAY = date(2026, 3, 2)
CARD = replace(synthetic(1), date_of_birth="1990-05-17", issued="2022-08-01")


def expiries(born: str, issued: str | None) -> list[str]:
    card = replace(CARD, date_of_birth=born, issued=issued)
    return [key.expiry for key in zone_keys(card, TODAY)]


@pytest.mark.parametrize(
    ("born", "issued", "first"),
    [
        ("1990-05-17", "2022-08-01", "300517"),  # at 40
        ("1990-05-17", "2012-08-01", "150517"),  # at 25, long ago
        ("1998-05-17", "2022-08-01", "380517"),  # within two years of 25: good until 40
        ("1958-05-17", "2022-08-01", "991231"),  # after 60: for life
        ("1961-01-01", "2020-06-01", "991231"),  # within two years of 60
        ("2000-02-29", "2022-02-01", "250301"),  # 29 February
    ],
)
def test_the_likeliest_day(born: str, issued: str, first: str) -> None:
    assert expiries(born, issued)[0] == first


def test_the_other_days_are_tried_too_and_few() -> None:
    assert 1 <= len(expiries("1990-05-17", None)) <= 3
    assert "991231" in expiries("1990-05-17", "2022-08-01")


def test_without_a_birthday_there_is_no_key() -> None:
    assert expiries("1958", "2022-08-01") == []


def test_number_and_birth_as_in_the_zone() -> None:
    key = zone_keys(CARD, TODAY)[0]
    assert (key.document_number, key.birth) == (CARD.number[3:], "900517")
