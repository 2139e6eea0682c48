"""One ticket on its way through one connection, and what can be said about its paper."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from kiosk.config import PrinterSettings
from kiosk.printer.device import Transport
from kiosk.printer.fence import FENCE, clear, passed
from kiosk.printer.status import (
    HUNG_UP,
    PROMPT_S,
    SILENT,
    UNCONFIRMED,
    PrinterStatus,
    query,
)

Outcome = Literal["printed", "uncertain", "failed"]
INTERRUPTED = "printer_interrupted"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one ticket."""

    outcome: Outcome
    reason: str
    """A key under ``error`` of the catalogue; empty when there is nothing to say."""
    owed: bool = False
    """The paper is not whole, or the printer stopped over it: print it once more."""


@dataclass(frozen=True, slots=True)
class Courier:
    """How tickets are sent to one printer."""

    settings: PrinterSettings
    clock: Callable[[], float]
    """Seconds, never going back."""

    def deliver(
        self,
        transport: Transport,
        job: tuple[bytes, bytes],
        *,
        ready: Callable[[], PrinterStatus],
        sending: Callable[[], None],
        sent: Callable[[], None],
    ) -> Delivery:
        """Look, send the two parts of ``job``, make sure, look again.

        ``sending`` is called right before the first byte, ``sent`` right after the last.
        ``ready`` readies the connection to a printer that is well: *ok*, ``printer_unconfirmed``
        when it does not answer fences, or why it cannot be used. *printed* may carry the warning
        ``printer_near_end``.
        """
        before = query(transport, self._prompt_s)
        if before.state == "bad" or before.reason == HUNG_UP:
            return Delivery("failed", before.reason)
        if before.state != "ok":
            sending()
            return self._without(transport, job, sent, well=False)
        line = ready()
        if line.state != "ok" and line.reason != UNCONFIRMED:
            return Delivery("failed", line.reason)
        sending()
        if self.settings.fence and line.state == "ok":
            return self._with_fences(transport, job, sent)
        return self._without(transport, job, sent, well=True)

    def _with_fences(
        self, transport: Transport, job: tuple[bytes, bytes], sent: Callable[[], None]
    ) -> Delivery:
        for part, whole in zip(job, (False, True), strict=True):
            status = self._send(transport, part + FENCE)
            if status.state == "ok":
                if whole:
                    sent()
                status = passed(transport, self.clock, self.settings.timeout_s)
            if status.state != "ok":
                return self._broken_off(transport, status, owed=not whole)
        after = query(transport, self.settings.timeout_s)
        if after.state == "unknown":  # then the fence's reply may have been noise, too
            return self._broken_off(transport, after, owed=False)
        return Delivery("printed", after.reason if after.state == "ok" else "")

    def _without(
        self,
        transport: Transport,
        job: tuple[bytes, bytes],
        sent: Callable[[], None],
        *,
        well: bool,
    ) -> Delivery:
        status = self._send(transport, b"".join(job))
        if status.state == "ok":
            sent()
            status = query(transport, self.settings.timeout_s)
        if status.reason == SILENT and self.settings.silent_ok:
            return Delivery("printed", "")
        if status.state != "ok":
            return self._broken_off(transport, status, owed=False, well=well)
        if self.settings.fence:
            return Delivery("uncertain", UNCONFIRMED)
        return Delivery("printed", status.reason)

    def _send(self, transport: Transport, data: bytes) -> PrinterStatus:
        """*ok* when everything was handed over."""
        try:
            transport.write(data)
        except OSError:
            status = query(transport, self.settings.timeout_s)
            return status if status.state != "ok" else PrinterStatus("unknown", INTERRUPTED)
        return PrinterStatus("ok")

    def _broken_off(
        self, transport: Transport, status: PrinterStatus, *, owed: bool, well: bool = True
    ) -> Delivery:
        if status.state == "bad":
            # Else the rest would come out with the new roll, and look like a ticket.
            clear(transport)
        reason = INTERRUPTED if status.reason == HUNG_UP else status.reason
        return Delivery("uncertain", reason, well and (owed or status.state == "bad"))

    @property
    def _prompt_s(self) -> float:
        return min(PROMPT_S, self.settings.timeout_s)
