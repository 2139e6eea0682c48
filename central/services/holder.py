"""What the holder of a ticket can be told, by the reference on the paper and nothing else."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.db.models import Ticket, TicketState
from central.db.queue import Counter
from central.services.board import Board

Stage = Literal["waiting", "called", "serving", "held", "absent", "done", "over"]


@dataclass(frozen=True, slots=True)
class Held:
    """A ticket, as its reference finds it. Nothing of a person."""

    id: UUID
    office_id: int
    number: str
    field: str
    day: date
    state: str
    counter: str
    """Label of the counter that called it last."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Where the ticket stands."""

    stage: Stage
    """``over``: of another day."""
    ahead: int | None = None
    wait_min: int | None = None
    """As expected, rounded as people say it; None: cannot be said."""
    counter: str = ""
    """Where to go."""
    open_counters: tuple[str, ...] = ()
    """Those that call for this ticket."""


def held(session: Session, reference: str) -> Held | None:
    """The ticket of this reference, if there is one."""
    row = session.execute(
        select(Ticket, Counter.label)
        .outerjoin(Counter, Counter.id == Ticket.counter_id)
        .where(Ticket.reference == reference)
    ).one_or_none()
    if row is None:
        return None
    ticket, label = row
    return Held(
        ticket.id,
        ticket.office_id,
        ticket.number,
        ticket.field,
        ticket.day,
        ticket.state,
        label or "",
    )


def turn_of(ticket: Held, board: Board, today: date) -> Turn:
    """Where the ticket stands on the board."""
    if ticket.day != today:
        return Turn("over")
    for counter in board.counters:
        if counter.ticket == ticket.id:
            stage = "called" if counter.state == TicketState.CALLED else "serving"
            return Turn(stage, counter=counter.label)
    waiting = next((one for one in board.waiting if one.id == ticket.id), None)
    if waiting is None:
        return Turn(_stage(ticket.state), counter=ticket.counter)
    wait = board.wait_of(ticket.id)
    return Turn(
        "waiting",
        ahead=board.ahead(ticket.id),
        wait_min=rounded(wait) if wait is not None else None,
        open_counters=tuple(
            counter.label
            for counter in board.counters
            if waiting.counter_id == counter.counter_id
            or (waiting.counter_id is None and waiting.field in counter.fields)
        ),
    )


def rounded(wait: timedelta) -> int:
    """Minutes as people say them: whole up to ten, then in fives; never less than it will be."""
    minutes = math.ceil(wait / timedelta(minutes=1))
    return minutes if minutes <= 10 else 5 * math.ceil(minutes / 5)


def _stage(state: str) -> Stage:
    match state:
        case TicketState.HELD:
            return "held"
        case TicketState.ABSENT:
            return "absent"
        case TicketState.CALLED:
            return "called"
        case TicketState.WAITING:
            return "waiting"
        case _:
            return "done"
