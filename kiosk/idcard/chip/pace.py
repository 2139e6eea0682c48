"""Password authenticated connection establishment: the newer way to open a chip.

ICAO 9303-11, section 4.4, with generic mapping over elliptic curves, which is what identity cards
offer. A card whose protocols are all others is opened by BAC instead.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass

from asn1crypto import core
from ecdsa.ellipticcurve import Point

from kiosk.errors import CardError
from kiosk.idcard.chip import tlv
from kiosk.idcard.chip.access import AccessKey
from kiosk.idcard.chip.apdu import OK, Card, Command, PlainChannel
from kiosk.idcard.chip.ciphers import TRIPLE_DES, Suite
from kiosk.idcard.chip.curves import PARAMETERS, Curve, finite
from kiosk.idcard.chip.messaging import SecureChannel, SessionKeys

SET_AUTHENTICATION, GENERAL_AUTHENTICATE = 0x22, 0x86
CHAINED = 0x10
"""Class bit of a command that is not the last of its chain."""

_GENERIC_MAPPING = "0.4.0.127.0.7.2.2.4.2."
SUITES = {
    f"{_GENERIC_MAPPING}1": TRIPLE_DES,
    f"{_GENERIC_MAPPING}2": Suite(aes=True, key_bytes=16),
    f"{_GENERIC_MAPPING}3": Suite(aes=True, key_bytes=24),
    f"{_GENERIC_MAPPING}4": Suite(aes=True, key_bytes=32),
}
"""BSI TR-03110-3, table A.2: id-PACE-ECDH-GM with each cipher."""


class _PaceInfo(core.Sequence):
    _fields = [  # noqa: RUF012 -- asn1crypto's way
        ("protocol", core.ObjectIdentifier),
        ("version", core.Integer),
        ("parameter", core.Integer, {"optional": True}),
    ]


@dataclass(frozen=True, slots=True)
class Offer:
    """A protocol that a card offers and this kiosk speaks."""

    protocol: str
    parameter: int

    @property
    def suite(self) -> Suite:
        """The ciphers of the session."""
        return SUITES[self.protocol]

    @property
    def curve(self) -> Curve:
        """The curve that keys are agreed on over."""
        return Curve(self.parameter)

    def token(self, keys: SessionKeys, public: Point) -> bytes:
        """What proves the keys: a code of the other side's public key (section 4.4.3.4)."""
        protocol = core.ObjectIdentifier(self.protocol).dump()
        data = protocol + tlv.encode(0x86, self.curve.encoded(public))
        return keys.suite.mac(keys.authentication, tlv.encode(0x7F49, data))


def offers(card_access: bytes) -> list[Offer]:
    """What the file EF.CardAccess offers that is spoken here, strongest first.

    Raises :class:`CardError` (``chip_garbled``).
    """
    found = [_offer(info) for info in tlv.parse(tlv.only(card_access, 0x31)) if info.tag == 0x30]
    known = [offer for offer in found if offer is not None]
    return sorted(known, key=lambda offer: offer.protocol, reverse=True)


def _offer(info: tlv.Tlv) -> Offer | None:
    first = next(iter(tlv.parse(info.value)), None)
    if first is None or first.tag != 0x06:
        return None
    try:
        read = _PaceInfo.load(tlv.encode(info.tag, info.value), strict=True).native
    except (ValueError, TypeError):
        return None  # of another protocol, with fields of its own
    protocol, parameter = read["protocol"], read["parameter"]
    known = protocol in SUITES and read["version"] == 2 and parameter in PARAMETERS
    return Offer(protocol, parameter) if known else None


def open_by_pace(
    card: Card, key: AccessKey, offer: Offer, random: Callable[[int], bytes]
) -> SecureChannel:
    """A secure channel to the card.

    Raises :class:`CardError`: ``chip_key`` when the card does not know the key.
    """
    return _Agreement(card, offer, random).agreed(key)


class _Agreement:
    def __init__(self, card: Card, offer: Offer, random: Callable[[int], bytes]) -> None:
        self._card = card
        self._plain = PlainChannel(card)
        self._offer = offer
        self._curve = offer.curve
        self._random = random

    def agreed(self, key: AccessKey) -> SecureChannel:
        """Nonce, mapping, key agreement, mutual authentication."""
        suite = self._offer.suite
        self._announce(key)
        secret = self._step(b"", 0x80)
        if not secret or len(secret) % suite.block:
            tlv.garbled()
        nonce = suite.decrypted(suite.derived(key.secret(), 3), secret)
        generator = self._mapped(int.from_bytes(nonce, "big"))
        ours, theirs, meeting = self._agree(generator, 0x83, 0x84)
        keys = SessionKeys.of(suite, self._curve.abscissa(meeting))
        proof = self._proved(self._offer.token(keys, theirs))
        if not hmac.compare_digest(proof, self._offer.token(keys, ours)):
            raise CardError("chip_key")
        return SecureChannel(self._card, keys)

    def _announce(self, key: AccessKey) -> None:
        protocol = core.ObjectIdentifier(self._offer.protocol).contents or b""
        data = tlv.encode(0x80, protocol) + tlv.encode(0x83, bytes([key.reference]))
        answer = self._plain.ask(Command(SET_AUTHENTICATION, 0xC1, 0xA4, data))
        # 63Cx: so many tries left; the card goes on.
        if answer.status != OK and answer.status >> 8 != 0x63:
            raise CardError("chip_refused", status=f"{answer.status:04X}")

    def _mapped(self, nonce: int) -> Point:
        """Generic mapping: a generator nobody can know the logarithm of (section 4.4.3.3)."""
        _, _, meeting = self._agree(self._curve.base, 0x81, 0x82)
        return finite(nonce * self._curve.base + meeting)

    def _agree(self, generator: Point, tag: int, reply: int) -> tuple[Point, Point, Point]:
        """Diffie–Hellman: our public point, theirs, and the one both come to."""
        private = self._curve.private(self._random)
        ours = private * generator
        theirs = self._curve.point(self._step(tlv.encode(tag, self._curve.encoded(ours)), reply))
        if theirs == ours:
            tlv.garbled()
        return ours, theirs, finite(private * theirs)

    def _proved(self, proof: bytes) -> bytes:
        data = tlv.encode(0x7C, tlv.encode(0x85, proof))
        answer = self._plain.ask(Command(GENERAL_AUTHENTICATE, 0, 0, data, expected=256))
        if answer.status != OK:
            raise CardError("chip_key")
        return tlv.only(answer.data, 0x7C, 0x86)

    def _step(self, content: bytes, reply: int) -> bytes:
        data = tlv.encode(0x7C, content)
        command = Command(GENERAL_AUTHENTICATE, 0, 0, data, expected=256, cla=CHAINED)
        answer = self._plain.ask(command)
        if answer.status != OK:
            raise CardError("chip_refused", status=f"{answer.status:04X}")
        return tlv.only(answer.data, 0x7C, reply)
