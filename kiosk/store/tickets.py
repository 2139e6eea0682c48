"""Tickets: committed before any paper moves, and what became of the paper."""

from __future__ import annotations

import math
import secrets
from base64 import b32encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from uuid6 import uuid7

from kiosk.clock import Reading
from kiosk.config import FieldOfBusiness, Office, PriorityClass
from kiosk.errors import StoreError
from kiosk.locale import Language
from kiosk.store import outbox
from kiosk.store.database import Database, Value, stamp
from kiosk.store.fields import waiting
from kiosk.store.numbers import Series, current_series, handed_out, next_sequence
from kiosk.store.sqlcipher import Row
from wire import MatchClass, TicketIssued, TicketPrinted

Way = Literal["hand", "fingers", "touch", "keypad"]
PrintOutcome = Literal["printed", "uncertain", "failed"]
Availability = Literal["open", "full"]


@dataclass(frozen=True, slots=True)
class IssuedTicket:
    """A number that exists in the database."""

    id: str
    """UUIDv7."""
    number: str
    """As printed: prefix, the priority class's mark, at least three digits, ``C003``."""
    sequence: int
    field: str
    priority: str
    """Id of the priority class, empty for everybody else."""
    day: date
    """The office's date, as far as the kiosk knows it."""
    reference: str
    """Unguessable, 16 characters of base32."""
    language: Language
    """The citizen's."""
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
    again: bool
    """It was not the first paper for this number."""
    age: timedelta | None
    """None: unknown, the clock was set in the meantime or has still to be."""


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
        clock: Callable[[], Reading],
        *,
        priorities: Iterable[PriorityClass] = (),
        reference: Callable[[], str] = new_reference,
    ) -> None:
        self._db = db
        self._office = office
        self._zone = ZoneInfo(office.timezone)
        self._hours = office.opening()
        self._fields = {field.id: field for field in fields}
        self._marks = {"": ""} | {one.id: one.mark for one in priorities}
        self._clock = clock
        self._reference = reference
        self._handed_over: set[str] = set()

    def issue(
        self,
        field_id: str,
        citizen_id: str | None,
        way: Way,
        *,
        language: Language = "vi",
        priority: str = "",
        match: MatchClass = "",
    ) -> IssuedTicket:
        """Commit the next number of ``field_id`` together with its event.

        A citizen who was forgotten in the meantime still gets a number, an anonymous one.
        Raises :class:`KeyError` for a field or priority class that is not configured, and
        :class:`StoreError`: ``office_closed``, ``field_full``, or it cannot be committed. Then
        no number was used up.
        """
        field, mark, now = self._fields[field_id], self._marks[priority], self._clock()
        with self._db.transaction():
            if not self._open(now):
                raise StoreError("office_closed")
            series = current_series(self._db, now, self._zone)
            if self._is_full(field, now, series):
                raise StoreError("field_full", field=field_id)
            letters = f"{field.prefix}{mark}"
            sequence = next_sequence(self._db, series, field_id, priority, letters, self._office)
            # Whom the office serves first waits for fewer people than are waiting.
            queue = None if priority else self._queue(field, now, series)
            ticket = IssuedTicket(
                id=str(uuid7()),
                number=f"{letters}{sequence:03d}",
                sequence=sequence,
                field=field_id,
                priority=priority,
                day=series.day,
                reference=self._reference(),
                language=language,
                issued_at=now.moment,
                ahead=queue.ahead if queue else None,
                wait_min=queue.wait_min if queue else None,
            )
            self._keep(ticket, self._still_known(citizen_id), match, way, now, series)
        return ticket

    def queue(self, field_id: str) -> Queue | None:
        """Who a newcomer to ``field_id`` would wait for; None when nobody can know.

        Known is what central said in the last ten minutes, and this kiosk's tickets it had not
        heard of then.
        """
        now = self._clock()
        return self._queue(self._fields[field_id], now, current_series(self._db, now, self._zone))

    def availability(self, field_id: str) -> Availability:
        """Whether ``field_id`` has numbers left today. A clock that may be wrong limits nobody:
        it may still count what was handed out yesterday."""
        now = self._clock()
        series = current_series(self._db, now, self._zone)
        return "full" if self._is_full(self._fields[field_id], now, series) else "open"

    def is_open(self) -> bool:
        """Whether the office serves people now. A clock that may be wrong turns nobody away."""
        return self._open(self._clock())

    def next_opening(self) -> datetime | None:
        """When the office opens next, in its own time zone; None when nobody can know."""
        now = self._clock()
        return self._hours.next_opening(now.moment) if now.certain else None

    def begin_print(self, ticket_id: str) -> None:
        """Note that bytes are about to go to the printer.

        After a crash this tells a ticket that surely never printed from one that may have, and
        keeps a reprint from being done twice.
        """
        now = self._clock()
        with self._db.transaction():
            self._db.execute(
                "UPDATE ticket SET printing = 'sending',"
                " reprints = reprints + (printing NOT IN ('queued', 'sending')) WHERE id = ?",
                (ticket_id,),
            )
            self._settle_reprints(ticket_id, now)

    def record_print(
        self, ticket_id: str, outcome: PrintOutcome, reason: str = "", *, again: bool = False
    ) -> None:
        """Commit what became of a ticket's paper together with its event.

        ``again``: the paper is marked as a reprint. The last word on a ticket counts.
        """
        event = TicketPrinted(ticket=UUID(ticket_id), outcome=outcome, reason=reason, again=again)
        now = self._clock()
        with self._db.transaction():
            changed = self._db.execute(
                "UPDATE ticket SET printing = ?, print_reason = ? WHERE id = ?",
                (outcome, reason, ticket_id),
            )
            if not changed:
                raise LookupError(f"no ticket {ticket_id}")
            if again:
                self._settle_reprints(ticket_id, now)
            outbox.append(self._db, event, now.moment)

    def unfinished(self) -> list[UnfinishedTicket]:
        """Tickets committed but not known to be printed or failed, oldest first."""
        now = self._clock()
        rows = self._db.rows(
            "SELECT * FROM ticket WHERE printing IN ('queued', 'sending') ORDER BY seq"
        )
        return [
            UnfinishedTicket(
                _ticket(row), row["printing"] == "sending", row["reprints"] > 0, _age(row, now)
            )
            for row in rows
        ]

    def ask_reprint(self, number_or_id: str, request_id: str | None = None) -> IssuedTicket:
        """Ask for another paper of a ticket: its id, or a number (the newest that has it).

        Asking twice with one ``request_id`` asks once. Raises :class:`StoreError`:
        ``ticket_unknown``, or it cannot be committed.
        """
        now = self._clock()
        with self._db.transaction():
            row = self._db.row(
                "SELECT * FROM ticket WHERE id = :it OR number = :it ORDER BY seq DESC LIMIT 1",
                {"it": number_or_id},
            )
            if row is None:
                raise StoreError("ticket_unknown", number=number_or_id)
            self._db.execute(
                "INSERT OR IGNORE INTO reprint (id, ticket, asked_at) VALUES (?, ?, ?)",
                (request_id or str(uuid7()), row["id"], stamp(now.moment)),
            )
        return _ticket(row)

    def reprints_due(self) -> list[IssuedTicket]:
        """Tickets to be printed again, oldest request first; each request comes up once.

        It is done with when :meth:`begin_print` or a reprint's :meth:`record_print` says so;
        what a crash left is due again. A ticket whose first paper is still moving waits for it.
        """
        rows = self._db.rows(
            "SELECT reprint.id AS request, ticket.* FROM reprint"
            " JOIN ticket ON ticket.id = reprint.ticket"
            " WHERE begun_at IS NULL AND printing NOT IN ('queued', 'sending') ORDER BY asked_at"
        )
        due = {row["id"]: _ticket(row) for row in rows if row["request"] not in self._handed_over}
        self._handed_over = {row["request"] for row in rows}
        return list(due.values())

    def _open(self, now: Reading) -> bool:
        return not now.certain or self._hours.is_open(now.moment)

    def _is_full(self, field: FieldOfBusiness, now: Reading, series: Series) -> bool:
        share = field.share(self._office)
        if share is None or not now.certain:
            return False
        return handed_out(self._db, series, field.id) >= share

    def _queue(self, field: FieldOfBusiness, now: Reading, series: Series) -> Queue | None:
        known = waiting(self._db, field.id, now.moment)
        if known is None:
            return None
        # Central had not heard of these of ours when it counted.
        own = handed_out(self._db, series, field.id, after=known.last_seq)
        ahead = known.people + own
        return Queue(ahead, math.ceil(ahead * (known.minutes_each or field.minutes_each)))

    def _settle_reprints(self, ticket_id: str, now: Reading) -> None:
        self._db.execute(
            "UPDATE reprint SET begun_at = ? WHERE ticket = ? AND begun_at IS NULL",
            (stamp(now.moment), ticket_id),
        )

    def _still_known(self, citizen_id: str | None) -> str | None:
        row = self._db.row("SELECT id FROM citizen WHERE id = ?", (citizen_id,))
        return row["id"] if row else None

    def _keep(
        self,
        ticket: IssuedTicket,
        citizen_id: str | None,
        match: MatchClass,
        way: Way,
        now: Reading,
        series: Series,
    ) -> None:
        event = TicketIssued(
            ticket=UUID(ticket.id),
            number=ticket.number,
            reference=ticket.reference,
            sequence=ticket.sequence,
            field=ticket.field,
            day=ticket.day,
            priority=ticket.priority,
            citizen=UUID(citizen_id) if citizen_id else None,
            match=match if citizen_id else "",
            way=way,
        )
        row: dict[str, Value] = {
            "id": ticket.id,
            "field": ticket.field,
            "priority": ticket.priority,
            "series": series.index,
            "day": ticket.day.isoformat(),
            "sequence": ticket.sequence,
            "number": ticket.number,
            "reference": ticket.reference,
            "citizen": citizen_id,
            "way": way,
            "language": ticket.language,
            "ahead": ticket.ahead,
            "wait_min": ticket.wait_min,
            "issued_at": stamp(ticket.issued_at),
            "certain": int(now.certain),
            "boot": now.boot,
            "seq": outbox.append(self._db, event, ticket.issued_at),
        }
        columns, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
        self._db.execute(f"INSERT INTO ticket ({columns}) VALUES ({marks})", row)  # noqa: S608 -- names of our own


def _ticket(row: Row) -> IssuedTicket:
    return IssuedTicket(
        id=row["id"],
        number=row["number"],
        sequence=row["sequence"],
        field=row["field"],
        priority=row["priority"],
        day=date.fromisoformat(row["day"]),
        reference=row["reference"],
        language=row["language"],
        issued_at=datetime.fromisoformat(row["issued_at"]),
        ahead=row["ahead"],
        wait_min=row["wait_min"],
    )


def _age(row: Row, now: Reading) -> timedelta | None:
    comparable = row["boot"] == now.boot if not now.certain else bool(row["certain"])
    return now.moment - datetime.fromisoformat(row["issued_at"]) if comparable else None
