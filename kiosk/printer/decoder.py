"""ESC/POS bytes → what a printer does with them, in whatever pieces they arrive.

Understands what :mod:`kiosk.printer.device`, :mod:`kiosk.printer.status` and
:mod:`kiosk.printer.fence` send, and steps over everything else. Memory is bounded by one piece
and one row of dots, whatever the stream claims.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

MAX_ROW_BYTES = 128
"""1,024 dots: the widest paper the product prints on."""

_LINE_DOTS = 30
"""Default line spacing, 1/6 inch at 180 dpi (ESC 2)."""

_CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"

_LENGTHS = {
    b"\n": 1,
    b"\x1b@": 2,
    b"\x1bd": 3,
    b"\x1bJ": 3,
    b"\x10\x04": 3,
    b"\x10\x05": 3,
    b"\x10\x14\x08": 10,
    b"\x1dr": 3,
    b"\x1dv0": 8,
    b"\x1dV\x00": 3,
    b"\x1dV\x01": 3,
    b"\x1dV0": 3,
    b"\x1dV1": 3,
    b"\x1dVA": 4,
    b"\x1dVB": 4,
}
"""How long the command is that starts so."""

_LONGEST = max(_LENGTHS.values())


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of dots, most significant bit leftmost, 1 is black."""

    row_bytes: int
    data: bytes

    @property
    def count(self) -> int:
        """How many rows."""
        return len(self.data) // self.row_bytes

    def split(self, count: int) -> tuple[Rows, Rows]:
        """The first ``count`` rows, and the others."""
        size = count * self.row_bytes
        return Rows(self.row_bytes, self.data[:size]), Rows(self.row_bytes, self.data[size:])


@dataclass(frozen=True, slots=True)
class Feed:
    """Blank paper."""

    dots: int


@dataclass(frozen=True, slots=True)
class Cut:
    """The end of a ticket."""


@dataclass(frozen=True, slots=True)
class Question:
    """DLE EOT ``n``, 1 … 4."""

    n: int


@dataclass(frozen=True, slots=True)
class Fence:
    """GS r ``n``: a question that waits its turn behind everything sent before it."""


@dataclass(frozen=True, slots=True)
class Clear:
    """DLE DC4, function 8: forget at once what was received and not yet printed."""


Action = Rows | Feed | Cut | Question | Fence | Clear


class Decoder:
    """One stream's decoder; the same bytes mean the same however they are cut into pieces."""

    def __init__(self) -> None:
        self.unknown_bytes = 0
        self._buffer = bytearray()
        self._row_bytes = 0
        self._rows_left = 0
        self._skip = 0

    def feed(self, piece: bytes) -> Iterator[Action]:
        """Everything that ``piece`` completes, in order."""
        self._buffer += piece
        while self._buffer:
            if self._skip:
                self._skip -= len(self._take(self._skip))
            elif self._rows_left:
                rows = min(self._rows_left, len(self._buffer) // self._row_bytes)
                if not rows:
                    return
                self._rows_left -= rows
                yield Rows(self._row_bytes, self._take(rows * self._row_bytes))
            else:
                size = self._command_size()
                if not size:
                    return
                yield from self._understand(self._take(size))

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def _command_size(self) -> int:
        """Length of the command in front, 0 while it is not complete, 1 when it is none."""
        head = bytes(self._buffer[:_LONGEST])
        for start, size in _LENGTHS.items():
            if head.startswith(start):
                return size if len(head) >= size else 0
            if start.startswith(head):
                return 0
        return 1

    def _understand(self, command: bytes) -> Iterator[Action]:
        match command[:2]:
            case b"\n":
                yield Feed(_LINE_DOTS)
            case b"\x1bd":
                yield Feed(command[2] * _LINE_DOTS)
            case b"\x1bJ":
                yield Feed(command[2])
            case b"\x1dV":
                yield Cut()
            case b"\x1dv":
                self._start_raster(command)
            case b"\x10\x04" if 1 <= command[2] <= 4:
                yield Question(command[2])
            case b"\x1dr" if command[2] in b"\x01\x0212":
                yield Fence()
            case b"\x10\x14" if command == _CLEAR:
                yield Clear()
            case b"\x1b@":
                pass
            case b"\x10\x05" if 1 <= command[2] <= 3:
                pass  # ends an error one can recover from; this printer knows none
            case _:
                self.unknown_bytes += len(command)

    def _start_raster(self, command: bytes) -> None:
        """GS v 0 m xL xH yL yH: only normal density, and no row wider than the paper."""
        row_bytes = int.from_bytes(command[4:6], "little")
        rows = int.from_bytes(command[6:8], "little")
        if command[3] in b"\x000" and 0 < row_bytes <= MAX_ROW_BYTES:
            self._row_bytes, self._rows_left = row_bytes, rows
        else:
            self._skip = row_bytes * rows
            self.unknown_bytes += len(command) + self._skip
