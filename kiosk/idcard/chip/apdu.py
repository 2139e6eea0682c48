"""Commands to a card and its answers (ISO/IEC 7816-4, short lengths)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from kiosk.errors import CardError

OK = 0x9000


class Card(Protocol):
    """Something that answers commands: a reader with a card on it."""

    def transmit(self, command: bytes) -> bytes:
        """The answer, its two status bytes last.

        Raises :class:`CardError`: ``chip_removed`` when the card is gone, ``chip_slow`` when
        it has been at it for too long.
        """
        ...


@dataclass(frozen=True, slots=True, repr=False)
class Command:
    """One command; ``expected``: at most so many bytes are asked for, 256 for all there are."""

    ins: int
    p1: int
    p2: int
    data: bytes = b""
    expected: int = 0
    cla: int = 0

    def header(self) -> bytes:
        """The four bytes it begins with."""
        return bytes((self.cla, self.ins, self.p1, self.p2))

    def encoded(self) -> bytes:
        """As it is sent."""
        size = bytes([len(self.data)]) if self.data else b""
        expected = bytes([self.expected & 0xFF]) if self.expected else b""
        return self.header() + size + self.data + expected


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """What came back."""

    data: bytes
    status: int

    @classmethod
    def of(cls, answer: bytes) -> Answer:
        """Raises :class:`CardError` (``chip_garbled``) when there is no status."""
        if not 2 <= len(answer) <= 258:
            raise CardError("chip_garbled")
        return cls(answer[:-2], int.from_bytes(answer[-2:], "big"))


class Channel(Protocol):
    """A way to talk to a card: in clear or under keys."""

    def ask(self, command: Command) -> Answer:
        """Raises :class:`CardError` when the card is gone or its answer cannot be trusted."""
        ...


class PlainChannel:
    """In clear: before the keys are agreed on."""

    def __init__(self, card: Card) -> None:
        self.card = card

    def ask(self, command: Command) -> Answer:
        """See :class:`Channel`."""
        return Answer.of(self.card.transmit(command.encoded()))


def granted(channel: Channel, command: Command) -> bytes:
    """What the card gives. Raises :class:`CardError` (``chip_refused``) when it says no."""
    answer = channel.ask(command)
    if answer.status != OK:
        raise CardError("chip_refused", status=f"{answer.status:04X}")
    return answer.data
