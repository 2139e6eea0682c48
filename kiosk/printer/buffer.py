"""What the virtual printer has received and not yet printed."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from kiosk.printer.decoder import Action, Rows

_CAPACITY = 1 << 18
"""Bytes of dots: about four tickets, as much as a real one holds."""

Sender = TypeVar("Sender")


@dataclass(frozen=True, slots=True)
class TearOff:
    """A client left: what is printed and not cut is not for the next one."""


class Buffer(Generic[Sender]):
    """First in, first out, each with its sender. Not thread-safe."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[Sender, Action | TearOff]] = deque()
        self._bytes = 0

    @property
    def full(self) -> bool:
        """It takes no more."""
        return self._bytes >= _CAPACITY

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, sender: Sender, action: Action | TearOff) -> None:
        """Behind everything else."""
        self._waiting.append((sender, action))
        self._bytes += _size(action)

    def put_back(self, sender: Sender, action: Action) -> None:
        """In front of everything else: it could not be done yet."""
        self._waiting.appendleft((sender, action))
        self._bytes += _size(action)

    def take(self) -> tuple[Sender, Action | TearOff]:
        """The next. Raises :class:`IndexError` when there is none."""
        sender, action = self._waiting.popleft()
        self._bytes -= _size(action)
        return sender, action

    def clear(self) -> None:
        """Nothing of it will be printed; paper is torn off all the same."""
        self._waiting = deque(each for each in self._waiting if isinstance(each[1], TearOff))
        self._bytes = sum(_size(action) for _, action in self._waiting)

    def senders(self) -> Iterator[Sender]:
        """Of everything in it, in turn."""
        return (sender for sender, _ in self._waiting)


def _size(action: Action | TearOff) -> int:
    return len(action.data) if isinstance(action, Rows) else 1
