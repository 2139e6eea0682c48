from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.idcard import places
from kiosk.idcard.places import ward_today

VAN_PHUC = "TDP 4, Vạn Phúc, Hà Đông, Hà Nội"
ROWS = [
    line.split("\t")
    for line in (places._TABLES / "moved.tsv").read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize(
    "address",
    [
        VAN_PHUC,
        "Số 5, phường Vạn Phúc, quận Hà Đông, thành phố Hà Nội",
        "Phường Vạn Phúc, Hà Đông, TP. Hà Nội",
        "số 5, Phường Hà Đông, Hà Nội",
        unicodedata.normalize("NFD", VAN_PHUC),
        VAN_PHUC.upper(),
        f"  {VAN_PHUC.replace(', ', ' ,  ')}",
    ],
)
def test_an_old_and_a_new_address_lie_in_one_ward(address: str) -> None:
    ward = ward_today(address)
    assert ward is not None
    assert (ward.code, ward.name, ward.province) == ("09556", "Phường Hà Đông", "Hà Nội")


@pytest.mark.parametrize(
    "address",
    [
        "Hà Cầu, Hà Đông, Hà Nội",  # divided among the wards Hà Đông and Kiến Hưng
        "Số 5, Hà Đông, Hà Nội",  # the district of then, or the ward of today?
        "phường Không Có, quận Hà Đông, Hà Nội",
        "xã Vạn Phúc, quận Hà Đông, Hà Nội",  # it was no commune
        "Vạn Phúc, Hà Đông",
        "Hà Nội",
        "",
        ",,,",
    ],
)
def test_what_is_not_certain_is_not_said(address: str) -> None:
    assert ward_today(address) is None


def test_tones_may_stand_on_either_vowel() -> None:
    old, new = (f"Xã Hiệp H{oa}, Huyện Đức Hòa, Long An" for oa in ("oà", "òa"))
    assert ward_today(old) == ward_today(new)


@given(st.sampled_from(ROWS), st.booleans())
def test_every_place_of_the_table_is_found_or_left_open(row: list[str], kinds: bool) -> None:
    province, district, ward, codes = row
    if not kinds:
        ward = ward.removeprefix("Thị trấn ").removeprefix("Phường ").removeprefix("Xã ")
    found = ward_today(f"Thôn 3, {ward}, {district}, {province}")
    if kinds and " " not in codes:
        assert found is not None
    assert found is None or found.code == codes


@given(st.text(max_size=300))
def test_any_text_is_an_address_somewhere_or_nowhere(address: str) -> None:
    assert ward_today(address) is None
