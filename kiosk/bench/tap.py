"""A tap on the line to a printer: everything goes through, and it notes when a ticket begins."""

from __future__ import annotations

import select
import socket
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

_RASTER = b"\x1dv0"
"""GS v 0: with its first row the ticket begins; questions about the state come before it."""


class Tap:
    """Listens at ``port`` of the loopback and passes everything on to ``printer``, and back.

    One client at a time, as a printer has it.
    """

    def __init__(self, printer: int) -> None:
        self._printer = printer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._begun_at: float | None = None
        self._begun = threading.Event()
        self._stop, self._stopped = socket.socketpair()
        self._thread = threading.Thread(target=self._relay, name="tap")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.close()
        self._thread.join()
        self._listener.close()
        self._stopped.close()

    def expect(self) -> None:
        """Look out for the next ticket."""
        self._begun.clear()

    def begun_at(self) -> float:
        """When its first byte came by (``time.perf_counter``). Raises :class:`TimeoutError`."""
        if not self._begun.wait(timeout=10) or self._begun_at is None:
            raise TimeoutError("no ticket came to the printer")
        return self._begun_at

    def _relay(self) -> None:
        while self._stopped not in select.select([self._listener, self._stopped], [], [])[0]:
            client, _ = self._listener.accept()
            printer = socket.create_connection(("127.0.0.1", self._printer))
            with client, printer, suppress(ConnectionError):
                self._pass_on(client, printer)

    def _pass_on(self, client: socket.socket, printer: socket.socket) -> None:
        """Until one of them hangs up, or we are to stop."""
        other = {client: printer, printer: client}
        while True:
            ready, _, _ = select.select([*other, self._stopped], [], [])
            now = time.perf_counter()
            if self._stopped in ready:
                return
            for end in ready:
                data = end.recv(65536)
                if not data:
                    return
                self._note(data, now)
                other[end].sendall(data)

    def _note(self, data: bytes, now: float) -> None:
        if _RASTER in data and not self._begun.is_set():
            self._begun_at = now
            self._begun.set()
