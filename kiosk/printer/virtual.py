"""A printer made of software: takes our ESC/POS over TCP, leaves tickets as PNG files, and tells
the truth about its state. For the desk, the demo and the tests alike."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

from PIL import Image

from kiosk.printer.decoder import Action, Cut, Decoder, Feed, Question, Rows
from kiosk.stopping import told_to_stop

log = logging.getLogger(__name__)

_MAX_CONNECTIONS = 8
_MAX_HELD = 1 << 18
"""Bytes of dots kept while nothing can be printed: about four tickets, as a real buffer would."""
_MAX_ROWS = 16_000
"""Two metres of paper at 203 dpi without a cut are torn off."""


class Fault(StrEnum):
    """What can be the matter with the virtual printer."""

    PAPER_OUT = "paper_out"
    NEAR_END = "near_end"
    COVER_OPEN = "cover_open"
    OFFLINE = "offline"
    SILENT = "silent"
    """Prints, but never answers about its state."""


_STOPPING = {Fault.PAPER_OUT, Fault.COVER_OPEN, Fault.OFFLINE}


class VirtualPrinter:
    """A TCP printer on ``host``:``port`` (0: any free one, see :attr:`port`).

    Each cut leaves ``out/ticket-0001.png``, ``-0002`` … from 1 at every start. Paper that is
    still uncut when a client leaves is torn off and kept too. While the printer is out of paper,
    open or offline, it holds what it receives and prints it afterwards, as real ones do.
    """

    def __init__(
        self,
        host: str,
        port: int,
        out: Path,
        on_ticket: Callable[[Path], None] | None = None,
    ) -> None:
        """``on_ticket`` is called with each new file, in a thread of the printer."""
        self.unknown_bytes = 0
        """Bytes received that mean nothing to this printer."""
        self._out = out
        self._on_ticket = on_ticket
        self._changed = threading.Condition()
        self._faults: frozenset[Fault] = frozenset()
        self._held: deque[tuple[_Paper, Action]] = deque()
        self._held_bytes = 0
        self._tickets = 0
        self._stopping = False
        self._connections: dict[socket.socket, threading.Thread] = {}
        out.mkdir(parents=True, exist_ok=True)
        self._listener = socket.create_server((host, port))
        self.port: int = self._listener.getsockname()[1]
        self._acceptor = threading.Thread(target=self._accept, name="virtual-printer")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Accept clients from now on."""
        self._acceptor.start()

    def stop(self) -> None:
        """Hang up on everybody and wait until all threads are gone."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
            connections = dict(self._connections)
        for each in (self._listener, *connections):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._acceptor.join()
        self._listener.close()
        for thread in connections.values():
            thread.join()

    @property
    def faults(self) -> frozenset[Fault]:
        """What is the matter now."""
        with self._changed:
            return self._faults

    def set_fault(self, fault: Fault, on: bool = True) -> None:
        """Bring ``fault`` about or mend it; mending the last one prints what was held."""
        with self._changed:
            self._faults = self._faults | {fault} if on else self._faults - {fault}
            while self._held and self._able():
                paper, action = self._held.popleft()
                self._carry_out(paper, action)
            if not self._held:
                self._held_bytes = 0
            self._changed.notify_all()

    def wait_for_ticket(self, n: int, timeout: float) -> Path:
        """The file of the ``n``-th ticket (from 1); :class:`TimeoutError` if it does not come."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._tickets >= n, timeout):
                raise TimeoutError(f"no ticket {n} within {timeout} s")
        return self._file(n)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with self._changed:
                if self._stopping or len(self._connections) >= _MAX_CONNECTIONS:
                    client.close()
                    continue
                thread = threading.Thread(target=self._serve, args=(client,), daemon=True)
                self._connections[client] = thread
                thread.start()

    def _serve(self, client: socket.socket) -> None:
        decoder, paper = Decoder(), _Paper()
        with client, contextlib.suppress(OSError):
            while received := client.recv(4096):
                known = decoder.unknown_bytes
                for action in decoder.feed(received):
                    if isinstance(action, Question):
                        client.sendall(self._answer(action.n))
                    else:
                        self._do(paper, action)
                with self._changed:
                    self.unknown_bytes += decoder.unknown_bytes - known
        self._do(paper, Cut())
        with self._changed:
            del self._connections[client]

    def _answer(self, n: int) -> bytes:
        """Epson ESC/POS, DLE EOT ``n``: the fixed bits 0x12 and one bit for each trouble."""
        faults = self.faults
        if Fault.SILENT in faults:
            return b""
        bits = {
            1: 0x08 if faults & _STOPPING else 0,
            2: 0x04 * (Fault.COVER_OPEN in faults) | 0x20 * (Fault.PAPER_OUT in faults),
            3: 0,
            4: 0x0C * bool(faults & {Fault.NEAR_END, Fault.PAPER_OUT})
            | 0x60 * (Fault.PAPER_OUT in faults),
        }
        return bytes((0x12 | bits[n],))

    def _do(self, paper: _Paper, action: Action) -> None:
        size = len(action.data) if isinstance(action, Rows) else 1
        with self._changed:
            # A full buffer stops the reading, and TCP lets the sender feel it.
            self._changed.wait_for(
                lambda: self._able() or self._held_bytes < _MAX_HELD or self._stopping
            )
            if self._able():
                self._carry_out(paper, action)
            elif not self._stopping:
                self._held.append((paper, action))
                self._held_bytes += size

    def _able(self) -> bool:
        return not self._faults & _STOPPING

    def _carry_out(self, paper: _Paper, action: Action) -> None:
        match action:
            case Rows():
                paper.print(action)
            case Feed():
                paper.feed(action.dots)
            case _:
                pass
        if (isinstance(action, Cut) or paper.rows > _MAX_ROWS) and (ticket := paper.cut()):
            self._deliver(ticket)

    def _deliver(self, ticket: Image.Image) -> None:
        self._tickets += 1
        path = self._file(self._tickets)
        part = path.with_suffix(".part")
        try:
            ticket.save(part, format="PNG")
            part.replace(path)  # whoever watches the folder never sees half a picture
        except OSError:
            log.exception("the ticket could not be written to %s", path)
        self._changed.notify_all()
        if self._on_ticket:
            self._on_ticket(path)

    def _file(self, n: int) -> Path:
        return self._out / f"ticket-{n:04}.png"


class _Paper:
    """The paper of one connection since the last cut."""

    def __init__(self) -> None:
        self.rows = 0
        self._bands: list[tuple[int, Rows]] = []
        self._fed = 0

    def print(self, band: Rows) -> None:
        self.feed(0)
        self.rows += self._fed
        self._fed = 0
        self._bands.append((self.rows, band))
        self.rows += len(band.data) // band.row_bytes

    def feed(self, dots: int) -> None:
        self._fed = min(_MAX_ROWS, self._fed + dots)

    def cut(self) -> Image.Image | None:
        """The ticket, ``None`` when nothing was printed on it.

        The feed before a cut carries the last row past the blade: it is not part of the ticket.
        """
        bands, height = self._bands, self.rows
        self._bands, self.rows, self._fed = [], 0, 0
        if not bands:
            return None
        width = 8 * max(band.row_bytes for _, band in bands)
        ticket = Image.new("1", (width, height), 1)
        for top, band in bands:
            size = (8 * band.row_bytes, len(band.data) // band.row_bytes)
            ticket.paste(Image.frombytes("1", size, band.data, "raw", "1;I"), (0, top))
        return ticket


def serve(host: str, port: int, out: Path) -> None:
    """Run a virtual printer until SIGINT or SIGTERM (``kiosk printer virtual``)."""
    with (
        told_to_stop() as wait,
        VirtualPrinter(host, port, out, lambda path: log.info("%s", path)) as printer,
    ):
        log.info("virtual printer at network:%s:%d, tickets in %s", host, printer.port, out)
        wait(None)
