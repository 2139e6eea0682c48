"""The office: what its kiosks share, and the stream of what they are told."""

from __future__ import annotations

from typing import Any, Literal
from uuid import uuid4

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from central.db.models import Office, StreamedChange
from wire import OfficeSettings

Kind = Literal["citizen", "office", "secret"]
_ID = 1
ROW = {"key_share": True}
"""How a row is locked until the end of a transaction: FOR NO KEY UPDATE. FOR UPDATE would also hold
up whoever only inserts something that refers to the row: an officer who calls a ticket would wait
for a transaction that waits for that ticket."""
_LOCKED = "the transaction in which the office is locked"


def the_office(session: Session) -> Office:
    """The one office of this server."""
    return session.get_one(Office, _ID)


def locked(session: Session, office: int) -> Office:
    """The office, until the end of the transaction nobody else's.

    Whatever changes citizens or tells kiosks something takes this lock first, before any row of
    a citizen: positions then appear in their order, and two batches cannot wait for each other.
    It is taken once, and outside savepoints: undoing one would undo the lock, and PostgreSQL
    lets two transactions that lock a row again in later savepoints wait for each other.
    """
    transaction = session.get_transaction()
    if session.info.get(_LOCKED) is not transaction:
        if session.in_nested_transaction():
            raise RuntimeError("the office must be locked before the first savepoint")
        session.info[_LOCKED] = transaction
        session.get_one(Office, office, with_for_update=ROW, populate_existing=True)
    return session.get_one(Office, office)


def tell(session: Session, office: Office, kind: Kind, ref: str = "") -> None:
    """Have the kiosks of a :func:`locked` office told of ``ref`` as it is when they ask."""
    office.position += 1
    session.flush()
    one = {"office_id": office.id, "kind": kind, "ref": ref}
    session.execute(delete(StreamedChange).filter_by(**one))
    session.execute(insert(StreamedChange).values(position=office.position, **one))


def settle(session: Session, settings: OfficeSettings) -> None:
    """Have every kiosk of the office offer this from now on."""
    office = locked(session, _ID)
    office.settings = settings.model_dump(mode="json")
    tell(session, office, "office")


def restart_stream(session: Session) -> None:
    """Have every kiosk read the changes from the start: the database is an older copy, and
    cursors they hold may be ahead of it."""
    locked(session, _ID).stream = uuid4()


def settings_of(office: Office) -> OfficeSettings | None:
    """What the office offers; None when each kiosk has its own settings."""
    return settings_from(office.settings)


def settings_from(column: dict[str, Any] | None) -> OfficeSettings | None:
    """As :func:`settings_of`, of the column alone."""
    return OfficeSettings.model_validate(column) if column else None
