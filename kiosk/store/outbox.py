"""What central has still to be told, in the order it was committed.

Append inside the transaction that makes the thing true; a row leaves only when central says
that it holds the event, or stays parked when central says that it never will.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from pydantic import ValidationError
from uuid6 import uuid7

from kiosk.store.database import Database, stamp
from kiosk.store.sqlcipher import Row
from wire import AnyBody, Event

_log = logging.getLogger(__name__)


def append(db: Database, body: AnyBody, at: datetime) -> int:
    """Add an event; its ``seq``, which counts up and is never used twice."""
    return db.insert(
        "INSERT INTO outbox (id, at, body) VALUES (?, ?, ?)",
        (str(uuid7()), stamp(at), body.model_dump_json()),
    )


def pending(db: Database, limit: int) -> list[Event]:
    """The oldest events not yet acknowledged, at most ``limit``.

    A row that no longer fits the contract is parked: it must not hold up the others.
    """
    rows = db.rows("SELECT * FROM outbox WHERE parked IS NULL ORDER BY seq LIMIT ?", (limit,))
    events: list[Event] = []
    for row in rows:
        try:
            events.append(_event(row))
        except ValidationError as error:
            _log.error("Event %s does not fit the contract and is parked", row["id"])
            park(db, UUID(row["id"]), f"contract: {error.errors(include_input=False)[0]['type']}")
    return events


def acknowledge(db: Database, ids: Iterable[UUID]) -> None:
    """Forget events that central holds."""
    for event in ids:
        db.execute("DELETE FROM outbox WHERE id = ?", (str(event),))


def park(db: Database, event: UUID, reason: str) -> None:
    """Keep an event aside that central will never take as it is."""
    db.execute("UPDATE outbox SET parked = ? WHERE id = ?", (reason, str(event)))


def _event(row: Row) -> Event:
    return Event.model_validate(
        {"id": row["id"], "seq": row["seq"], "at": row["at"], "body": json.loads(row["body"])}
    )
