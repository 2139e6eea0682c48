"""What is fuzzed of the reading of cards: bytes of strangers in, a value or the one documented
error out. Whoever finds another exception has found a fault.

``scripts/fuzz-card.sh`` gives these to atheris for as long as wanted; the suite gives them a short
seeded sample (``tests/idcard/test_hostile.py``).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from kiosk.errors import CardError
from kiosk.idcard import mrz, printed, qr
from kiosk.idcard.chip import groups, tlv
from kiosk.idcard.chip.access import AccessNumber
from kiosk.idcard.chip.files import group_file
from kiosk.idcard.chip.genuine import chip_authenticated
from kiosk.idcard.chip.issuing import VirtualIssuer
from kiosk.idcard.chip.pace import offers
from kiosk.idcard.chip.passive import TrustStore, authenticated
from kiosk.idcard.chip.reading import read_chip
from kiosk.idcard.chip.virtual import Abilities, VirtualChip
from kiosk.idcard.imager import EVENT, Keys, Lines, key_presses
from kiosk.idcard.synthetic import payload, synthetic, zone
from kiosk.vision.portrait import portrait_pixels

NOW = datetime(2026, 3, 2, tzinfo=UTC)
_ISSUER = VirtualIssuer(NOW)
_CHIP = VirtualChip(synthetic(5), b"\xff\xd8\xff\xe0" + bytes(400), _ISSUER)
_BAC = VirtualChip(synthetic(5), b"\xff\xd8\xff\xe0" + bytes(400), _ISSUER, Abilities(pace=None))
_TRUST = TrustStore([_ISSUER.authority])


@dataclass(frozen=True, slots=True)
class Target:
    """``run`` takes any bytes; ``seeds`` are inputs that make sense, to begin from."""

    name: str
    run: Callable[[bytes], object]
    seeds: tuple[bytes, ...]


def _text(parse: Callable[[str], object]) -> Callable[[bytes], object]:
    return lambda data: parse(data.decode("utf-8", "replace"))


def _printed(data: bytes) -> object:
    return printed.read(data.decode("utf-8", "replace").splitlines())


def _scans(data: bytes) -> object:
    whole = data[: len(data) // EVENT.size * EVENT.size]
    return [*Lines().feed(data), *Keys().feed(whole)]


class _Answering:
    """A card whose answers are what the fuzzer wrote: after a length byte each; then silence."""

    def __init__(self, data: bytes) -> None:
        self._left = data

    def transmit(self, command: bytes) -> bytes:  # noqa: ARG002 -- it does not listen
        size, self._left = (self._left[0], self._left[1:]) if self._left else (0, b"")
        answer, self._left = self._left[:size], self._left[size:]
        return answer


class _Distorting:
    """A real virtual chip whose answers are distorted: pairs of a place and a byte to add."""

    def __init__(self, data: bytes) -> None:
        self._pairs = iter(zip(data[::2], data[1::2], strict=False))
        self._chip = VirtualChip(synthetic(5), b"\xff\xd8\xff\xe0" + bytes(40), _ISSUER)

    def transmit(self, command: bytes) -> bytes:
        answer = bytearray(self._chip.transmit(command))
        place, change = next(self._pairs, (0, 0))
        if answer:
            answer[place % len(answer)] ^= change
        return bytes(answer)


def _session(data: bytes) -> object:
    return _read(_Answering(data))


def _distorted(data: bytes) -> object:
    return _read(_Distorting(data))


def _read(card: _Answering | _Distorting) -> object:
    key = AccessNumber("123456")
    return read_chip(card, key, _TRUST, NOW, lambda: 0.0, random=lambda size: bytes(size))


def _groups(data: bytes) -> object:
    for parse in (groups.zone, groups.national, groups.portrait, tlv.parse, offers):
        with suppress(CardError):
            parse(data)
    with suppress(CardError):
        authenticated(data, {1: data}, _TRUST, NOW)
    return None


class _Mute:
    """A channel nobody answers on: only what is parsed before it is asked matters."""

    def transmit(self, command: bytes) -> bytes:  # noqa: ARG002
        raise CardError("chip_removed")


def _key_agreement(data: bytes) -> object:
    from kiosk.idcard.chip.ciphers import TRIPLE_DES
    from kiosk.idcard.chip.messaging import SecureChannel, SessionKeys

    channel = SecureChannel(_Mute(), SessionKeys.of(TRIPLE_DES, bytes(16)))
    return chip_authenticated(channel, data, group_file(1))


_FILES = tuple(_CHIP.files.values())
_PRINT = "Số / No.: 001185012345\nHọ và tên / Full name:\nNGUYỄN VĂN A\nNgày sinh: 01/02/1985"

TARGETS = (
    Target("qr", qr.parse, tuple(payload(synthetic(n)).encode() for n in range(5))),
    Target("mrz", _text(mrz.parse), tuple(zone(synthetic(n)).encode() for n in range(5))),
    Target("print", _printed, (_PRINT.encode(),)),
    Target("scanner", _scans, (key_presses(payload(synthetic(1))), b"001|2\r\n")),
    Target("apdu", _session, (b"\x02\x90\x00" * 8, b"\x02\x6a\x82" * 3)),
    Target("apdu-distorted", _distorted, (bytes(64), b"\0\1" * 12)),
    Target("groups", _groups, _FILES),
    Target("group-14", _key_agreement, (_CHIP.files[group_file(14)],)),
    Target("portrait", portrait_pixels, (b"\xff\xd8\xff\xe0" + bytes(64), b"\0\0\0\x0cjP  ")),
)
"""By name."""


def guarded(target: Target, data: bytes) -> None:
    """Run ``target``; the documented error is no fault."""
    with suppress(CardError):
        target.run(data)
