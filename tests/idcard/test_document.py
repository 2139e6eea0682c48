from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.idcard.synthetic import synthetic


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("Nguyễn Văn An", "NGUYỄN V** A**"),
        ("ĐỖ Ý", "ĐỖ Ý**"),
        ("Y Moan Ênuôl", "Y M** Ê**"),
        ("Hương", "H**"),
    ],
)
def test_mask_keeps_the_family_name_and_initials(name: str, masked: str) -> None:
    assert replace(synthetic(1), name=name).masked_name == masked


def test_mask_keeps_the_century_of_birth() -> None:
    assert replace(synthetic(1), date_of_birth="1987-05-04").birth_masked == "19**"


def test_repr_tells_nothing_personal() -> None:
    document = synthetic(3)
    told = f"{document!r} {document}"
    for secret in (document.number, document.name, document.address, document.date_of_birth):
        assert secret not in told
    assert "qr" in told
