"""A kiosk process that issues and prints, and kills itself with SIGKILL at a step it is told.

    python killable.py DATABASE PORT

Each line it reads, ``STEP``, is one life in a process of its own, forked so that Python starts
only once; STEP 0 lives to the end. A line ``issued ID NUMBER`` is a number the citizen has seen,
``over`` is the end of a life. Every row of a ticket's picture holds the ticket's id, so that any
scrap of paper says whose it is: see :func:`scrap`.
"""

from __future__ import annotations

import os
import queue
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any
from uuid import UUID

import escpos.exceptions  # noqa: F401 -- half a second that each life would take again
import numpy as np
from PIL import Image

from kiosk.config import PrinterSettings
from kiosk.printer.spool import Outcome, Spool
from kiosk.store.clock import office_clock
from kiosk.store.database import Database
from kiosk.store.records import Records
from tests.store.numbering import KEY, FragileConnection, Fuse, settings

DOTS, ROWS, DOTS_PER_BIT = 576, 600, 4
TICKETS = 3
"""Per life."""


class Killer(Fuse):
    """Ends the process for good; nothing in it can notice."""

    def step(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def picture(ticket: str, *, again: bool) -> Image.Image:
    """A ticket whose rows all say: this ticket, and whether it is a reprint (mode ``1``)."""
    data = np.frombuffer(UUID(ticket).bytes + bytes([255 * again]), np.uint8)
    bits = np.repeat(np.unpackbits(data), DOTS_PER_BIT)
    row = np.zeros(DOTS, bool)
    row[: bits.size] = bits
    return Image.fromarray(np.tile(~row, (ROWS, 1)))


def scrap(path: Path) -> tuple[str, bool, bool]:
    """What a piece of paper says: ticket id, whether a reprint, whether it is whole."""
    paper = ~np.asarray(Image.open(path).convert("1"))
    bits = paper[0, : 17 * 8 * DOTS_PER_BIT : DOTS_PER_BIT]
    data = np.packbits(bits).tobytes()
    return str(UUID(bytes=data[:16])), data[16] == 255, paper.shape[0] == ROWS


class Life:
    """One life of the kiosk."""

    def __init__(self, path: Path, port: int, killer: Killer) -> None:
        whole = Database.open(path, KEY)
        log = path.with_name(path.name + "-wal")
        fragile: Any = FragileConnection(whole._connection, killer, log)
        db = Database(fragile, path, whole.sealing, whole.secrets)
        self.records = Records(db, settings(), office_clock(db))
        self._calls: queue.Queue[tuple[Callable[[], None], Event]] = queue.Queue()
        self._open: set[str] = set()
        self.spool = Spool(
            PrinterSettings(device=f"network:127.0.0.1:{port}", dots=DOTS),
            sending=lambda ticket: self._on_main(lambda: self.records.tickets.begin_print(ticket)),
            report=lambda *what: self._on_main(lambda: self._printed(*what)),
            status_changed=lambda _status: None,
        )

    def run(self) -> None:
        self.spool.start()
        for ticket in self.records.resume():
            self._print(ticket.id)
        for _ in range(TICKETS):
            ticket = self.records.tickets.issue("civil", None, "touch")
            say(f"issued {ticket.id} {ticket.number}")
            self._print(ticket.id)
        self.spool.stop()

    def _print(self, ticket: str) -> None:
        self._open.add(ticket)
        self.spool.print(ticket, lambda again: picture(ticket, again=again))
        while self._open:
            call, done = self._calls.get()
            call()
            done.set()

    def _on_main(self, call: Callable[[], None]) -> None:
        """The database belongs to the thread that opened it."""
        done = Event()
        self._calls.put((call, done))
        done.wait()

    def _printed(self, ticket: str, outcome: Outcome, reason: str, again: bool = False) -> None:
        self.records.tickets.record_print(ticket, outcome, reason, again=again)
        self._open.discard(ticket)


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


def die_while_sending(killer: Killer) -> None:
    """Make every send two steps, one of them in the middle of its bytes."""
    whole = socket.socket.sendall

    def sendall(self: socket.socket, data: bytes) -> None:
        self.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # or halves wait 40 ms
        whole(self, data[: len(data) // 2])
        killer.step()
        whole(self, data[len(data) // 2 :])
        killer.step()

    socket.socket.sendall = sendall  # pyright: ignore[reportAttributeAccessIssue]


def main() -> None:
    path, port = Path(sys.argv[1]), int(sys.argv[2])
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            killer = Killer()
            killer.left = int(line)
            die_while_sending(killer)
            Life(path, port, killer).run()
            os._exit(0)
        os.waitpid(child, 0)
        say("over")


if __name__ == "__main__":
    main()
