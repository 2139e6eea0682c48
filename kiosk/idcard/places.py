"""The commune or ward of today that an address on a card lies in.

On 2025-07-01 the districts were abolished and 10,035 communes and wards became 3,321; cards go on
carrying the old names. The address stays as printed. Beside it stands the ward of today, only
where the table leaves no doubt: an old ward that was divided among several is not guessed.

The tables in ``tables/`` are made by ``scripts/places/rebuild.py``, which names their source.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_TABLES = Path(__file__).parent / "tables"

_KINDS = (
    "thành phố",
    "thị trấn",
    "thị xã",
    "đặc khu",
    "tỉnh",
    "quận",
    "huyện",
    "phường",
    "xã",
    "tp",
    "tt",
    "tx",
)
_KIND = re.compile(rf"({'|'.join(_KINDS)})\b[. ]*(?=\S)")
_SHORT = {"tp": "thành phố", "tt": "thị trấn", "tx": "thị xã"}
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")


@dataclass(frozen=True, slots=True)
class Ward:
    """A commune, ward or special zone of today."""

    code: str
    """Of the General Statistics Office, five digits."""
    name: str
    """With its kind: ``Phường Hà Đông``."""
    province: str
    """Without its kind: ``Hà Nội``."""


def ward_today(address: str) -> Ward | None:
    """The ward of ``address``; ``None`` when it is not known for certain.

    The last parts between commas name the units: ward, district and province as before July 2025,
    with or without their kinds, or ward and province as since. Of those two the ward's kind must
    be written, for many a ward of today bears the name of a district of then.
    """
    units = tuple(_Unit.of(part) for part in address.split(",")[-3:])
    codes = _codes(units)
    if not codes and len(units) >= 2 and units[-2].kind:
        codes = _codes(units[-2:])
    return _wards()[codes.pop()] if len(codes) == 1 else None


@dataclass(frozen=True, slots=True)
class _Unit:
    """A province, district or ward as somebody wrote it, ready to be compared."""

    name: str
    kind: str = ""
    """Empty when it was not written."""

    @classmethod
    def of(cls, written: str) -> _Unit:
        text = " ".join(written.casefold().split())
        kind = _KIND.match(text)
        name = text[kind.end() :] if kind else text
        return cls(_spelled(name), _SHORT.get(kind[1], kind[1]) if kind else "")

    def may_be(self, other: _Unit) -> bool:
        return not self.kind or not other.kind or self.kind == other.kind


def _spelled(name: str) -> str:
    """Each word with its tone mark at the end: ``Hoà`` and ``Hòa`` are one name."""
    letters = unicodedata.normalize("NFD", name)
    return " ".join(
        "".join(c for c in word if c not in _TONES) + "".join(c for c in word if c in _TONES)
        for word in letters.split()
    )


def _codes(units: tuple[_Unit, ...]) -> set[str]:
    """The wards of today that ``units``, narrowest first, are or have become."""
    found: set[str] = set()
    for known, codes in _places().get(tuple(unit.name for unit in units), ()):
        if all(unit.may_be(other) for unit, other in zip(units, known, strict=True)):
            found |= codes
    return found


@cache
def _wards() -> dict[str, Ward]:
    return {code: Ward(code, name, province) for code, name, province in _rows("wards.tsv")}


@cache
def _places() -> dict[tuple[str, ...], list[tuple[tuple[_Unit, ...], frozenset[str]]]]:
    """Names, narrowest first → the places so named, and the wards each lies in today."""
    places: dict[tuple[str, ...], list[tuple[tuple[_Unit, ...], frozenset[str]]]] = {}
    for names, codes in _named():
        units = tuple(map(_Unit.of, names))
        places.setdefault(tuple(unit.name for unit in units), []).append((units, codes))
    return places


def _named() -> Iterator[tuple[tuple[str, ...], frozenset[str]]]:
    for province, district, ward, codes in _rows("moved.tsv"):
        yield (ward, district, province), frozenset(codes.split())
    for code, ward, province in _rows("wards.tsv"):
        yield (ward, province), frozenset((code,))


def _rows(table: str) -> Iterator[list[str]]:
    for line in (_TABLES / table).read_text(encoding="utf-8").splitlines():
        yield line.split("\t")
