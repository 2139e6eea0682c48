"""Everything the kiosk's own process keeps, over one open database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from uuid6 import uuid7

from kiosk.config import Settings
from kiosk.store import outbox
from kiosk.store.citizens import Citizens
from kiosk.store.database import Database
from kiosk.store.tickets import Tickets
from wire import VisitEnded

Outcome = Literal["ticket", "left", "idle", "refused"]


class Records:
    """Tickets, citizens and visits of this kiosk."""

    def __init__(self, db: Database, settings: Settings, now: Callable[[], datetime]) -> None:
        self._db = db
        self._now = now
        self.tickets = Tickets(db, settings.office, settings.fields, now)
        self.citizens = Citizens(db, settings.privacy, now)

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
        with self._db.transaction():
            outbox.append(self._db, event, self._now())

    def settle_unfinished(self) -> int:
        """Record what became of tickets that a crash or power cut left open; how many.

        Bytes may have reached the printer (*uncertain*), or surely did not (*failed*): either
        way each number has its reason. Raises :class:`StoreError`.
        """
        left = self.tickets.unfinished()
        for unfinished in left:
            outcome = "uncertain" if unfinished.sending else "failed"
            self.tickets.record_print(unfinished.ticket.id, outcome, "restart")
        return len(left)
