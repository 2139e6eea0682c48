"""What an officer does with a ticket, from the call to its end.

    waiting ──next──▶ called ──arrived──▶ serving ──finish──▶ done
       ▲                │ absent ▶ absent    │ hold ▶ held
       └────────────────┴─── back, transfer ─┘

Each step names the ticket the officer saw: a stale page cannot finish somebody else's.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.db.models import Office, Ticket, TicketState
from central.db.queue import Counter, CounterSession, OfficeQueue, Outcome
from central.db.signals import touch
from central.services.counters import Desk, QueueRefusal, current_ticket, fields_of
from central.services.offices import settings_of
from central.services.policy import Return
from central.services.queue import (
    announce,
    end_call,
    first_in_line,
    locked_queue,
    of_day,
    open_call,
    policy_of,
    put_before,
)

Finish = Literal[Outcome.SERVED, Outcome.INCOMPLETE, Outcome.ELSEWHERE]
FINISH: dict[str, Finish] = {
    "served": Outcome.SERVED,
    "incomplete": Outcome.INCOMPLETE,
    "elsewhere": Outcome.ELSEWHERE,
}
"""By what forms call them."""
ASIDE = (TicketState.HELD, TicketState.ABSENT)
"""Neither waiting nor at a counter, and not done."""


def call_next(session: Session, desk: Desk, day: date, now: datetime) -> Ticket | None:
    """Call whoever is next for this counter; None when nobody waits.

    Raises :class:`QueueRefusal` while somebody is at the counter: pressed twice, it calls once.
    """
    queue = _free(session, desk, day)
    fields, counter = desk.session.fields, desk.counter
    ticket = first_in_line(session, desk.office_id, day, fields, counter.id)
    if ticket is not None:
        put_before(session, queue, ticket, counter, desk.session.position, now)
    return ticket


def call_again(session: Session, desk: Desk, ticket_id: UUID, day: date, now: datetime) -> Ticket:
    """Call somebody who was held or was not there, without their waiting again.

    Raises :class:`QueueRefusal`.
    """
    queue = _free(session, desk, day)
    ticket = _aside(session, desk, ticket_id, day)
    ticket.queued_at = now
    put_before(session, queue, ticket, desk.counter, desk.session.position, now)
    return ticket


def recall(session: Session, desk: Desk, ticket_id: UUID, day: date, now: datetime) -> Ticket:
    """Say it once more in the hall. Raises :class:`QueueRefusal`."""
    queue, ticket = _mine(session, desk, ticket_id, day)
    call = open_call(session, ticket)
    if call is not None:
        call.recalls += 1
    announce(session, queue, ticket, desk.counter, now, again=True)
    return ticket


def arrived(session: Session, desk: Desk, ticket_id: UUID, day: date, now: datetime) -> Ticket:
    """The citizen stands at the counter. Raises :class:`QueueRefusal`."""
    _, ticket = _mine(session, desk, ticket_id, day)
    if ticket.state == TicketState.CALLED:
        ticket.state = TicketState.SERVING
        call = open_call(session, ticket)
        if call is not None:
            call.started_at = now
        touch(session, desk.office_id)
    return ticket


def finish(
    session: Session, desk: Desk, ticket_id: UUID, outcome: Finish, day: date, now: datetime
) -> Ticket:
    """The citizen's business here is done. Raises :class:`QueueRefusal`."""
    _, ticket = _mine(session, desk, ticket_id, day)
    end_call(session, ticket, outcome, TicketState.DONE, now)
    return ticket


def not_there(session: Session, desk: Desk, ticket_id: UUID, day: date, now: datetime) -> Ticket:
    """Nobody came. Raises :class:`QueueRefusal`."""
    _, ticket = _mine(session, desk, ticket_id, day)
    end_call(session, ticket, Outcome.ABSENT, TicketState.ABSENT, now)
    return ticket


def hold(session: Session, desk: Desk, ticket_id: UUID, day: date, now: datetime) -> Ticket:
    """The citizen does something in between: fills in a form, fetches a paper. Raises
    :class:`QueueRefusal`."""
    _, ticket = _mine(session, desk, ticket_id, day)
    end_call(session, ticket, Outcome.HELD, TicketState.HELD, now)
    return ticket


def transfer(
    session: Session,
    desk: Desk,
    ticket_id: UUID,
    day: date,
    now: datetime,
    *,
    field: str | None = None,
    counter_id: int | None = None,
) -> Ticket:
    """Send the citizen on: to another field, to another counter that is open, or both.

    Raises :class:`QueueRefusal`.
    """
    _, ticket = _mine(session, desk, ticket_id, day)
    field = field or ticket.field
    if counter_id is not None:
        _check_open(session, desk, counter_id, field)
    elif field == ticket.field or not _is_offered(session, desk.office_id, field):
        raise QueueRefusal("no_field")
    end_call(session, ticket, Outcome.TRANSFERRED, TicketState.WAITING, now)
    ticket.field, ticket.counter_id = field, counter_id
    _queue_again(session, ticket, policy_of(session, desk.office_id).transferred, now)
    return ticket


def back_in_line(session: Session, desk: Desk, ticket_id: UUID, day: date, now: datetime) -> Ticket:
    """Somebody who was not there, or was held, waits again for any counter of their field.

    Raises :class:`QueueRefusal`.
    """
    locked_queue(session, desk.office_id)
    ticket = _aside(session, desk, ticket_id, day)
    policy = policy_of(session, desk.office_id)
    how: Return = "keeps" if ticket.state == TicketState.HELD else policy.absent
    ticket.state, ticket.counter_id = TicketState.WAITING, None
    _queue_again(session, ticket, how, now)
    return ticket


def _queue_again(session: Session, ticket: Ticket, how: Return, now: datetime) -> None:
    policy = policy_of(session, ticket.office_id)
    ticket.rank_at = policy.rank_again(how, ticket.issued_at, ticket.priority, now)
    ticket.queued_at = now
    touch(session, ticket.office_id)


def _free(session: Session, desk: Desk, day: date) -> OfficeQueue:
    """The locked queue, when nobody is at the counter."""
    queue = _locked(session, desk)
    current = current_ticket(session, desk, day)
    if current is not None:
        raise QueueRefusal("busy", current.number)
    return queue


def _mine(session: Session, desk: Desk, ticket_id: UUID, day: date) -> tuple[OfficeQueue, Ticket]:
    """The locked queue, and the ticket at this counter."""
    queue = _locked(session, desk)
    ticket = current_ticket(session, desk, day)
    if ticket is None or ticket.id != ticket_id:
        raise QueueRefusal("stale", ticket.number if ticket else "")
    return queue, ticket


def _locked(session: Session, desk: Desk) -> OfficeQueue:
    queue = locked_queue(session, desk.office_id)
    # Read again under the lock: the counter may have been closed or taken over since.
    session.refresh(desk.session)
    if desk.session.closed_at is not None:
        raise QueueRefusal("not_open")
    return queue


def _aside(session: Session, desk: Desk, ticket_id: UUID, day: date) -> Ticket:
    ticket = session.scalar(
        select(Ticket).where(*of_day(desk.office_id, day), Ticket.id == ticket_id)
    )
    if ticket is None or ticket.state not in ASIDE:
        raise QueueRefusal("no_ticket", ticket.number if ticket else "")
    return ticket


def _check_open(session: Session, desk: Desk, counter_id: int, field: str) -> None:
    counter = session.get(Counter, counter_id)
    is_open = session.scalar(
        select(CounterSession.position).where(
            CounterSession.counter_id == counter_id, CounterSession.closed_at.is_(None)
        )
    )
    if counter is None or counter.office_id != desk.office_id or is_open is None:
        raise QueueRefusal("no_counter")
    if counter.id == desk.counter.id or field not in fields_of(session, counter):
        raise QueueRefusal("no_field")


def _is_offered(session: Session, office_id: int, field: str) -> bool:
    settings = settings_of(session.get_one(Office, office_id))
    return settings is not None and any(one.id == field for one in settings.fields)
