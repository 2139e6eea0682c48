from __future__ import annotations

import string
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import CardError
from kiosk.idcard.mrz import LIMIT_CHARACTERS, check_digit, parse
from kiosk.idcard.synthetic import plain, synthetic, zone
from kiosk.locale import LANGUAGES, text

ZONE = """\
IDVNM1871234563001187123456<<4
8705046F2705044VNM<<<<<<<<<<<8
NGUYEN<<THI<ANH<TUYET<<<<<<<<<
"""
CHECK_DIGITS = (14, 29, 30 + 6, 30 + 14, 30 + 29)
"""Places in the two lines put together."""

seeds = st.integers(0, 10_000)


def changed(place: int, char: str, zone: str = ZONE) -> str:
    """``zone`` with one character of its first two lines replaced."""
    first, second, third = zone.splitlines()
    whole = first + second
    whole = whole[:place] + char + whole[place + 1 :]
    return "\n".join((whole[:30], whole[30:], third))


@pytest.mark.parametrize(
    ("characters", "digit"),
    [("520727", "3"), ("D23145890", "7"), ("740812", "2"), ("120415", "9")],
)
def test_check_digits_of_the_standards_examples(characters: str, digit: str) -> None:
    # ICAO Doc 9303-3, appendix A, and 9303-5, appendix A to section 4
    assert check_digit(characters) == digit


def test_a_zone_is_read() -> None:
    found = parse(ZONE)
    assert (found.number, found.document_number) == ("001187123456", "187123456")
    assert (found.name, found.sex) == ("NGUYEN THI ANH TUYET", "F")
    assert (found.date_of_birth, found.expires) == (date(1987, 5, 4), date(2027, 5, 4))
    assert not found.mended
    document = found.document()
    assert (document.source, document.address) == ("mrz", "")
    assert document.warnings == ("name_without_marks",)


@given(seeds, st.none() | st.dates(date(2024, 1, 1), date(2098, 12, 31)))
def test_every_printed_zone_reads_back(seed: int, expires: date | None) -> None:
    card = synthetic(seed)
    found = parse(zone(card, expires))
    assert (found.number, found.date_of_birth.isoformat()) == (card.number, card.date_of_birth)
    assert (found.sex, found.expires) == (card.sex, expires)
    assert found.name == plain(card.name).upper()
    assert all(
        text(language, f"card.warning.{key}")
        for key in found.document().warnings
        for language in LANGUAGES
    )


@pytest.mark.parametrize(
    "read",
    [
        ZONE.replace("\n", "\r\n\n"),
        ZONE.replace("<<<<<<<<<\n", "<<<<<\n"),
        ZONE.replace("VNM<<<<<<<<<<<8", "VNM<<<<<<<<<<<<<8"),
        ZONE.replace("VNM<<<<<<<<<<<8", "VNM<<<<8"),
        f"  {ZONE.replace('<<THI', ' <<THI')}  ",
    ],
    ids=["line ends", "short name", "many fillers", "few fillers", "spaces"],
)
def test_fillers_and_spaces_do_not_matter(read: str) -> None:
    assert parse(read).number == "001187123456"


@given(seeds, st.sampled_from(CHECK_DIGITS), st.sampled_from(string.digits))
def test_a_wrong_check_digit_is_never_accepted(seed: int, place: int, digit: str) -> None:
    printed = zone(synthetic(seed))
    read = changed(place, digit, printed)
    if read == printed.rstrip("\n"):
        return
    with pytest.raises(CardError):
        parse(read)


@given(seeds, st.integers(0, 59), st.sampled_from(string.digits))
def test_another_digit_is_never_accepted(seed: int, place: int, digit: str) -> None:
    """One digit taken for another: no check digit says where, so none is mended."""
    printed = zone(synthetic(seed))
    read = changed(place, digit, printed)
    try:
        found = parse(read)
    except CardError:
        return
    assert found.number == parse(printed).number
    assert found.date_of_birth == parse(printed).date_of_birth


@given(seeds, st.integers(0, 59), st.sampled_from("OQDILZSGBTAKC|?"))
def test_an_impossible_character_is_mended_rightly_or_refused(
    seed: int, place: int, char: str
) -> None:
    printed = zone(synthetic(seed))
    whole = parse(printed)
    try:
        found = parse(changed(place, char, printed))
    except CardError:
        assert place in (*CHECK_DIGITS, 37)  # nothing proves what stood there
        return
    assert (found.number, found.date_of_birth, found.sex, found.expires) == (
        whole.number,
        whole.date_of_birth,
        whole.sex,
        whole.expires,
    )
    assert found.mended or char == printed.replace("\n", "")[place] or place == 1


def test_two_characters_are_too_many() -> None:
    with pytest.raises(CardError):
        parse(changed(16, "O", changed(31, "T")))


@pytest.mark.parametrize(
    "read",
    [
        "",
        ZONE.splitlines()[0],
        ZONE.replace("VNM1", "CHN1"),
        ZONE.replace("NGUYEN", "NGUY3N"),
        "x" * (LIMIT_CHARACTERS + 1),
        ZONE.replace("8705046", "8713046"),
    ],
)
def test_what_is_no_zone_is_refused_in_words(read: str) -> None:
    with pytest.raises(CardError) as refused:
        parse(read)
    assert refused.value.key == "card_mrz"
    assert refused.value.what("vi")
    assert refused.value.do("en")


@given(
    st.text(max_size=500)
    | st.lists(st.text("ABCIDVNM0123456789<", min_size=28, max_size=31), max_size=4).map("\n".join)
)
def test_any_text_is_a_zone_or_a_card_error(read: str) -> None:
    with suppress(CardError):
        assert parse(read).number.isdecimal()


def test_repr_tells_nothing_personal() -> None:
    told = repr(parse(ZONE))
    for secret in ("187123456", "NGUYEN", "1987"):
        assert secret not in told
