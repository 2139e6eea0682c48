"""The one owner of the printer: a thread that prints tickets in turn and watches the printer.

A ticket is *queued*, then *sending* (committed by whoever listens before a byte moves), then one of

- **printed**: the printer said that it carried out everything it was sent;
- **uncertain**: something was sent, and the printer did not say so;
- **failed**: nothing was sent, no paper moved.

A ticket over which a printer that was well broke down stays *owed*: when the printer is well again
in time, it is printed once more, whole and marked as a reprint, and reported a second time.

The spool knows no database: it tells, and whoever listens writes it down.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from PIL import Image

from kiosk.config import PrinterSettings
from kiosk.errors import PrinterError
from kiosk.printer.delivery import INTERRUPTED, Courier, Delivery, Outcome
from kiosk.printer.device import Transport, encode_in_parts, open_transport
from kiosk.printer.line import Line
from kiosk.printer.status import HUNG_UP, PrinterStatus

__all__ = ["Job", "Outcome", "Spool"]

log = logging.getLogger(__name__)

NOT_DRAWN = "ticket_not_drawn"
NOT_COMMITTED = "ticket_not_committed"

_POLL_S = 1.0
"""Time between two looks at an idle printer; paper out must be on the screen within 2 s."""


@dataclass(frozen=True, slots=True)
class Job:
    """A ticket to print. ``draw(again)`` makes its bitmap, marked as a reprint if ``again``."""

    ticket: str
    draw: Callable[[bool], Image.Image]
    again: bool = False


@dataclass(frozen=True, slots=True)
class _Debt:
    """A job to be done once more, until ``until`` by the spool's clock."""

    job: Job
    until: float


class _NotCommittedError(Exception):
    """Nobody could write down that bytes are about to go out: none may."""


class Spool:
    """Prints in its own thread, and calls back in it. Callbacks must not block for long.

    ``sending(ticket)`` comes before the first byte, which is not sent when it raises: after a crash
    nobody would know that a paper may be out; ``sent(ticket)`` when all of it was handed over and
    the printer's word is awaited. ``report(ticket, outcome, reason, again)`` comes when the spool
    is finished with the ticket, ``status_changed(status)`` at the start and whenever the printer's
    state changes. Reasons are keys under ``error`` of the catalogue. A ticket that is owed is
    reported twice: *uncertain* at once, and with ``again`` when it was printed once more.
    """

    def __init__(
        self,
        settings: PrinterSettings,
        *,
        sending: Callable[[str], None],
        report: Callable[[str, Outcome, str, bool], None],
        status_changed: Callable[[PrinterStatus], None],
        sent: Callable[[str], None] = lambda _: None,
        inbox: queue.Queue[Job | None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        connect: Callable[[PrinterSettings], Transport] = open_transport,
    ) -> None:
        """``inbox`` is also the spool's clock: its ``get`` times out when it is time to look.

        ``clock`` measures how long the printer has been waited for, seconds.
        """
        self._settings = settings
        self._sending = sending
        self._report = report
        self._status_changed = status_changed
        self._sent = sent
        self._inbox = inbox or queue.Queue()
        self._clock = clock
        self._line = Line(settings, clock, connect)
        self._courier = Courier(settings, clock)
        self._status: PrinterStatus | None = None
        self._debts: deque[_Debt] = deque()
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
                self._finish(job, self._attempt(job), self._settings.reprint_within_s)
                self._look()
        self._line.drop()

    # ── tickets ───────────────────────────────────────────────────────────────────────────────

    def _attempt(self, job: Job) -> Delivery:
        done = self._try(job)
        if (done.outcome, done.reason) == ("failed", HUNG_UP):
            # A printer that was switched off and on: nothing was sent, so try it once again.
            done = self._try(job)
        return done

    def _finish(self, job: Job, done: Delivery, owed_s: float) -> None:
        if done.owed and owed_s > 0:
            self._debts.append(_Debt(replace(job, again=True), self._clock() + owed_s))
        level = logging.INFO if done.outcome == "printed" else logging.WARNING
        log.log(level, "ticket %s: %s %s", job.ticket, done.outcome, done.reason)
        self._tell(self._report, job.ticket, done.outcome, done.reason, job.again)

    def _try(self, job: Job) -> Delivery:
        try:
            parts = encode_in_parts(job.draw(job.again), self._settings)
        except Exception:
            log.exception("ticket %s could not be drawn", job.ticket)
            return Delivery("failed", NOT_DRAWN)
        try:
            done = self._courier.deliver(
                self._line.transport(),
                parts,
                ready=self._line.ready,
                sending=lambda: self._commit(job.ticket),
                sent=lambda: self._tell(self._sent, job.ticket),
            )
        except PrinterError as error:
            return Delivery("failed", error.key)
        except _NotCommittedError:
            return Delivery("failed", NOT_COMMITTED)
        except Exception:
            log.exception("ticket %s could not be printed", job.ticket)
            done = Delivery("uncertain", INTERRUPTED)
        self._line.delivered(done)
        return done

    def _commit(self, ticket: str) -> None:
        try:
            self._sending(ticket)
        except Exception as error:
            log.exception("ticket %s: nobody wrote down that it is printed", ticket)
            raise _NotCommittedError from error

    def _pay_debts(self) -> None:
        """The printer is well: print what is owed, until it breaks down again."""
        while self._debts and not self._stopping.is_set():
            debt = self._debts.popleft()
            left_s = debt.until - self._clock()
            if left_s <= 0:
                log.warning("ticket %s: too late to print it again", debt.job.ticket)
                continue
            done = self._attempt(debt.job)
            if done.outcome == "failed" and done.reason not in (NOT_DRAWN, NOT_COMMITTED):
                self._debts.appendleft(debt)  # no paper moved: still owed
                return
            self._finish(debt.job, done, left_s)
            if done.outcome != "printed":
                return

    # ── the printer ───────────────────────────────────────────────────────────────────────────

    def _look(self) -> None:
        status = self._line.ask()
        if status.reason == HUNG_UP:
            status = self._line.ask()
        if status.state == "ok":
            self._line.ready()
        if status != self._status:
            self._status = status
            self._log(status)
            self._tell(self._status_changed, status)
        if status.state == "ok" and self._debts:
            self._pay_debts()

    def _log(self, status: PrinterStatus) -> None:
        if status.reason:
            sentences = PrinterError(status.reason).both()
            log.warning("printer %s %s: %s", status.state, status.reason, sentences)
        else:
            log.info("printer %s", status.state)

    def _tell(self, listener: Callable[..., None], *what: object) -> None:
        try:
            listener(*what)
        except Exception:
            log.exception("a listener of the printer failed")
