"""Everything the kiosk's own process keeps, over one open database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

from uuid6 import uuid7

from kiosk.clock import Reading
from kiosk.config import Settings
from kiosk.store import backup, outbox
from kiosk.store.citizens import Citizens
from kiosk.store.database import Database
from kiosk.store.office import office_revision
from kiosk.store.tickets import IssuedTicket, Tickets, UnfinishedTicket
from wire import PrinterChanged, VisitEnded

Outcome = Literal["ticket", "left", "idle", "refused"]
PrinterStateName = Literal["ok", "bad", "unknown"]


class Records:
    """Tickets, citizens and visits of this kiosk."""

    def __init__(self, db: Database, settings: Settings, clock: Callable[[], Reading]) -> None:
        self._db = db
        self._clock = clock
        self._resume_within = timedelta(seconds=settings.printer.resume_within_s)
        self.tickets = Tickets(
            db, settings.office, settings.fields, clock, priorities=settings.priorities
        )
        self.citizens = Citizens(db, settings.privacy, clock)
        self._office = office_revision(db)

    def office_changed(self) -> bool:
        """Whether central has changed the office's settings since. Raises :class:`StoreError`."""
        return office_revision(self._db) != self._office

    def tidy_up(self) -> bool:
        """Erase a little of what is too old, bring a few templates under a new office secret;
        ``True``: there may be more. Raises :class:`StoreError`."""
        backup.drop_outdated(self._db.path, self.now())
        return bool(self.citizens.expire() or self.citizens.reissue())

    def visit_ended(
        self, outcome: Outcome, approach_to_ticket_s: float | None, *, recognised: bool
    ) -> None:
        """Count a visit, without a name. Raises :class:`StoreError`."""
        event = VisitEnded(
            visit=uuid7(),
            outcome=outcome,
            recognised=recognised,
            approach_to_ticket_s=approach_to_ticket_s,
        )
        now = self._clock()
        with self._db.transaction():
            outbox.append(self._db, event, now.moment)

    def printer_changed(self, state: PrinterStateName, reason: str) -> None:
        """Tell central about the printer. Raises :class:`StoreError`."""
        event = PrinterChanged(state=state, reason=reason)
        now = self._clock()
        with self._db.transaction():
            outbox.append(self._db, event, now.moment)

    def now(self) -> datetime:
        """The office's time, UTC, as far as it is known: never later than the true time."""
        return self._clock().moment

    def resume(self) -> list[IssuedTicket]:
        """What a crash or power cut left to be printed now, oldest first.

        Of the others it is recorded what became of them, so that each number has its reason:
        *uncertain* when bytes may have reached the printer, *failed* when the citizen has long
        been sent to the staff. Raises :class:`StoreError`.
        """
        wanted: list[IssuedTicket] = []
        for left in self.tickets.unfinished():
            if self._still_wanted(left):
                wanted.append(left.ticket)
            else:
                outcome = "uncertain" if left.sending else "failed"
                self.tickets.record_print(left.ticket.id, outcome, "restart", again=left.again)
        return wanted

    def _still_wanted(self, left: UnfinishedTicket) -> bool:
        return not left.sending and left.age is not None and left.age <= self._resume_within
