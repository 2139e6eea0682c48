"""Who is waiting, and who is next."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from central.db.models import Ticket
from wire import FieldStatus


def waiting(session: Session, day: date) -> tuple[FieldStatus, ...]:
    """People holding a ticket of ``day`` and not yet called, for each field that has any."""
    counts = session.execute(
        select(Ticket.field, func.count())
        .where(Ticket.day == day, Ticket.called_at.is_(None))
        .group_by(Ticket.field)
        .order_by(Ticket.field)
    )
    return tuple(FieldStatus(field=field, waiting=count) for field, count in counts)


def call_next(session: Session, field: str, day: date, now: datetime) -> Ticket | None:
    """Call whoever has waited longest for ``field``, those of a priority class before the
    others; None when nobody waits.

    Two callers never get the same ticket: SQLite lets one writer in at a time, and elsewhere
    the row is locked and passed over by the others.
    """
    ticket = session.scalar(
        select(Ticket)
        .where(Ticket.field == field, Ticket.day == day, Ticket.called_at.is_(None))
        .order_by(Ticket.priority == "", Ticket.issued_at, Ticket.sequence)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if ticket is not None:
        ticket.called_at = now
    return ticket
