"""Counters: opened by an officer for some fields, and closed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from central.db.models import Office, Ticket, TicketState
from central.db.queue import Counter, CounterSession
from central.db.signals import touch
from central.services.offices import settings_of
from central.services.queue import lock_in_order, locked_queue, of_day

Refused = Literal[
    "not_open",
    "taken",
    "open_elsewhere",
    "no_counter",
    "no_field",
    "busy",
    "stale",
    "no_ticket",
    "label_odd",
    "label_taken",
    "still_open",
]
_LABEL = re.compile(r"[0-9A-Z]{1,8}")


class QueueRefusal(Exception):
    """What was asked for cannot be done, and why: ``not_open`` they have no counter,
    ``taken`` another officer has it, ``open_elsewhere`` they have another, ``no_counter`` and
    ``no_field`` it is not there, ``busy`` someone is at the counter, ``stale`` not the ticket they
    meant, ``no_ticket`` not one that can be called so; of a counter's making: ``label_odd``,
    ``label_taken``, ``still_open``."""

    def __init__(self, reason: Refused, detail: str = "") -> None:
        super().__init__(reason)
        self.reason: Refused = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Desk:
    """An open counter and who sits there."""

    session: CounterSession
    counter: Counter

    @property
    def office_id(self) -> int:
        """Whose counter it is."""
        return self.counter.office_id


def counters_of(session: Session, office_id: int) -> list[Counter]:
    """The office's counters in use, in the order of their labels as people count."""
    found = session.scalars(
        select(Counter).where(Counter.office_id == office_id, Counter.retired_at.is_(None))
    )
    return sorted(found, key=lambda counter: (_digits(counter.label), counter.label))


def add_counter(session: Session, office_id: int, label: str, fields: Sequence[str]) -> Counter:
    """A new counter, or one that was retired again in use. Raises :class:`QueueRefusal`."""
    label = label.strip().upper()
    if not _LABEL.fullmatch(label):
        raise QueueRefusal("label_odd", label)
    row = session.scalar(select(Counter).filter_by(office_id=office_id, label=label))
    if row is None:
        row = Counter(office_id=office_id, label=label, fields=[])
        session.add(row)
    elif row.retired_at is None:
        raise QueueRefusal("label_taken", label)
    row.retired_at = None
    row.fields = list(fields)
    session.flush()
    touch(session, office_id)
    return row


def change_counter(
    session: Session, office_id: int, counter_id: int, fields: Sequence[str]
) -> Counter:
    """Let it be opened for these fields from now on; of none: for all. Raises
    :class:`QueueRefusal`."""
    counter = _in_use(session, office_id, counter_id)
    counter.fields = list(fields)
    return counter


def retire_counter(session: Session, office_id: int, counter_id: int, now: datetime) -> Counter:
    """Use it no more. Raises :class:`QueueRefusal` while it is open."""
    locked_queue(session, office_id)
    counter = _in_use(session, office_id, counter_id)
    if any(desk.counter.id == counter_id for desk in open_sessions(session, office_id)):
        raise QueueRefusal("still_open", counter.label)
    counter.retired_at = now
    return counter


def open_sessions(session: Session, office_id: int) -> list[Desk]:
    """The office's counters that are open, in the order of their opening."""
    rows = session.execute(
        select(CounterSession, Counter)
        .join(Counter, Counter.id == CounterSession.counter_id)
        .where(CounterSession.office_id == office_id, CounterSession.closed_at.is_(None))
        .order_by(CounterSession.position)
    )
    return [Desk(one, counter) for one, counter in rows]


def desk_of(session: Session, officer_id: int) -> Desk | None:
    """The counter an officer has open."""
    row = session.execute(
        select(CounterSession, Counter)
        .join(Counter, Counter.id == CounterSession.counter_id)
        .where(CounterSession.officer_id == officer_id, CounterSession.closed_at.is_(None))
    ).one_or_none()
    return Desk(row[0], row[1]) if row else None


def fields_of(session: Session, counter: Counter) -> list[str]:
    """Ids of the fields a counter can be opened for."""
    settings = settings_of(session.get_one(Office, counter.office_id))
    offered = [field.id for field in settings.fields] if settings else []
    return [field for field in offered if not counter.fields or field in counter.fields]


def open_counter(
    session: Session,
    office_id: int,
    officer_id: int,
    counter_id: int,
    fields: Sequence[str],
    now: datetime,
    *,
    take_over: bool = False,
) -> Desk:
    """Open a counter of the office for ``fields``, at least one.

    ``take_over``: also when another officer left it open; whoever is served there stays there.
    Raises :class:`QueueRefusal`.
    """
    locked_queue(session, office_id)
    counter = _in_use(session, office_id, counter_id)
    chosen = _allowed(session, counter, fields)
    for desk in open_sessions(session, office_id):
        if desk.session.officer_id == officer_id and desk.counter.id != counter_id:
            raise QueueRefusal("open_elsewhere", desk.counter.label)
        if desk.counter.id != counter_id:
            continue
        if desk.session.officer_id == officer_id:
            desk.session.fields = chosen
            touch(session, office_id)
            return desk
        if not take_over:
            raise QueueRefusal("taken", counter.label)
        desk.session.closed_at = now
        session.flush()
    opened = CounterSession(
        office_id=office_id,
        counter_id=counter_id,
        officer_id=officer_id,
        fields=chosen,
        opened_at=now,
    )
    session.add(opened)
    touch(session, office_id)
    return Desk(opened, counter)


def choose_fields(session: Session, desk: Desk, fields: Sequence[str]) -> None:
    """Call for other fields from now on. Raises :class:`QueueRefusal`."""
    desk.session.fields = _allowed(session, desk.counter, fields)
    touch(session, desk.office_id)


def close_counter(session: Session, desk: Desk, day: date, now: datetime) -> None:
    """Close it. Those who were sent to this very counter may be called by any other.

    Raises :class:`QueueRefusal` while somebody is being served.
    """
    locked_queue(session, desk.office_id)
    current = current_ticket(session, desk, day)
    if current is not None:
        raise QueueRefusal("busy", current.number)
    desk.session.closed_at = now
    waiting = *of_day(desk.office_id, day), Ticket.state == TicketState.WAITING
    sent_here = *waiting, Ticket.counter_id == desk.counter.id
    lock_in_order(session, *sent_here)
    session.execute(update(Ticket).where(*sent_here).values(counter_id=None))
    touch(session, desk.office_id)


def close_all(session: Session, office_id: int, now: datetime) -> None:
    """Close every counter of the office, whoever is there. Who was being served is found there
    when the counter is opened again."""
    locked_queue(session, office_id)
    open_ = CounterSession.office_id == office_id, CounterSession.closed_at.is_(None)
    session.execute(update(CounterSession).where(*open_).values(closed_at=now))
    waiting = Ticket.office_id == office_id, Ticket.state == TicketState.WAITING
    sent = *waiting, Ticket.counter_id.is_not(None)
    lock_in_order(session, *sent)
    session.execute(update(Ticket).where(*sent).values(counter_id=None))
    touch(session, office_id)


def current_ticket(session: Session, desk: Desk, day: date) -> Ticket | None:
    """Who is called to the counter or served there."""
    return session.scalar(
        select(Ticket).where(
            *of_day(desk.office_id, day),
            Ticket.state.in_((TicketState.CALLED, TicketState.SERVING)),
            Ticket.counter_id == desk.counter.id,
        )
    )


def _in_use(session: Session, office_id: int, counter_id: int) -> Counter:
    counter = session.get(Counter, counter_id)
    if counter is None or counter.office_id != office_id or counter.retired_at:
        raise QueueRefusal("no_counter")
    return counter


def _allowed(session: Session, counter: Counter, fields: Sequence[str]) -> list[str]:
    chosen = [field for field in fields_of(session, counter) if field in fields]
    if not chosen or len(chosen) != len(set(fields)):
        raise QueueRefusal("no_field")
    return chosen


def _digits(label: str) -> int:
    digits = "".join(filter(str.isdecimal, label))
    return int(digits) if digits else 0
