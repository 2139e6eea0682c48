"""A printer made of software: takes our ESC/POS over TCP, leaves tickets as PNG files, and tells
the truth about its state. For the desk, the demo and the tests alike.

As in a real one, what arrives goes into a buffer, the mechanism prints from there in turn, and
real-time commands are obeyed on arrival, past everything that waits.
"""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from PIL import Image

from kiosk.printer.buffer import Buffer, TearOff
from kiosk.printer.decoder import Action, Clear, Cut, Decoder, Feed, Fence, Question, Rows
from kiosk.printer.faults import MID_TICKET_ROWS, STOPPING, Fault, Faults, When
from kiosk.printer.strip import MAX_ROWS, Strip
from kiosk.printer.tray import Tray

__all__ = ["Fault", "VirtualPrinter", "When"]

_MAX_CONNECTIONS = 8
_SLOW_ROWS_S = 400
"""Five centimetres a second at 203 dpi."""
_SLOW_ROWS = 20
"""Rows between two breaths of a slow printer."""
_CLEARED = b"\x37\x25\x00"
"""What Epson's printers answer to DLE DC4, function 8."""


@dataclass(eq=False)
class _Client:
    """A connection, and the paper printed for it."""

    socket: socket.socket
    decoder: Decoder = field(default_factory=Decoder)
    strip: Strip = field(default_factory=Strip)
    gone: bool = False
    """Nothing it sends counts any more."""

    def reply(self, answer: bytes) -> None:
        with contextlib.suppress(OSError):
            self.socket.sendall(answer)


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
        self.changes = 0
        """Counts whatever can be seen from outside: paper, tickets, faults."""
        self._tray = Tray(out, on_ticket)
        self._changed = threading.Condition()
        self._faults = Faults()
        self._garbage = itertools.cycle((b"\x00", b"\xff", b"\x55"))
        self._buffer: Buffer[_Client] = Buffer()
        self._after_cut = False
        self._stopping = False
        self._clients: dict[_Client, threading.Thread] = {}
        # Bound but never listening, it keeps the port ours while the printer is switched off.
        self._place = _bound(host, port)
        self.host = host
        self.port: int = self._place.getsockname()[1]
        self._listener = _bound(host, self.port)
        self._listener.listen()
        self._acceptor = threading.Thread(target=self._accept, name="virtual-printer")
        self._mechanism = threading.Thread(target=self._print, name="virtual-printer-mechanism")

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
        self._mechanism.start()

    def stop(self) -> None:
        """Hang up on everybody and wait until all threads are gone. What is not printed is lost."""
        with self._changed:
            self._stopping = True
            clients = dict(self._clients)
            self._hang_up()
            self._changed.notify_all()
        _shut(self._listener)
        self._acceptor.join()
        for thread in clients.values():
            thread.join()
        self._mechanism.join()
        self._listener.close()
        self._place.close()

    # ── what a person at the printer does and sees ────────────────────────────────────────────

    @property
    def faults(self) -> frozenset[Fault]:
        """What is the matter now."""
        with self._changed:
            return self._faults.present

    @property
    def faults_to_come(self) -> dict[Fault, When]:
        """What is going to be the matter, and when."""
        with self._changed:
            return dict(self._faults.to_come)

    @property
    def tickets(self) -> int:
        """How many came out."""
        with self._changed:
            return self._tray.count

    def set_fault(self, fault: Fault, on: bool = True, *, when: When | None = None) -> None:
        """Bring ``fault`` about at ``when``, or mend it now; what was held is then printed.

        Without ``when`` it is *now*, but ``die_mid_ticket`` comes ``mid_ticket``.
        """
        when = when or ("mid_ticket" if fault is Fault.DIE_MID_TICKET else "now")
        with self._changed:
            if not on:
                self._mend(fault)
            elif when == "now":
                self._begin(fault)
            else:
                self._after_cut = False
                self._faults.order(fault, when)
            self._show()

    def wait_for_ticket(self, n: int, timeout: float) -> Path:
        """The file of the ``n``-th ticket (from 1); :class:`TimeoutError` if it does not come."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._tray.count >= n, timeout):
                raise TimeoutError(f"no ticket {n} within {timeout} s")
        return self.file(n)

    def wait_for_change(self, seen: int, timeout: float) -> int:
        """:attr:`changes` as soon as it is not ``seen``, at the latest after ``timeout`` s."""
        with self._changed:
            self._changed.wait_for(lambda: self.changes != seen or self._stopping, timeout)
            return self.changes

    def hanging_out(self) -> Image.Image | None:
        """The paper that is printed and not yet cut, mode ``1``; ``None`` when there is none."""
        with self._changed:
            clients = [*self._clients, *self._buffer.senders()]
            strips = [client.strip for client in clients if client.strip.rows]
            return strips[-1].picture() if strips else None

    def file(self, n: int) -> Path:
        """Where the ``n``-th ticket (from 1) is, or will be."""
        return self._tray.file(n)

    # ── faults: called with the lock held ─────────────────────────────────────────────────────

    def _begin(self, fault: Fault) -> None:
        self._faults.begin(fault)
        if fault is Fault.HANG_UP:
            self._hang_up()
        elif fault is Fault.POWER_CYCLE:
            _shut(self._listener)
            self._hang_up()

    def _mend(self, fault: Fault) -> None:
        if not self._faults.mend(fault):
            return
        if fault is Fault.POWER_CYCLE:
            self._listener.listen()
        elif fault is Fault.DIE_MID_TICKET:
            self._hang_up()

    def _arrived_at(self, moment: When) -> bool:
        """Whether faults came at this ``moment``."""
        due = self._faults.due(moment)
        for fault in due:
            self._begin(fault)
        return bool(due)

    def _hang_up(self) -> None:
        for client in self._clients:
            client.gone = True
            _shut(client.socket)
        self._forget()

    def _forget(self) -> None:
        self._buffer.clear()
        self._changed.notify_all()

    def _able(self) -> bool:
        return not self._faults.present & STOPPING

    def _show(self) -> None:
        self.changes += 1
        self._changed.notify_all()

    # ── the interface: a thread that accepts, and one for each client ─────────────────────────

    def _accept(self) -> None:
        while self._wait_for_power():
            try:
                client, _ = self._listener.accept()
            except OSError:
                continue  # switched off, or stopping
            with self._changed:
                if self._stopping or len(self._clients) >= _MAX_CONNECTIONS:
                    client.close()
                    continue
                each = _Client(client)
                self._clients[each] = thread = threading.Thread(target=self._serve, args=(each,))
                thread.start()

    def _wait_for_power(self) -> bool:
        """False when stopping."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._stopping or Fault.POWER_CYCLE not in self._faults.present
            )
            return not self._stopping

    def _serve(self, client: _Client) -> None:
        with client.socket, contextlib.suppress(OSError):
            while (received := client.socket.recv(4096)) and self._listens(client):
                known = client.decoder.unknown_bytes
                for action in client.decoder.feed(received):
                    self._receive(client, action)
                with self._changed:
                    self.unknown_bytes += client.decoder.unknown_bytes - known
        with self._changed:
            self._buffer.put(client, TearOff())
            del self._clients[client]
            self._changed.notify_all()

    def _listens(self, client: _Client) -> bool:
        with self._changed:
            self._changed.wait_for(
                lambda: client.gone or Fault.DIE_MID_TICKET not in self._faults.present
            )
            return not client.gone and Fault.HANG_UP not in self._faults.present

    def _receive(self, client: _Client, action: Action) -> None:
        with self._changed:
            if client.gone:
                pass
            elif isinstance(action, Question):
                if self._after_cut:
                    self._arrived_at("after_ticket")
                self._answer(client, self._status(action.n))
            elif isinstance(action, Clear):
                self._forget()
                self._answer(client, _CLEARED)
            else:
                self._hold(client, action)

    def _hold(self, client: _Client, action: Action) -> None:
        # A full buffer stops the reading, and TCP lets the sender feel it.
        self._changed.wait_for(lambda: not self._buffer.full or client.gone)
        if not client.gone:
            self._buffer.put(client, action)
            self._changed.notify_all()

    def _answer(self, client: _Client, answer: bytes) -> None:
        faults = self._faults.present
        if client.gone or faults & {Fault.SILENT, Fault.DIE_MID_TICKET}:
            return
        client.reply(next(self._garbage) if Fault.GARBAGE in faults else answer)

    def _status(self, n: int) -> bytes:
        """Epson ESC/POS, DLE EOT ``n``: the fixed bits 0x12 and one bit for each trouble."""
        faults = self._faults.present
        bits = {
            1: 0x08 if faults & STOPPING else 0,
            2: 0x04 * (Fault.COVER_OPEN in faults) | 0x20 * (Fault.PAPER_OUT in faults),
            3: 0,
            4: 0x0C * bool(faults & {Fault.NEAR_END, Fault.PAPER_OUT})
            | 0x60 * (Fault.PAPER_OUT in faults),
        }
        return bytes((0x12 | bits[n],))

    # ── the mechanism: a thread ───────────────────────────────────────────────────────────────

    def _print(self) -> None:
        with self._changed:
            while not self._stopping:
                if self._buffer and self._able():
                    self._carry_out(*self._buffer.take())
                    self._show()
                else:
                    self._changed.wait()

    def _carry_out(self, client: _Client, action: Action | TearOff) -> None:
        match action:
            case Rows():
                self._print_rows(client, action)
            case Feed():
                client.strip.feed(action.dots)
            case Fence():
                near_end = Fault.NEAR_END in self._faults.present
                self._answer(client, b"\x03" if near_end else b"\x00")
                if self._after_cut:
                    self._arrived_at("after_ticket")
            case Cut() if client.strip.rows and self._arrived_at("mid_ticket"):
                self._put_back(client, action)
            case Cut():
                self._after_cut = client.strip.rows > 0
                self._cut(client.strip)
            case TearOff():
                self._cut(client.strip)
            case _:
                pass

    def _print_rows(self, client: _Client, rows: Rows) -> None:
        """As many as can be printed before something happens; the others wait."""
        self._after_cut = False
        count = rows.count
        slow = Fault.SLOW in self._faults.present
        if slow:
            count = min(count, _SLOW_ROWS)
        if self._faults.due("mid_ticket"):
            count = min(count, max(0, MID_TICKET_ROWS - client.strip.rows))
        now, later = rows.split(count)
        if later.count:
            self._put_back(client, later)
        if now.count:
            client.strip.print(now)
        if client.strip.rows >= MID_TICKET_ROWS:
            self._arrived_at("mid_ticket")
        if client.strip.rows > MAX_ROWS:
            self._cut(client.strip)
        if slow:
            self._show()
            self._changed.wait_for(lambda: self._stopping, now.count / _SLOW_ROWS_S)

    def _put_back(self, client: _Client, action: Action) -> None:
        if not client.gone:
            self._buffer.put_back(client, action)

    def _cut(self, strip: Strip) -> None:
        if ticket := strip.cut():
            self._tray.add(ticket)


def _bound(host: str, port: int) -> socket.socket:
    end = socket.socket()
    try:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        end.bind((host, port))
    except OSError:
        end.close()
        raise
    return end


def _shut(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
