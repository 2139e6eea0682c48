"""Lists, a page at a time in order of arrival, and the totals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from central.db.models import (
    Citizen,
    Device,
    DuplicatePair,
    StoredEvent,
    Ticket,
    Visit,
)

_Listed = TypeVar("_Listed", StoredEvent, Ticket, Citizen, DuplicatePair, Visit)


@dataclass(frozen=True, slots=True)
class Stats:
    """Totals since the beginning."""

    events: int
    duplicates: int
    """Deliveries of an event that was stored already."""
    tickets: int
    citizens: int


def page(session: Session, table: type[_Listed], after: int, limit: int) -> list[_Listed]:
    """Rows that arrived after position ``after``, at most ``limit``, in order of arrival."""
    rows = select(table).where(table.position > after).order_by(table.position).limit(limit)
    return list(session.scalars(rows))


def stats(session: Session) -> Stats:
    """The totals."""

    def count(table: type[StoredEvent | Ticket | Citizen]) -> int:
        return session.scalar(select(func.count()).select_from(table)) or 0

    return Stats(
        events=count(StoredEvent),
        duplicates=session.scalar(select(func.coalesce(func.sum(Device.duplicates), 0))) or 0,
        tickets=count(Ticket),
        citizens=count(Citizen),
    )
