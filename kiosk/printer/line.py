"""The one connection to the printer: opened when it is needed, readied once, dropped in doubt."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.config import PrinterSettings
from kiosk.errors import PrinterError
from kiosk.printer import fence
from kiosk.printer.delivery import Delivery
from kiosk.printer.device import Transport, start_over
from kiosk.printer.status import (
    GARBLED,
    HUNG_UP,
    PROMPT_S,
    SILENT,
    UNCONFIRMED,
    PrinterStatus,
    query,
)

_MOST_HELD = 4
"""Tickets in a printer's buffer: 256 kB."""


class Line:
    """Knows what earlier connections may have left in the printer."""

    def __init__(
        self,
        settings: PrinterSettings,
        clock: Callable[[], float],
        connect: Callable[[PrinterSettings], Transport],
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._connect = connect
        self._transport: Transport | None = None
        self._ready: PrinterStatus | None = None
        """What the present connection is good for, once it is known."""
        self._remains = False
        """The printer may hold a part of a ticket that is printed again."""
        self._in_doubt = 0
        """Tickets, or parts of one, sent between fences that may still be answered."""

    def transport(self) -> Transport:
        """The connection. Raises :class:`PrinterError` when there can be none."""
        if self._transport is None:
            self._transport = self._connect(self._settings)
        return self._transport

    def drop(self) -> None:
        """Let go of it; the next one may find everything different."""
        if self._transport is not None:
            self._transport.close()
        self._transport = None
        self._ready = None

    def ask(self) -> PrinterStatus:
        """How the printer is. Never raises."""
        try:
            status = query(self.transport(), min(PROMPT_S, self._settings.timeout_s))
        except PrinterError as error:
            return PrinterStatus("bad", error.key)
        if status.reason == GARBLED:
            self._in_doubt = max(1, self._in_doubt)
        # No answer may mean that the other end was switched off and on: connect anew next time,
        # unless this printer is known never to answer.
        expected = self._settings.silent_ok and status.reason == SILENT
        if status.state == "unknown" and not expected:
            self.drop()
        return status

    def ready(self) -> PrinterStatus:
        """Ready the connection to a printer that is well.

        *ok*, or ``printer_unconfirmed``: it can be used, and does not answer fences; otherwise why
        it cannot be used after all. Raises :class:`PrinterError` when there is none.
        """
        if self._ready:
            return self._ready
        if self._remains:
            fence.clear(self.transport())
        status = self._settle()
        if self._remains and _usable(status):
            # Only now: between two fences whose replies cannot be told apart nothing is printed.
            status = self._start_over()
        self._ready = status if _usable(status) else None
        return status

    def delivered(self, done: Delivery) -> None:
        """Learn from what became of a ticket."""
        self._remains |= done.owed
        self._in_doubt += done.outcome == "uncertain"
        if done.outcome == "uncertain" or done.reason == HUNG_UP:
            self.drop()

    def _start_over(self) -> PrinterStatus:
        try:
            self.transport().write(start_over(self._settings))
        except OSError:
            return PrinterStatus("unknown", HUNG_UP)
        self._remains = False
        return self._settle()

    def _settle(self) -> PrinterStatus:
        if not self._settings.fence:
            return PrinterStatus("ok")
        transport = self.transport()
        quiet_s = 0.0
        if transport.remembers:
            held = min(self._in_doubt, _MOST_HELD)
            quiet_s = max(fence.QUIET_S, fence.LONG_QUIET_S * held)
        status = fence.settle(transport, self._clock, self._settings.timeout_s, quiet_s)
        if status.state == "ok":
            self._in_doubt = 0
        elif status.reason == UNCONFIRMED:
            self._in_doubt = max(1, self._in_doubt)
        return status


def _usable(status: PrinterStatus) -> bool:
    return status.state == "ok" or status.reason == UNCONFIRMED
