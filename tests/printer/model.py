"""A model of a printer without threads or real time, on which anything can happen at any step."""

from __future__ import annotations

import itertools
import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from kiosk.config import PrinterSettings
from kiosk.errors import PrinterError
from kiosk.printer.decoder import Action, Clear, Cut, Decoder, Fence, Question, Rows

CUT, TORN = b"cut", b"torn"
"""Marks between rows: the blade, and where one roll ended and the next began."""

_PIECE = 48
"""Bytes a printer takes in one step."""
_TOLD_BY_DOTS = re.compile(rb"\x10\x04[\x01-\x04]")


@dataclass(frozen=True)
class Nature:
    """What kind of printer it is."""

    fences: bool = True
    """Answers GS r."""
    clears: bool = True
    """Obeys DLE DC4, function 8."""
    sticky: bool = False
    """What it was sent and what it answers outlives a connection, as on USB and serial ports."""
    pace: int = 1
    """Commands carried out in one step."""
    seconds: float = 0
    """It takes for each command that moves paper."""


@dataclass(frozen=True)
class Trouble:
    """``kind`` from step ``at`` on, for so many seconds."""

    at: int
    kind: str
    seconds: float


KINDS = ("paper_out", "paused", "hang_up", "off", "dead", "silent", "noise")
_STOPPING = {"paper_out", "paused", "off", "dead"}


@dataclass
class Model:
    """The device. ``now`` goes by while somebody waits for it to speak."""

    nature: Nature
    troubles: list[Trouble]
    now: float = 0.0
    roll: list[bytes] = field(default_factory=list)
    """Rows of dots, and marks between them."""
    present: dict[str, float] = field(default_factory=dict)
    """Troubles there are, and until when."""

    def __post_init__(self) -> None:
        self.noise = itertools.cycle((b"\x00", b"\x00", b"\x1f"))
        self.buffer: deque[tuple[Line, Action]] = deque()
        self.said = bytearray()
        self.line: Line | None = None
        self.steps = 0
        self.ready_at = 0.0

    @property
    def over(self) -> bool:
        """Nothing is the matter, nor will be."""
        to_come = any(trouble.at > self.steps for trouble in self.troubles)
        return not to_come and not self.present

    def connect(self, _settings: PrinterSettings) -> Line:
        self.step()
        if self.present.keys() & {"off"}:
            raise PrinterError("printer_unreachable", device="model", reason="off")
        self.line = Line(self)
        if not self.nature.sticky:
            self.said.clear()
        return self.line

    def step(self) -> None:
        """Something happens, perhaps, and the mechanism goes on."""
        self.steps += 1
        for trouble in self.troubles:
            if trouble.at == self.steps:
                self._begin(trouble)
        self._print()

    def wait(self, seconds: float, until: Callable[[], bool] = lambda: False) -> None:
        """Time goes by."""
        end = self.now + seconds
        while self.now < end and not until():
            self.now = min(end, self.now + 0.1)
            self._mend()
            self._print()

    def _print(self) -> None:
        for _ in range(self.nature.pace):
            if self.present.keys() & _STOPPING or self.now < self.ready_at:
                return
            while self.buffer and self._carry_out(*self.buffer.popleft()):
                pass

    def _mend(self) -> None:
        for kind, until in list(self.present.items()):
            if until <= self.now:
                del self.present[kind]
                if kind == "dead":
                    self._lose()

    def receive(self, line: Line, action: Action) -> None:
        """A command arrived: real-time ones are obeyed at once."""
        if isinstance(action, Question):
            self.say(self.status(action.n))
        elif isinstance(action, Clear):
            if self.nature.clears:
                self.buffer.clear()
                self.say(b"\x37\x25\x00")
        else:
            if isinstance(action, Rows):
                for asked in _TOLD_BY_DOTS.findall(action.data):
                    self.say(self.status(asked[2]))
            self.buffer.append((line, action))

    def status(self, n: int) -> bytes:
        out, stopped = "paper_out" in self.present, bool(self.present.keys() & _STOPPING)
        return bytes((0x12 | {1: 8 * stopped, 2: 0x20 * out, 3: 0, 4: 0x60 * out}[n],))

    def say(self, answer: bytes) -> None:
        if self.present.keys() & {"silent", "dead"}:
            return
        self.said += next(self.noise) if "noise" in self.present else answer

    def _begin(self, trouble: Trouble) -> None:
        self.present[trouble.kind] = self.now + trouble.seconds
        if trouble.kind == "paper_out":
            self.roll.append(TORN)
        if trouble.kind == "off":
            self._lose()
        if trouble.kind in ("off", "hang_up") and self.line:
            self.line.broken = True

    def _lose(self) -> None:
        self.buffer.clear()
        self.said.clear()
        if self.line:
            self.line.broken = True

    def _carry_out(self, line: Line, action: Action) -> bool:
        """Whether it took no time, so that the next follows at once."""
        match action:
            case Fence():
                if self.nature.fences and (self.nature.sticky or line is self.line):
                    self.say(b"\x00")
                return True
            case Rows():
                size = action.row_bytes
                self.roll += [
                    action.data[at : at + size] for at in range(0, len(action.data), size)
                ]
            case Cut():
                self.roll.append(CUT)
            case _:
                pass
        self.ready_at = self.now + self.nature.seconds
        return False


class Line:
    """A connection to the model."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.broken = False
        self.remembers = model.nature.sticky
        self._decoder = Decoder()

    def write(self, data: bytes) -> None:
        for start in range(0, len(data), _PIECE):
            self._step()
            if "dead" in self.model.present:
                raise TimeoutError
            for action in self._decoder.feed(data[start : start + _PIECE]):
                self.model.receive(self, action)

    def read(self, timeout: float) -> bytes:
        self._step()
        if not self.model.said:
            self.model.wait(timeout, until=lambda: self.broken or bool(self.model.said))
        said = bytes(self.model.said)
        self.model.said.clear()
        return said

    def close(self) -> None:
        if not self.model.nature.sticky:
            self.model.said.clear()
        self.model.line = None

    def _step(self) -> None:
        self.model.step()
        if self.broken or "hang_up" in self.model.present:
            raise ConnectionError


def whole_papers(roll: list[bytes], rows: list[bytes]) -> int:
    """How often ``rows`` stand one below the other on one piece of paper."""
    return sum(roll[at : at + len(rows)] == rows for at in range(len(roll)))


def pictures() -> Iterator[Callable[[bool], list[bytes]]]:
    """For one ticket after another: its rows of dots, with the mark of a reprint or without.

    Among them are some that read like real-time commands.
    """
    for ticket in itertools.count(1):
        yield lambda again, ticket=ticket: [
            bytes((ticket, 16 + again, row, 0x10, 0x04, 1 + row % 4, 0, 0)) for row in range(40)
        ]
