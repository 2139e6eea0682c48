"""The queue of an office: who waits, who is next, what is announced.

Two callers never get the same ticket, and never call out of order: whoever calls holds the lock of
the office's queue until the commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from central.db.models import Office, Ticket, TicketState
from central.db.queue import Announcement, Call, Counter, OfficeQueue, Outcome
from central.db.signals import touch
from central.services.policy import QueuePolicy

_ANNOUNCEMENTS_KEPT = 1000
"""Of an office: those who were not listening hear no older ones."""


def policy_of(session: Session, office_id: int) -> QueuePolicy:
    """How the office calls."""
    return _policy(session.get(OfficeQueue, office_id))


def settle_policy(session: Session, office_id: int, policy: QueuePolicy, day: date) -> None:
    """Have the office call by another rule from now on, those who wait already included."""
    queue = locked_queue(session, office_id)
    before = _policy(queue)
    queue.policy = policy.model_dump(mode="json")
    waiting = select(Ticket).where(*of_day(office_id, day), Ticket.state == TicketState.WAITING)
    for ticket in session.scalars(waiting):
        ticket.rank_at += before.head_start(ticket.priority) - policy.head_start(ticket.priority)
    touch(session, office_id)


def locked_queue(session: Session, office_id: int) -> OfficeQueue:
    """The office's queue, until the end of the transaction nobody else's."""
    known = session.get(OfficeQueue, office_id, with_for_update=True, populate_existing=True)
    if known is not None:
        return known
    try:
        with session.begin_nested():
            session.add(OfficeQueue(office_id=office_id, position=0))
    except IntegrityError:  # another one was faster
        pass
    return session.get_one(OfficeQueue, office_id, with_for_update=True, populate_existing=True)


def of_day(office_id: int, day: date) -> tuple[ColumnElement[bool], ...]:
    """Condition: a ticket of the office and its day."""
    return (Ticket.office_id == office_id, Ticket.day == day)


def lock_in_order(session: Session, *which: ColumnElement[bool]) -> None:
    """Lock these tickets one after the other, as a flush changes them: two transactions that
    change several each cannot wait for each other then."""
    rows = select(Ticket.position).where(*which).order_by(Ticket.position)
    session.execute(rows.with_for_update(key_share=True))  # for the reason of offices.ROW


def waiting(session: Session, day: date) -> dict[tuple[int, str], int]:
    """How many hold a ticket of the day and were not called, by office and field; nothing for
    none."""
    # The ids are named, so that PostgreSQL looks each up in the index of queues.
    offices = session.scalars(select(Office.id)).all()
    counted = (
        select(Ticket.office_id, Ticket.field, func.count())
        .where(
            Ticket.office_id.in_(offices), Ticket.day == day, Ticket.state == TicketState.WAITING
        )
        .group_by(Ticket.office_id, Ticket.field)
        .order_by(Ticket.office_id, Ticket.field)
    )
    return {(office, field): count for office, field, count in session.execute(counted)}


def first_in_line(
    session: Session, office_id: int, day: date, fields: Sequence[str], counter_id: int | None
) -> Ticket | None:
    """Who is next for a counter that calls these fields; None when nobody waits for it."""
    anyones = Ticket.counter_id.is_(None) & Ticket.field.in_(fields)
    mine = Ticket.counter_id == counter_id
    return session.scalar(
        select(Ticket)
        .where(
            *of_day(office_id, day),
            Ticket.state == TicketState.WAITING,
            anyones if counter_id is None else or_(anyones, mine),
        )
        .order_by(Ticket.rank_at, Ticket.position)
        .limit(1)
    )


def call_for_office(
    session: Session, office_id: int, field: str, day: date, now: datetime
) -> Ticket | None:
    """Call whoever is next for ``field``, for the office's own software, which has counters of
    its own; None when nobody waits."""
    queue = locked_queue(session, office_id)
    ticket = first_in_line(session, office_id, day, [field], None)
    if ticket is not None:
        put_before(session, queue, ticket, None, None, now)
    return ticket


def put_before(
    session: Session,
    queue: OfficeQueue,
    ticket: Ticket,
    counter: Counter | None,
    session_id: int | None,
    now: datetime,
) -> Call:
    """Call ``ticket`` to ``counter`` (None: of the office's own software). The queue is locked."""
    call = Call(
        office_id=queue.office_id,
        ticket=ticket.id,
        day=ticket.day,
        field=ticket.field,
        priority=ticket.priority,
        counter_id=counter.id if counter else None,
        session_id=session_id,
        # A kiosk whose clock is ahead must not make anybody wait for less than no time.
        queued_at=min(ticket.queued_at, now),
        called_at=now,
    )
    session.add(call)
    ticket.state = TicketState.CALLED
    ticket.counter_id = call.counter_id
    ticket.called_at = ticket.called_at or now
    announce(session, queue, ticket, counter, now, again=False)
    return call


def announce(
    session: Session,
    queue: OfficeQueue,
    ticket: Ticket,
    counter: Counter | None,
    now: datetime,
    *,
    again: bool,
) -> None:
    """Have a call said and shown in the hall. The queue is locked."""
    queue.position += 1
    session.add(
        Announcement(
            office_id=queue.office_id,
            position=queue.position,
            ticket=ticket.id,
            number=ticket.number,
            counter=counter.label if counter else "",
            again=again,
            at=now,
        )
    )
    outdated = delete(Announcement).where(
        Announcement.office_id == queue.office_id,
        Announcement.position <= queue.position - _ANNOUNCEMENTS_KEPT,
    )
    session.execute(outdated)
    touch(session, queue.office_id)


def end_call(
    session: Session, ticket: Ticket, outcome: Outcome, state: TicketState, now: datetime
) -> None:
    """The ticket leaves its counter. The queue is locked."""
    call = open_call(session, ticket)
    if call is not None:
        call.ended_at, call.outcome = now, outcome
    ticket.state = state
    touch(session, ticket.office_id)


def open_call(session: Session, ticket: Ticket) -> Call | None:
    """The call of a ticket that is at a counter."""
    return session.scalar(
        select(Call)
        .where(Call.ticket == ticket.id, Call.ended_at.is_(None))
        .order_by(Call.position.desc())
        .limit(1)
    )


def _policy(queue: OfficeQueue | None) -> QueuePolicy:
    return QueuePolicy.model_validate(queue.policy or {}) if queue else QueuePolicy()
