"""One document of what was read by several means."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import CardError
from kiosk.idcard import mrz
from kiosk.idcard.document import CERTAINTY, FIELDS, IdentityDocument, merged
from kiosk.idcard.synthetic import synthetic, zone

CODE = synthetic(3)
ZONE = mrz.parse(zone(CODE)).document()
CHIP = replace(CODE, source="chip", issued=None)
PRINT = replace(CODE, source="ocr", name=CODE.name.upper(), warnings=("read_by_machine",))


def test_each_field_comes_from_whoever_is_believed_most() -> None:
    whole = merged(ZONE, CODE, CHIP)
    assert whole.source == "chip"
    assert whole.source_of("name") == "chip"
    assert (whole.issued, whole.source_of("issued")) == (CODE.issued, "qr")
    assert whole.certainty_of("name") > whole.certainty_of("issued") > 0
    assert "name_without_marks" not in whole.warnings


def test_what_nobody_said_has_no_source() -> None:
    assert (ZONE.source_of("address"), ZONE.certainty_of("address")) == (None, 0)


def test_marks_come_from_whoever_spells_the_name_alike() -> None:
    whole = merged(ZONE, PRINT)
    assert (whole.source, whole.name, whole.source_of("name")) == ("mrz", PRINT.name, "ocr")
    assert "name_without_marks" not in whole.warnings
    another = merged(ZONE, replace(PRINT, name="LÊ VĂN KHÁC"))
    assert (another.name, another.source_of("name")) == (ZONE.name, "mrz")
    assert "differs_name" in another.warnings


def test_a_difference_is_flagged_and_the_better_source_kept() -> None:
    whole = merged(CHIP, replace(CODE, address="Nơi khác", date_of_birth="1950"))
    assert whole.address == CHIP.address
    assert {"differs_address", "differs_date_of_birth"} & set(whole.warnings)


def test_two_numbers_are_two_cards() -> None:
    with pytest.raises(CardError) as refused:
        merged(CODE, replace(CHIP, number="001185999999"))
    assert refused.value.key == "card_two"


@given(st.permutations([CODE, ZONE, CHIP, PRINT]))
def test_the_order_of_reading_changes_nothing(read: list[IdentityDocument]) -> None:
    whole = merged(*read)
    assert replace(whole, warnings=()) == replace(merged(CODE, ZONE, CHIP, PRINT), warnings=())
    for field in FIELDS:
        source = whole.source_of(field)
        assert source is None or whole.certainty_of(field) == CERTAINTY[source]


@pytest.mark.parametrize(
    ("born", "age"), [("2000-03-02", 26), ("2000-03-03", 25), ("2000", 25), ("2026-03-02", 0)]
)
def test_age(born: str, age: int) -> None:
    assert replace(CODE, date_of_birth=born).age(date(2026, 3, 2)) == age


def test_a_masked_number_shows_three_figures() -> None:
    assert CODE.masked_number.endswith(CODE.number[-3:])
    assert CODE.number[:9] not in CODE.masked_number
