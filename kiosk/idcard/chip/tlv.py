"""Tag, length, value: how a chip writes everything it says (ISO/IEC 7816-4, BER-TLV).

Whatever a card sends is hostile until it has been through here: definite lengths only, nothing
longer than what was sent, no nesting deeper than what is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from kiosk.errors import CardError

LIMIT_BYTES = 65_536
"""Longest object looked at; a portrait of a card has 15 to 20 kB."""


@dataclass(frozen=True, slots=True, repr=False)
class Tlv:
    """One object. ``repr`` tells its tag only."""

    tag: int
    """As written, ``0x5F1F``."""
    value: bytes

    def __repr__(self) -> str:
        return f"Tlv({self.tag:X}, {len(self.value)} bytes)"


def encode(tag: int, value: bytes) -> bytes:
    """One object, in DER."""
    size = len(value)
    if size < 0x80:
        length = bytes([size])
    else:
        digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
        length = bytes([0x80 | len(digits)]) + digits
    return tag.to_bytes((tag.bit_length() + 7) // 8, "big") + length + value


def parse(data: bytes) -> list[Tlv]:
    """The objects that ``data`` consists of, one after another.

    Raises :class:`CardError` (``chip_garbled``) when it is anything else.
    """
    return list(_objects(data))


def only(data: bytes, *path: int) -> bytes:
    """The value at ``path``: the first object of each tag, one inside the other.

    Raises :class:`CardError` (``chip_garbled``) when there is none.
    """
    for tag in path:
        found = next((each for each in parse(data) if each.tag == tag), None)
        data = found.value if found else garbled()
    return data


def whole_length(start: bytes) -> int:
    """How long the object that begins with ``start`` (6 bytes or more) is, its head included.

    Raises :class:`CardError` (``chip_garbled``), also when it is longer than
    :data:`LIMIT_BYTES`.
    """
    _, at = _tag(start, 0)
    size, at = _length(start, at)
    if at + size > LIMIT_BYTES:
        garbled()
    return at + size


def garbled() -> NoReturn:
    """Raise the one error of everything that cannot be understood."""
    raise CardError("chip_garbled")


def _objects(data: bytes) -> Iterator[Tlv]:
    if len(data) > LIMIT_BYTES:
        garbled()
    at = 0
    while at < len(data):
        tag, at = _tag(data, at)
        size, at = _length(data, at)
        if at + size > len(data):
            garbled()
        yield Tlv(tag, data[at : at + size])
        at += size


def _tag(data: bytes, at: int) -> tuple[int, int]:
    """One or two bytes: no card has longer tags."""
    if at < len(data) and data[at] & 0x1F != 0x1F:
        return data[at], at + 1
    if at + 1 >= len(data) or data[at + 1] & 0x80:
        garbled()
    return data[at] << 8 | data[at + 1], at + 2


def _length(data: bytes, at: int) -> tuple[int, int]:
    if at >= len(data):
        garbled()
    first = data[at]
    if first < 0x80:
        return first, at + 1
    digits = first & 0x7F
    if digits not in (1, 2, 3) or at + 1 + digits > len(data):
        garbled()
    return int.from_bytes(data[at + 1 : at + 1 + digits], "big"), at + 1 + digits
