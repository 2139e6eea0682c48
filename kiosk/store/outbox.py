"""What central has still to be told, in the order it was committed.

Append inside the transaction that makes the thing true; a row leaves only when central says
that it holds the event, or stays parked when central says that it never will. The queue may grow
for weeks: when it has no room left, statistics make room for records (:func:`make_room`).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import ValidationError
from uuid6 import uuid7

from kiosk.store.database import Database, stamp
from kiosk.store.sqlcipher import Row
from wire import AnyBody, Event

_log = logging.getLogger(__name__)

_DROPPABLE = "body ->> '$.kind' IN ('visit_ended', 'printer_changed')"
_DROPPED_TOGETHER = 100
_PERSONAL = frozenset({"identity", "masked", "template", "consents"})
"""Of an event's body; a consent may name a child's representative."""


def append(db: Database, body: AnyBody, at: datetime) -> int:
    """Add an event; its ``seq``, which counts up and is never used twice."""
    return db.insert(
        "INSERT INTO outbox (id, at, body) VALUES (?, ?, ?)",
        (str(uuid7()), stamp(at), body.model_dump_json()),
    )


def append_newest(db: Database, body: AnyBody, at: datetime) -> int:
    """Add an event in place of those of its kind that still wait: only the last word counts."""
    with db.transaction():
        db.execute("DELETE FROM outbox WHERE body ->> '$.kind' = ?", (body.kind,))
        return append(db, body, at)


def make_room(db: Database, limit_bytes: int) -> None:
    """Drop the oldest statistics (visits, states of the printer) while the database holds more
    than ``limit_bytes``; how many is counted. Nothing else is ever dropped."""
    if db.used_bytes() <= limit_bytes:
        return
    with db.transaction():
        kinds = db.rows(
            f"DELETE FROM outbox WHERE seq IN (SELECT seq FROM outbox WHERE {_DROPPABLE}"  # noqa: S608 -- ours
            " ORDER BY seq LIMIT ?) RETURNING body ->> '$.kind' kind",
            (_DROPPED_TOGETHER,),
        )
        for row in kinds:
            db.execute(
                "INSERT INTO outbox_dropped VALUES (?, 1)"
                " ON CONFLICT (kind) DO UPDATE SET events = events + 1",
                (row["kind"],),
            )
    if kinds:
        _log.warning("The queue for central is full: %d statistics were dropped", len(kinds))


def pending(db: Database, limit: int, limit_bytes: int | None = None) -> list[Event]:
    """The oldest events not yet acknowledged, at most ``limit``, and no more than fit into
    ``limit_bytes`` of JSON; the oldest in any case.

    A row that no longer fits the contract is parked: it must not hold up the others.
    """
    rows = db.rows("SELECT * FROM outbox WHERE parked IS NULL ORDER BY seq LIMIT ?", (limit,))
    events: list[Event] = []
    size = 0
    for row in rows:
        size += len(row["body"].encode()) + 150  # the envelope around it
        if events and limit_bytes is not None and size > limit_bytes:
            break
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


def unpark(db: Database) -> int:
    """Have parked events tried again, in their old places; how many."""
    return db.execute("UPDATE outbox SET parked = NULL WHERE parked IS NOT NULL")


@dataclass(frozen=True, slots=True)
class Parked:
    """An event that was put aside. Nothing of what it says."""

    id: str
    seq: int
    kind: str
    at: str
    reason: str


@dataclass(frozen=True, slots=True)
class QueueState:
    """How the queue for central stands."""

    waiting: dict[str, int]
    """Events by kind."""
    oldest_at: str | None
    """ISO 8601, UTC."""
    parked: tuple[Parked, ...]
    dropped: dict[str, int]
    """Statistics by kind that had to make room."""
    bytes_used: int
    """By the whole database."""


def state(db: Database) -> QueueState:
    """How the queue stands, as of one moment."""
    with db.transaction():
        waiting = db.rows(
            "SELECT body ->> '$.kind' kind, count(*) events FROM outbox WHERE parked IS NULL"
            " GROUP BY kind ORDER BY kind"
        )
        oldest = db.row("SELECT at FROM outbox WHERE parked IS NULL ORDER BY seq LIMIT 1")
        parked = db.rows(
            "SELECT id, seq, body ->> '$.kind' kind, at, parked FROM outbox"
            " WHERE parked IS NOT NULL ORDER BY seq"
        )
        dropped = db.rows("SELECT kind, events FROM outbox_dropped")
    return QueueState(
        {row["kind"]: row["events"] for row in waiting},
        oldest["at"] if oldest else None,
        tuple(Parked(r["id"], r["seq"], r["kind"], r["at"], r["parked"]) for r in parked),
        {row["kind"]: row["events"] for row in dropped},
        db.used_bytes(),
    )


def everything(db: Database, *, personal: bool) -> Iterator[str]:
    """Every event in order, each as one line of JSON; ``personal``: with people's data, which
    must never be logged. Otherwise that is left out, and named under ``left_out``."""
    after = 0
    while rows := db.rows("SELECT * FROM outbox WHERE seq > ? ORDER BY seq LIMIT 500", (after,)):
        for row in rows:
            after, body = row["seq"], json.loads(row["body"])
            told = {key: row[key] for key in ("id", "seq", "at", "parked")}
            if not personal and (left_out := sorted(_PERSONAL & body.keys())):
                told["left_out"] = left_out
                body = {key: value for key, value in body.items() if key not in _PERSONAL}
            yield json.dumps(told | {"body": body}, ensure_ascii=False)


def _event(row: Row) -> Event:
    return Event.model_validate(
        {"id": row["id"], "seq": row["seq"], "at": row["at"], "body": json.loads(row["body"])}
    )
