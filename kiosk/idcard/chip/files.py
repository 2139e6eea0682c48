"""Selecting and reading a chip's files (ICAO 9303-10, sections 3.6 and 4)."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.errors import CardError
from kiosk.idcard.chip import tlv
from kiosk.idcard.chip.apdu import OK, Channel, Command, granted

SELECT, READ_BINARY = 0xA4, 0xB0
APPLICATION = bytes.fromhex("A0000002471001")
"""The electronic machine-readable travel document (ICAO 9303-10, section 3.1)."""
CARD_ACCESS, COMMON, SECURITY_OBJECT = 0x011C, 0x011E, 0x011D
_CHUNK = 223
"""Bytes asked for at once: with everything secure messaging adds, an answer stays under 256."""
_HEAD = 6
_ABSENT = frozenset({0x6A82, 0x6982})
"""Not there, or for others only."""

Progress = Callable[[int, int], None]
"""Told how many bytes of how many were read of a file."""


def group_file(number: int) -> int:
    """Where data group ``number`` (1 … 16) lies."""
    return 0x0100 + number


def select_application(channel: Channel) -> None:
    """Raises :class:`CardError` (``chip_none``) when the card has no such application."""
    answer = channel.ask(Command(SELECT, 0x04, 0x0C, APPLICATION))
    if answer.status != OK:
        raise CardError("chip_none")


def read_file(channel: Channel, file: int, told: Progress = lambda *_: None) -> bytes | None:
    """The whole of a file; ``None`` when the card has none or keeps it for others.

    Raises :class:`CardError` when the card says something else than a file of one object.
    """
    chosen = channel.ask(Command(SELECT, 0x02, 0x0C, file.to_bytes(2, "big")))
    if chosen.status in _ABSENT:
        return None
    if chosen.status != OK:
        raise CardError("chip_refused", status=f"{chosen.status:04X}")
    content = granted(channel, _read(0, _HEAD))
    length = tlv.whole_length(content)
    while len(content) < length:
        more = granted(channel, _read(len(content), min(_CHUNK, length - len(content))))
        if not more:
            tlv.garbled()
        content += more
        told(min(len(content), length), length)
    return content[:length]


def _read(offset: int, size: int) -> Command:
    if offset >= 1 << 15:
        # Beyond 32 kB another command is needed; no card's portrait is so large.
        tlv.garbled()
    return Command(READ_BINARY, offset >> 8, offset & 0xFF, expected=size)
