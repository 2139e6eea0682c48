from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import CardError
from kiosk.idcard.document import IdentityDocument
from kiosk.idcard.qr import LIMIT_BYTES, parse
from kiosk.idcard.synthetic import payload, synthetic
from kiosk.locale import LANGUAGES, text
from wire.events import IdentityData

CARD = (
    "001187123456|012345678|Nguyễn Thị Ánh Tuyết|04051987|Nữ|"
    "Số 5, đường Tô Hiệu, Hà Đông, Hà Nội|25092021"
)


def assert_is_the_card(document: IdentityDocument, **but: Any) -> None:
    expected = {
        "number": "001187123456",
        "old_number": "012345678",
        "name": "Nguyễn Thị Ánh Tuyết",
        "date_of_birth": "1987-05-04",
        "sex": "F",
        "address": "Số 5, đường Tô Hiệu, Hà Đông, Hà Nội",
        "issued": "2021-09-25",
        "source": "qr",
        "warnings": (),
    } | but
    assert {key: getattr(document, key) for key in expected} == expected


def test_canonical_card() -> None:
    assert_is_the_card(parse(CARD))
    assert_is_the_card(parse(CARD.encode()))


@pytest.mark.parametrize(
    "variant",
    [
        CARD + "\r\n",
        "\ufeff" + CARD,
        CARD + "\0\0",
        CARD.replace("Tô Hiệu", "Tô\u200b  Hiệu"),
        CARD.replace("Tô Hiệu,", "Tô Hiệu,\n"),
        unicodedata.normalize("NFD", CARD),
        CARD.replace("04051987", "04/05/1987"),
        CARD.replace("|Nữ|", "|Nu|"),
        CARD.replace("|Nữ|", "|NỮ|"),
        CARD + "|",
    ],
    ids=["crlf", "bom", "nul", "unseen", "newline", "nfd", "slashes", "nu", "upper", "trailing"],
)
def test_harmless_variants_read_the_same(variant: str) -> None:
    assert_is_the_card(parse(variant))


@pytest.mark.parametrize(
    ("variant", "but"),
    [
        (CARD.replace("012345678", ""), {"old_number": None}),
        (
            CARD.replace("|012345678", ""),
            {"old_number": None, "warnings": ("no_old_number",)},
        ),
        (
            CARD.replace("012345678", "12345"),
            {"old_number": None, "warnings": ("old_number",)},
        ),
        (CARD.removesuffix("|25092021"), {"issued": None, "warnings": ("no_issue_date",)}),
        (CARD.replace("25092021", "31022021"), {"issued": None, "warnings": ("no_issue_date",)}),
        (CARD + "|Trần Văn Bình", {"warnings": ("extra_fields",)}),
        (CARD.replace("|Nữ|", "|?|"), {"sex": None, "warnings": ("sex_unknown",)}),
        *(
            (
                CARD.replace("04051987", birth),
                {"date_of_birth": "1987", "warnings": ("birth_year_only",)},
            )
            for birth in ("1987", "00001987", "19870000", "00051987")
        ),
        (
            CARD.replace("0011871", "0010871"),
            {"number": "001087123456", "warnings": ("number_sex",)},
        ),
    ],
)
def test_variants_that_are_accepted_and_flagged(variant: str, but: dict[str, Any]) -> None:
    assert_is_the_card(parse(variant), **but)


@pytest.mark.parametrize(
    ("reader", "name", "address"),
    [
        ("latin-1", "Nguyễn Thị Ánh Tuyết", "Số 5, Tô Hiệu, Hà Nội"),
        ("cp1252", "Trần Hữu Bôn", "Tô Hữu"),
        ("cp932", "Trần Hữu Bôn", "Tô Hữu"),
    ],
)
def test_a_reader_that_took_utf_8_for_something_else_is_mended(
    reader: str, name: str, address: str
) -> None:
    card = f"001187123456|012345678|{name}|04051987|Nữ|{address}|25092021"
    assert_is_the_card(
        parse(card.encode().decode(reader)),
        name=name,
        address=address,
        warnings=("encoding_repaired",),
    )


@pytest.mark.parametrize(
    ("other", "key"),
    [
        ("https://dichvucong.gov.vn/x?id=1|2", "card_web_address"),
        ("00020101021238570010A000000727|5303704", "card_payment"),
        ("DN4010123456789|4e677579e1bb856e|04/05/1987|2", "card_health_insurance"),
        ("0123456789|4e677579e1bb856e|04/05/1987|2", "card_health_insurance"),
        ("xin chào", "card_not_identity"),
        ("", "card_not_identity"),
        (b"\xff\xfe\x00", "card_not_identity"),
        ("x" * (LIMIT_BYTES + 1), "card_too_long"),
        ("001187123456|012345678|Nguyễn Thị Ánh", "card_incomplete"),
        (CARD.replace("04051987", "31021987"), "card_field"),
        (CARD.replace("Nguyễn Thị Ánh Tuyết", "<b>"), "card_field"),
        (CARD.replace("Nguyễn Thị Ánh Tuyết", ""), "card_field"),
        (CARD.replace("Số 5", "5" * 310), "card_field"),
    ],
)
def test_other_codes_are_refused_with_the_reason(other: str | bytes, key: str) -> None:
    with pytest.raises(CardError) as refused:
        parse(other)
    assert refused.value.key == key
    assert refused.value.what("vi")
    assert refused.value.do("en")


@given(st.integers(min_value=0))
def test_synthetic_cards_read_back_without_a_warning(seed: int) -> None:
    document = synthetic(seed)
    assert parse(payload(document)) == document


_field = st.one_of(
    st.sampled_from([*CARD.split("|"), "", "00020101", "1987", "ðŸ", "\x85", "0" * 12]),
    st.text(max_size=30),
)


@given(
    st.one_of(
        st.binary(max_size=700), st.text(max_size=700), st.lists(_field, max_size=10).map("|".join)
    )
)
def test_any_payload_is_a_document_the_server_takes_or_a_card_error(data: str | bytes) -> None:
    try:
        document = parse(data)
    except CardError:
        return
    IdentityData(
        number=document.number,
        old_number=document.old_number,
        name=document.name,
        date_of_birth=document.date_of_birth,
        sex=document.sex,
        address=document.address,
        source=document.source,
    )
    assert all(
        text(language, f"card.warning.{w}") for w in document.warnings for language in LANGUAGES
    )
    f"{document.name}{document.address}".encode()
