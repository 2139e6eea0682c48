"""The queue as it stands, read in one view: for displays, counters, phones and kiosks."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, func, select, union_all
from sqlalchemy.orm import Session

from central.db.models import Office, Ticket, TicketState
from central.db.queue import Announcement, Call, Counter, CounterSession, OfficeQueue
from central.services.estimate import (
    InLine,
    OpenCounter,
    Outlook,
    Pace,
    Spell,
    outlook,
    pace_of,
)
from central.services.hours import Hours
from central.services.offices import settings_from, settings_of
from wire import FieldStatus

_SPELLS = 30
"""Latest calls of a field that say how long one takes."""
_NOT_OLDER = timedelta(days=14)
_LEAST_MINUTES = 0.1
AT_COUNTER = (TicketState.CALLED, TicketState.SERVING)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A ticket that waits, in its place."""

    id: UUID
    number: str
    field: str
    priority: str
    counter_id: int | None
    queued_at: datetime
    is_known: bool
    """Of a citizen who asked to be remembered."""


@dataclass(frozen=True, slots=True)
class AtCounter:
    """An open counter and the ticket there, if any."""

    counter_id: int
    label: str
    fields: tuple[str, ...]
    ticket: UUID | None
    number: str
    field: str
    state: str
    """``called`` or ``serving``; empty: nobody is there."""
    since: datetime | None
    """Called then."""


@dataclass(frozen=True, slots=True)
class Announced:
    """Said and shown in the hall."""

    position: int
    ticket: UUID
    number: str
    counter: str
    """The counter's label; empty: the office's own software called."""
    again: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Board:
    """An office's queue at one moment."""

    office_id: int
    as_of: datetime
    position: int
    """Of its newest announcement."""
    announced: tuple[Announced, ...]
    """The latest, newest first, each ticket once."""
    waiting: tuple[Waiting, ...]
    """Whoever is next first."""
    counters: tuple[AtCounter, ...]
    outlook: Outlook
    day: date
    hours: Hours
    is_closed: bool
    """Nobody of the office is let in any more."""

    def waiting_by_field(self) -> Mapping[str, int]:
        """How many wait, by field; nothing for none."""
        return Tally(one.field for one in self.waiting)

    def holds(self, ticket: UUID) -> bool:
        """Whether it waits or is at a counter."""
        return any(one.id == ticket for one in self.waiting) or any(
            counter.ticket == ticket for counter in self.counters
        )

    def ahead(self, ticket: UUID) -> int | None:
        """How many will be called before ``ticket`` by the counters it waits for; None when it
        does not wait."""
        mine = next((one for one in self.waiting if one.id == ticket), None)
        if mine is None:
            return None
        before = self.waiting[: self.waiting.index(mine)]
        if mine.counter_id is not None:
            return sum(self._may_call(mine.counter_id, one) for one in before)
        return sum(one.field == mine.field for one in before)

    def wait_of(self, ticket: UUID) -> timedelta | None:
        """How long until ``ticket`` is called, as expected."""
        at = self.outlook.calls.get(ticket)
        return at - self.as_of if at else None

    def minutes_each(self) -> dict[str, float]:
        """By how many minutes each of those who wait lengthens a newcomer's wait, by field:
        what kiosks, which know of tickets that are not here yet, reckon with."""
        each: dict[str, float] = {}
        for of, count in self.waiting_by_field().items():
            wait = self.wait_for(of)
            if wait is not None:
                each[of] = max(wait / timedelta(minutes=1) / count, _LEAST_MINUTES)
        return each

    def wait_for(self, field: str) -> timedelta | None:
        """How long somebody waits who takes a number of ``field`` now, as expected."""
        at = self.outlook.newcomers.get(field)
        return at - self.as_of if at else None

    def _may_call(self, counter_id: int, one: Waiting) -> bool:
        if one.counter_id is not None:
            return one.counter_id == counter_id
        return any(
            one.field in counter.fields
            for counter in self.counters
            if counter.counter_id == counter_id
        )


def read_board(
    session: Session, office_id: int, zone: ZoneInfo, pace: Pace, now: datetime, announced: int = 8
) -> Board:
    """The office's queue today. ``announced``: how many of the latest announcements."""
    day = now.astimezone(zone).date()
    here = {"office": office_id, "day": day}
    waiting = _waiting(session, here)
    counters = _counters(session, here)
    settings, closed_at, position = session.execute(_OFFICE, here).one()
    hours = Hours(settings_from(settings), zone)
    ahead = _outlook(now, waiting, counters, pace, hours)
    latest = _announced(session, office_id, _midnight(day, zone), announced)
    told, closed = (latest, waiting, counters, ahead), closed_at is not None
    return Board(office_id, now, position or 0, *told, day, hours, closed)


def read_line(session: Session, board: Board, pace: Pace, now: datetime) -> Board:
    """The board with whoever waits now, and the rest as it was: enough when somebody joined the
    line and nothing else happened."""
    waiting = _waiting(session, {"office": board.office_id, "day": board.day})
    ahead = _outlook(now, waiting, board.counters, pace, board.hours)
    return replace(board, as_of=now, waiting=waiting, outlook=ahead)


def announcements_after(session: Session, office_id: int, position: int) -> list[Announced]:
    """What was announced after ``position``, oldest first."""
    rows = session.scalars(
        select(Announcement)
        .where(Announcement.office_id == office_id, Announcement.position > position)
        .order_by(Announcement.position)
    )
    return [announced_of(row) for row in rows]


def announced_of(row: Announcement) -> Announced:
    """The row, free of its transaction."""
    return Announced(row.position, row.ticket, row.number, row.counter, row.again, row.at)


def read_pace(session: Session, office_id: int, now: datetime) -> Pace:
    """How long calls take at the office of late. Changes slowly: keep it for a minute."""
    settings = settings_of(session.get_one(Office, office_id))
    stated = {field.id: field.minutes_each for field in settings.fields} if settings else {}
    return pace_of(_spells(session, office_id, stated, now), stated)


def statuses(
    session: Session, office_id: int, day: date, minutes_each: Mapping[str, float]
) -> tuple[FieldStatus, ...]:
    """What kiosks are told: people waiting, for each field that has any, and what each adds."""
    counts = session.execute(_COUNTS, {"office": office_id, "day": day})
    return tuple(
        FieldStatus(field=of, waiting=count, minutes_each=minutes_each.get(of))
        for of, count in counts
    )


def _waiting(session: Session, here: Mapping[str, object]) -> tuple[Waiting, ...]:
    return tuple(Waiting(*row) for row in session.execute(_WAITING, here))


def _outlook(
    now: datetime,
    waiting: Iterable[Waiting],
    counters: Iterable[AtCounter],
    pace: Pace,
    hours: Hours,
) -> Outlook:
    line = [InLine(one.id, one.field, one.counter_id) for one in waiting]
    return outlook(now, line, map(_as_open, counters), pace, hours.working)


def _counters(session: Session, here: Mapping[str, object]) -> tuple[AtCounter, ...]:
    busy = {
        counter: (ticket, number, of, state, since)
        for counter, ticket, number, of, state, since in session.execute(_AT_COUNTERS, here)
    }
    nobody = (None, "", "", "", None)
    return tuple(
        AtCounter(counter, label, tuple(fields), *busy.get(counter, nobody))
        for counter, label, fields in session.execute(_OPEN, here)
    )


def _as_open(counter: AtCounter) -> OpenCounter:
    fields = frozenset(counter.fields)
    return OpenCounter(counter.counter_id, fields, counter.field or None, counter.since)


def _announced(
    session: Session, office_id: int, since: datetime, most: int
) -> tuple[Announced, ...]:
    """The latest since then, newest first, each ticket once."""
    # four times as many: recalls are among them
    asked = {"office": office_id, "since": since, "most": 4 * most}
    latest: dict[UUID, Announced] = {}
    for row in session.execute(_LATEST, asked):
        latest.setdefault(row.ticket, Announced(*row))
    return tuple(latest.values())[:most]


def _spells(session: Session, office_id: int, fields: Iterable[str], now: datetime) -> list[Spell]:
    newest = [
        select(Call.field, Call.counter_id, Call.queued_at, Call.called_at, Call.ended_at)
        .where(
            Call.office_id == office_id,
            Call.field == of,
            Call.ended_at > now - _NOT_OLDER,
            Call.counter_id.is_not(None),
        )
        .order_by(Call.ended_at.desc())
        .limit(_SPELLS)
        .subquery()
        for of in fields
    ]
    if not newest:
        return []
    return [Spell(*row) for row in session.execute(union_all(*map(select, newest)))]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


# A wall reads its board at every ticket, a kiosk its counts: so these are put together once, and
# read no more than what is shown.
_WAITING = (
    select(
        Ticket.id,
        Ticket.number,
        Ticket.field,
        Ticket.priority,
        Ticket.counter_id,
        Ticket.queued_at,
        Ticket.citizen.is_not(None),
    )
    .where(
        Ticket.office_id == bindparam("office"),
        Ticket.day == bindparam("day"),
        Ticket.state == TicketState.WAITING,
    )
    .order_by(Ticket.rank_at, Ticket.position)
)
_COUNTS = (
    select(Ticket.field, func.count())
    .where(
        Ticket.office_id == bindparam("office"),
        Ticket.day == bindparam("day"),
        Ticket.state == TicketState.WAITING,
    )
    .group_by(Ticket.field)
    .order_by(Ticket.field)
)
_AT_COUNTERS = (
    select(Ticket.counter_id, Ticket.id, Ticket.number, Ticket.field, Ticket.state, Call.called_at)
    .join(Call, (Call.ticket == Ticket.id) & Call.ended_at.is_(None))
    .where(
        Ticket.office_id == bindparam("office"),
        Ticket.day == bindparam("day"),
        Ticket.state.in_(AT_COUNTER),
    )
)
_OPEN = (
    select(CounterSession.counter_id, Counter.label, CounterSession.fields)
    .join(Counter, Counter.id == CounterSession.counter_id)
    .where(CounterSession.office_id == bindparam("office"), CounterSession.closed_at.is_(None))
    .order_by(CounterSession.position)
)
_OFFICE = (
    select(Office.settings, Office.closed_at, OfficeQueue.position)
    .outerjoin(OfficeQueue, OfficeQueue.office_id == Office.id)
    .where(Office.id == bindparam("office"))
)
_LATEST = (
    select(
        Announcement.position,
        Announcement.ticket,
        Announcement.number,
        Announcement.counter,
        Announcement.again,
        Announcement.at,
    )
    .where(Announcement.office_id == bindparam("office"), Announcement.at >= bindparam("since"))
    .order_by(Announcement.position.desc())
    .limit(bindparam("most"))
)
