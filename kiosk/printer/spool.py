"""The one owner of the printer: a thread that prints tickets in turn and watches the printer.

A ticket is *queued*, then *sending* (committed by whoever listens before a byte moves), then one of

- **printed**: sent whole, and the printer was well afterwards;
- **uncertain**: something was sent, and the printer did not say that all is well;
- **failed**: nothing was sent, no paper moved.

The spool knows no database: it tells, and whoever listens writes it down.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PIL import Image

from kiosk.config import PrinterSettings
from kiosk.errors import PrinterError
from kiosk.printer.device import Transport, encode, open_transport
from kiosk.printer.status import HUNG_UP, PROMPT_S, SILENT, PrinterStatus, query

log = logging.getLogger(__name__)

Outcome = Literal["printed", "uncertain", "failed"]
INTERRUPTED = "printer_interrupted"

_POLL_S = 1.0
"""Time between two looks at an idle printer; paper out must be on the screen within 2 s."""


@dataclass(frozen=True, slots=True)
class Job:
    """A ticket to print. ``draw(again)`` makes its bitmap, marked as a reprint if ``again``."""

    ticket: str
    draw: Callable[[bool], Image.Image]
    again: bool = False


class Spool:
    """Prints in its own thread, and calls back in it. Callbacks must not block for long.

    ``sending(ticket)`` comes before the first byte, ``report(ticket, outcome, reason, again)``
    when the spool is finished with the ticket, ``status_changed(status)`` at the start and
    whenever the printer's state changes. Reasons are keys under ``error`` of the catalogue.
    """

    def __init__(
        self,
        settings: PrinterSettings,
        *,
        sending: Callable[[str], None],
        report: Callable[[str, Outcome, str, bool], None],
        status_changed: Callable[[PrinterStatus], None],
        inbox: queue.Queue[Job | None] | None = None,
    ) -> None:
        """``inbox`` is also the spool's clock: its ``get`` times out when it is time to look."""
        self._settings = settings
        self._sending = sending
        self._report = report
        self._status_changed = status_changed
        self._inbox = inbox or queue.Queue()
        self._status: PrinterStatus | None = None
        self._transport: Transport | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="printer", daemon=True)

    def start(self) -> None:
        """Look at the printer and print from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the ticket in hand, let go of the printer and wait. Others stay queued."""
        self._stopping.set()
        self._inbox.put(None)
        self._thread.join()

    def print(
        self, ticket: str, draw: Callable[[bool], Image.Image], *, again: bool = False
    ) -> None:
        """Queue ``ticket``. Returns at once.

        ``draw(again)`` is called in the printer's thread and returns the bitmap (mode ``1``,
        ``settings.dots`` wide); ``again`` marks it as a reprint.
        """
        self._inbox.put(Job(ticket, draw, again))

    def _run(self) -> None:
        self._look()
        while not self._stopping.is_set():
            try:
                job = self._inbox.get(timeout=_POLL_S)
            except queue.Empty:
                self._look()
                continue
            if job and not self._stopping.is_set():
                self._print(job)
                self._look()
        self._drop()

    def _print(self, job: Job) -> None:
        self._tell(self._sending, job.ticket)
        outcome, reason = self._attempt(job)
        if (outcome, reason) == ("failed", HUNG_UP):
            # A printer that was switched off and on: nothing was sent, so try it once again.
            outcome, reason = self._attempt(job)
        level = logging.INFO if outcome == "printed" else logging.WARNING
        log.log(level, "ticket %s: %s %s", job.ticket, outcome, reason)
        self._tell(self._report, job.ticket, outcome, reason, job.again)

    def _attempt(self, job: Job) -> tuple[Outcome, str]:
        try:
            image = job.draw(job.again)
            outcome, reason = print_once(self._connected(), image, self._settings)
        except PrinterError as error:
            return "failed", error.key
        except Exception:
            log.exception("ticket %s could not be printed", job.ticket)
            outcome, reason = "uncertain", INTERRUPTED
        if outcome == "uncertain" or reason == HUNG_UP:
            self._drop()
        return outcome, reason

    def _look(self) -> None:
        status = self._ask()
        if status.reason == HUNG_UP:
            status = self._ask()
        if status == self._status:
            return
        self._status = status
        if status.reason:
            sentences = PrinterError(status.reason).both()
            log.warning("printer %s %s: %s", status.state, status.reason, sentences)
        else:
            log.info("printer %s", status.state)
        self._tell(self._status_changed, status)

    def _ask(self) -> PrinterStatus:
        try:
            status = query(self._connected(), min(PROMPT_S, self._settings.timeout_s))
        except PrinterError as error:
            return PrinterStatus("bad", error.key)
        # No answer may mean that the other end was switched off and on: connect anew next time,
        # unless this printer is known never to answer.
        if status.state == "unknown" and not _expected(status, self._settings):
            self._drop()
        return status

    def _connected(self) -> Transport:
        if self._transport is None:
            self._transport = open_transport(self._settings)
        return self._transport

    def _drop(self) -> None:
        if self._transport is not None:
            self._transport.close()
        self._transport = None

    def _tell(self, listener: Callable[..., None], *what: object) -> None:
        try:
            listener(*what)
        except Exception:
            log.exception("a listener of the printer failed")


def print_once(
    transport: Transport, image: Image.Image, settings: PrinterSettings
) -> tuple[Outcome, str]:
    """Print one ticket: look, send, look again. Returns the outcome and its reason.

    *printed* may carry the warning ``printer_near_end``.
    """
    data = encode(image, settings)
    before = query(transport, min(PROMPT_S, settings.timeout_s))
    if before.state == "bad" or before.reason == HUNG_UP:
        return "failed", before.reason
    try:
        transport.write(data)
    except OSError:
        after = query(transport, settings.timeout_s)
        return "uncertain", after.reason if after.state == "bad" else INTERRUPTED
    after = query(transport, settings.timeout_s)
    if after.state == "ok":
        return "printed", after.reason
    if _expected(after, settings):
        return "printed", ""
    return "uncertain", after.reason


def _expected(status: PrinterStatus, settings: PrinterSettings) -> bool:
    """Whether this doubt is how the printer always is."""
    return settings.silent_ok and status.reason == SILENT
