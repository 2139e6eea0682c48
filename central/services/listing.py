"""Lists, a page at a time in order of arrival, and the totals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, func, select
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


def page(
    session: Session, office_id: int, table: type[_Listed], after: int, limit: int
) -> list[_Listed]:
    """The office's rows that arrived after position ``after``, at most ``limit``, in order of
    arrival."""
    rows = select(table).where(_of(office_id, table), table.position > after)
    return list(session.scalars(rows.order_by(table.position).limit(limit)))


def stats(session: Session, office_id: int) -> Stats:
    """The office's totals."""

    def count(table: type[StoredEvent | Ticket | Citizen]) -> int:
        mine = select(func.count()).select_from(table).where(_of(office_id, table))
        return session.scalar(mine) or 0

    again = select(func.sum(Device.duplicates)).where(Device.office_id == office_id)
    return Stats(
        events=count(StoredEvent),
        duplicates=session.scalar(again) or 0,
        tickets=count(Ticket),
        citizens=count(Citizen),
    )


def _of(office_id: int, table: type[Any]) -> ColumnElement[bool]:
    """Condition: a row of the office, which it names itself or by its device."""
    if hasattr(table, "office_id"):
        return table.office_id == office_id
    return table.device_id.in_(select(Device.id).where(Device.office_id == office_id))
