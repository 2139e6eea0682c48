"""Secure messaging: every command and answer encrypted and authenticated (ICAO 9303-11, 9.8)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from kiosk.errors import CardError
from kiosk.idcard.chip import tlv
from kiosk.idcard.chip.apdu import Answer, Card, Command
from kiosk.idcard.chip.ciphers import Suite, padded, unpadded

_CIPHERTEXT, _EXPECTED, _STATUS, _MAC = 0x87, 0x97, 0x99, 0x8E
_PADDED = b"\x01"
"""What a ciphertext begins with: its content was padded."""


@dataclass(frozen=True, slots=True, repr=False)
class SessionKeys:
    """What both sides know after the agreement."""

    suite: Suite
    encryption: bytes
    authentication: bytes
    counter: bytes
    """The send sequence counter to start from, one block."""

    @classmethod
    def of(cls, suite: Suite, secret: bytes, counter: bytes | None = None) -> SessionKeys:
        """From a shared secret; the counter starts at zero by default."""
        return cls(
            suite,
            suite.derived(secret, 1),
            suite.derived(secret, 2),
            bytes(suite.block) if counter is None else counter,
        )


class SecureChannel:
    """Talks to a card under session keys.

    An answer whose authentication code is wrong, missing or of another message ends it: from
    then on nothing is sent or believed any more.
    """

    def __init__(self, card: Card, keys: SessionKeys) -> None:
        self.card = card
        self._ciphers = Ciphers(keys)
        self._broken = False

    def ask(self, command: Command) -> Answer:
        """See :class:`~kiosk.idcard.chip.apdu.Channel`."""
        if self._broken:
            raise CardError("chip_garbled")
        self._broken = True
        answer = Answer.of(self.card.transmit(self._protected(command).encoded()))
        if not answer.data:
            # Without protection a card may only say that it ends the session.
            raise CardError("chip_refused", status=f"{answer.status:04X}")
        opened = self._opened(answer)
        self._broken = False
        return opened

    def _protected(self, command: Command) -> Command:
        ciphers = self._ciphers
        ciphers.count()
        header = Command(command.ins, command.p1, command.p2, cla=command.cla | 0x0C)
        body = ciphers.sealed(command.data) if command.data else b""
        if command.expected:
            body += tlv.encode(_EXPECTED, bytes([command.expected & 0xFF]))
        start = padded(header.header(), ciphers.block)
        code = ciphers.code(start + (padded(body, ciphers.block) if body else b""))
        return Command(
            command.ins,
            command.p1,
            command.p2,
            body + tlv.encode(_MAC, code),
            expected=256,
            cla=header.cla,
        )

    def _opened(self, answer: Answer) -> Answer:
        ciphers = self._ciphers
        ciphers.count()
        objects = tlv.parse(answer.data)
        found = {each.tag: each.value for each in objects}
        if len(found) != len(objects) or list(found)[-2:] != [_STATUS, _MAC]:
            tlv.garbled()
        body = b"".join(tlv.encode(each.tag, each.value) for each in objects[:-1])
        if not hmac.compare_digest(ciphers.code(padded(body, ciphers.block)), found[_MAC]):
            raise CardError("chip_garbled")
        data = ciphers.opened(found[_CIPHERTEXT]) if _CIPHERTEXT in found else b""
        return Answer(data, int.from_bytes(found[_STATUS], "big"))


class Ciphers:
    """Session keys at work, with the counter that makes each message unlike any other. Both ends
    have one."""

    def __init__(self, keys: SessionKeys) -> None:
        self._keys = keys
        self._counter = int.from_bytes(keys.counter, "big")
        self.block = keys.suite.block

    def count(self) -> None:
        """Before each command and each answer."""
        self._counter = (self._counter + 1) % (1 << 8 * self.block)

    def code(self, blocks: bytes) -> bytes:
        """The authentication code of a message: whole blocks, to which the ciphers' own padding
        is not added again."""
        keys = self._keys
        return keys.suite.mac_of_blocks(keys.authentication, self._count_bytes() + blocks)

    def sealed(self, data: bytes) -> bytes:
        """``data`` as a ciphertext object."""
        keys, plain = self._keys, padded(data, self.block)
        secret = keys.suite.encrypted(keys.encryption, plain, self._vector())
        return tlv.encode(_CIPHERTEXT, _PADDED + secret)

    def opened(self, value: bytes) -> bytes:
        """What a ciphertext object holds. Raises :class:`CardError` (``chip_garbled``)."""
        keys = self._keys
        if value[:1] != _PADDED or len(value) % self.block != 1 or len(value) == 1:
            tlv.garbled()
        plain = unpadded(keys.suite.decrypted(keys.encryption, value[1:], self._vector()))
        if plain is None:
            raise CardError("chip_garbled")
        return plain

    def _count_bytes(self) -> bytes:
        return self._counter.to_bytes(self.block, "big")

    def _vector(self) -> bytes:
        return self._keys.suite.vector(self._keys.encryption, self._count_bytes())
