"""Offices: what the kiosks of each share, and the stream of what they are told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import uuid4

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session, SessionTransaction

from central.db.models import Office, StreamedChange
from wire import OfficeSettings

Kind = Literal["citizen", "office", "secret"]
ROW = {"key_share": True}
"""How a row is locked until the end of a transaction: FOR NO KEY UPDATE. FOR UPDATE would also hold
up whoever only inserts something that refers to the row: an officer who calls a ticket would wait
for a transaction that waits for that ticket."""
_LOCKED = "the offices a transaction has locked"


@dataclass(frozen=True, slots=True)
class _Locked:
    """``offices``: ids, in the order in which ``transaction`` locked them."""

    transaction: SessionTransaction | None
    offices: list[int] = field(default_factory=list[int])


def all_offices(session: Session) -> list[Office]:
    """Every office, closed ones as well, the one that runs the server first."""
    return list(session.scalars(select(Office).order_by(Office.id)))


def locked(session: Session, office: int) -> Office:
    """The office, until the end of the transaction nobody else's.

    Whatever changes citizens or tells kiosks something takes this lock first, before any row of
    a citizen: positions then appear in their order, and two batches cannot wait for each other.
    Of several offices the one with the lower id comes first, for the same reason. Each is locked
    once, and outside savepoints: undoing one would undo the lock, and PostgreSQL lets two
    transactions that lock a row again in later savepoints wait for each other.
    """
    transaction = session.get_transaction()
    held: _Locked | None = session.info.get(_LOCKED)
    if held is None or held.transaction is not transaction:
        held = session.info[_LOCKED] = _Locked(transaction)
    if office not in held.offices:
        if session.in_nested_transaction():
            raise RuntimeError("the office must be locked before the first savepoint")
        if held.offices and office < held.offices[-1]:
            raise RuntimeError("offices must be locked in the order of their ids")
        session.get_one(Office, office, with_for_update=ROW, populate_existing=True)
        held.offices.append(office)
    return session.get_one(Office, office)


def all_locked(session: Session) -> list[Office]:
    """Every office, each :func:`locked`."""
    ids = session.scalars(select(Office.id).order_by(Office.id)).all()
    return [locked(session, office) for office in ids]


def tell(session: Session, office: Office, kind: Kind, ref: str = "") -> None:
    """Have the kiosks of a :func:`locked` office told of ``ref`` as it is when they ask."""
    office.position += 1
    session.flush()
    one = {"office_id": office.id, "kind": kind, "ref": ref}
    session.execute(delete(StreamedChange).filter_by(**one))
    session.execute(insert(StreamedChange).values(position=office.position, **one))


def settle(session: Session, office_id: int, settings: OfficeSettings) -> None:
    """Have every kiosk of the office offer this from now on."""
    office = locked(session, office_id)
    office.settings = settings.model_dump(mode="json")
    tell(session, office, "office")


def restart_stream(session: Session, office_id: int) -> None:
    """Have every kiosk of the office read the changes from the start: the database is an older
    copy, and cursors they hold may be ahead of it."""
    locked(session, office_id).stream = uuid4()


def restart_streams(session: Session) -> None:
    """As :func:`restart_stream`, of every office."""
    for office in all_locked(session):
        office.stream = uuid4()


def settings_of(office: Office) -> OfficeSettings | None:
    """What the office offers; None when each kiosk has its own settings."""
    return settings_from(office.settings)


def settings_from(column: dict[str, Any] | None) -> OfficeSettings | None:
    """As :func:`settings_of`, of the column alone."""
    return OfficeSettings.model_validate(column) if column else None
