"""Ticket numbers: committed before any paper moves, never given twice, never skipped."""

from __future__ import annotations

import math
import secrets
from base64 import b32encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from uuid6 import uuid7

from kiosk.config import FieldOfBusiness, Office
from kiosk.store import outbox
from kiosk.store.database import Database, stamp
from kiosk.store.fields import Waiting, waiting
from kiosk.store.sqlcipher import Row
from wire import TicketIssued, TicketPrinted

Way = Literal["hand", "fingers", "touch", "keypad"]
PrintOutcome = Literal["printed", "uncertain", "failed"]


@dataclass(frozen=True, slots=True)
class IssuedTicket:
    """A number that exists in the database."""

    id: str
    """UUIDv7."""
    number: str
    """As printed: prefix and at least three digits, ``C003``."""
    sequence: int
    field: str
    day: date
    """The office's day the number belongs to."""
    reference: str
    """Unguessable, 16 characters of base32."""
    issued_at: datetime
    ahead: int | None = None
    """People before this one, None when unknown."""
    wait_min: int | None = None
    """Estimated wait, minutes, None when unknown."""


@dataclass(frozen=True, slots=True)
class Queue:
    """Who a newcomer would have to wait for."""

    ahead: int
    """People."""
    wait_min: int
    """Estimated wait, minutes."""


@dataclass(frozen=True, slots=True)
class UnfinishedTicket:
    """A ticket whose paper a crash left open."""

    ticket: IssuedTicket
    sending: bool
    """True: bytes may have reached the printer. False: none did."""


def new_reference() -> str:
    """80 random bits that fit a QR code's alphanumeric mode."""
    return b32encode(secrets.token_bytes(10)).decode()


class Tickets:
    """The tickets this kiosk hands out."""

    def __init__(
        self,
        db: Database,
        office: Office,
        fields: Iterable[FieldOfBusiness],
        now: Callable[[], datetime],
        reference: Callable[[], str] = new_reference,
    ) -> None:
        self._db = db
        self._office = office
        self._zone = ZoneInfo(office.timezone)
        self._fields = {field.id: field for field in fields}
        self._now = now
        self._reference = reference

    def issue(self, field_id: str, citizen_id: str | None, way: Way) -> IssuedTicket:
        """Commit the next number of ``field_id`` together with its event.

        A citizen who was forgotten in the meantime still gets a number, an anonymous one.
        Raises :class:`KeyError` for a field that is not configured and :class:`StoreError`
        when it cannot be committed; then no number was used up.
        """
        field, issued_at = self._fields[field_id], self._now()
        day = self._day(issued_at)
        with self._db.transaction():
            sequence = self._next_sequence(field_id, day)
            queue = self.queue(field_id)
            ticket = IssuedTicket(
                id=str(uuid7()),
                number=f"{field.prefix}{sequence:03d}",
                sequence=sequence,
                field=field_id,
                day=day,
                reference=self._reference(),
                issued_at=issued_at,
                ahead=queue.ahead if queue else None,
                wait_min=queue.wait_min if queue else None,
            )
            self._keep(ticket, self._still_known(citizen_id), way)
        return ticket

    def queue(self, field_id: str) -> Queue | None:
        """Who a newcomer to ``field_id`` would wait for; None when nobody can know.

        Known is what central said in the last ten minutes, and this kiosk's tickets it had not
        heard of then.
        """
        now, field = self._now(), self._fields[field_id]
        known = waiting(self._db, field_id, now)
        if known is None:
            return None
        ahead = known.people + self._not_counted(field_id, self._day(now), known)
        return Queue(ahead, math.ceil(ahead * (known.minutes_each or field.minutes_each)))

    def begin_print(self, ticket_id: str) -> None:
        """Note that bytes are about to go to the printer.

        After a crash this tells a ticket that surely never printed from one that may have.
        """
        self._db.execute("UPDATE ticket SET printing = 'sending' WHERE id = ?", (ticket_id,))

    def record_print(self, ticket_id: str, outcome: PrintOutcome, reason: str = "") -> None:
        """Commit what became of a ticket's paper together with its event."""
        event = TicketPrinted(ticket=UUID(ticket_id), outcome=outcome, reason=reason)
        with self._db.transaction():
            changed = self._db.execute(
                "UPDATE ticket SET printing = ?, print_reason = ? WHERE id = ?",
                (outcome, reason, ticket_id),
            )
            if not changed:
                raise LookupError(f"no ticket {ticket_id}")
            outbox.append(self._db, event, self._now())

    def unfinished(self) -> list[UnfinishedTicket]:
        """Tickets committed but not known to be printed or failed, oldest first."""
        rows = self._db.rows(
            "SELECT * FROM ticket WHERE printing IN ('queued', 'sending') ORDER BY seq"
        )
        return [UnfinishedTicket(_ticket(row), row["printing"] == "sending") for row in rows]

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self._zone).date()

    def _next_sequence(self, field_id: str, day: date) -> int:
        """The first number after the last one that belongs to this kiosk's lane.

        Lane ``l`` of ``n`` owns l+1, l+1+n, l+1+2n, … Derived from the tickets themselves under
        the write lock: there is no counter that could disagree with them.
        """
        last = self._db.rows(
            "SELECT coalesce(max(sequence), 0) FROM ticket WHERE field = ? AND day = ?",
            (field_id, day.isoformat()),
        )[0][0]
        first, lanes = self._office.lane + 1, self._office.lanes
        return first + max(0, math.ceil((last + 1 - first) / lanes)) * lanes

    def _not_counted(self, field_id: str, day: date, known: Waiting) -> int:
        """Own tickets of today that central had not heard of when it counted."""
        return self._db.rows(
            "SELECT count(*) FROM ticket WHERE field = ? AND day = ? AND seq > ?",
            (field_id, day.isoformat(), known.last_seq),
        )[0][0]

    def _still_known(self, citizen_id: str | None) -> str | None:
        row = self._db.row("SELECT id FROM citizen WHERE id = ?", (citizen_id,))
        return row["id"] if row else None

    def _keep(self, ticket: IssuedTicket, citizen_id: str | None, way: Way) -> None:
        event = TicketIssued(
            ticket=UUID(ticket.id),
            number=ticket.number,
            reference=ticket.reference,
            sequence=ticket.sequence,
            field=ticket.field,
            day=ticket.day,
            citizen=UUID(citizen_id) if citizen_id else None,
            way=way,
        )
        seq = outbox.append(self._db, event, ticket.issued_at)
        self._db.execute(
            "INSERT INTO ticket"
            " (id, field, day, sequence, number, reference, citizen, way, issued_at, seq)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                ticket.id,
                ticket.field,
                ticket.day.isoformat(),
                ticket.sequence,
                ticket.number,
                ticket.reference,
                citizen_id,
                way,
                stamp(ticket.issued_at),
                seq,
            ),
        )


def _ticket(row: Row) -> IssuedTicket:
    return IssuedTicket(
        id=row["id"],
        number=row["number"],
        sequence=row["sequence"],
        field=row["field"],
        day=date.fromisoformat(row["day"]),
        reference=row["reference"],
        issued_at=datetime.fromisoformat(row["issued_at"]),
    )
