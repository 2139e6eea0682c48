"""PACE, as the virtual chip does its part of it."""

from __future__ import annotations

from collections.abc import Callable

from ecdsa.ellipticcurve import Point

from kiosk.errors import CardError
from kiosk.idcard.chip import tlv
from kiosk.idcard.chip.access import AccessKey
from kiosk.idcard.chip.messaging import SessionKeys
from kiosk.idcard.chip.pace import Offer


class ChipAgreement:
    """One run of the protocol; a step out of order or a wrong proof ends it.

    :attr:`keys` are there once the terminal has proved that it knows ``password``.
    """

    def __init__(self, offer: Offer, password: AccessKey, random: Callable[[int], bytes]) -> None:
        self._offer, self._curve = offer, offer.curve
        self._password = password
        self._random = random
        self._nonce = 0
        self._generator: Point | None = None
        self._proofs: tuple[bytes, bytes] | None = None
        self._agreed: SessionKeys | None = None
        self.keys: SessionKeys | None = None

    def step(self, request: bytes) -> bytes:
        """The answer to one request, both inside their template ``7C``.

        Raises :class:`CardError`: ``chip_key`` for a wrong proof.
        """
        content = tlv.parse(tlv.only(request, 0x7C))
        if not content:
            return tlv.encode(0x7C, tlv.encode(0x80, self._sealed_nonce()))
        tag, value = content[0].tag, content[0].value
        steps = {0x81: self._map, 0x83: self._exchange, 0x85: self._confirm}
        if tag not in steps:
            tlv.garbled()
        return tlv.encode(0x7C, tlv.encode(tag + 1, steps[tag](value)))

    def _sealed_nonce(self) -> bytes:
        suite = self._offer.suite
        nonce = self._random(16)
        self._nonce = int.from_bytes(nonce, "big")
        return suite.encrypted(suite.derived(self._password.secret(), 3), nonce)

    def _map(self, theirs: bytes) -> bytes:
        private, base = self._curve.private(self._random), self._curve.base
        self._generator = self._nonce * base + private * self._curve.point(theirs)
        return self._curve.encoded(private * base)

    def _exchange(self, theirs: bytes) -> bytes:
        private, public = self._curve.private(self._random), self._curve.point(theirs)
        if self._generator is None:
            tlv.garbled()
        ours = private * self._generator
        keys = SessionKeys.of(self._offer.suite, self._curve.abscissa(private * public))
        self._proofs = self._offer.token(keys, ours), self._offer.token(keys, public)
        self._agreed = keys
        return self._curve.encoded(ours)

    def _confirm(self, proof: bytes) -> bytes:
        if self._proofs is None or proof != self._proofs[0]:
            raise CardError("chip_key")
        self.keys = self._agreed
        return self._proofs[1]
