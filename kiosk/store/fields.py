"""What central said last: how many people the whole office has waiting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from kiosk.store.database import Database, stamp
from wire import Changes

FRESH = timedelta(minutes=10)
"""An older count is not shown: no number is better than a wrong one."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """People waiting for one field, as the whole office sees it."""

    people: int
    minutes_each: float | None
    last_seq: int
    """Newest event of this kiosk that is counted in."""


def keep_queues(db: Database, changes: Changes, received_at: datetime) -> None:
    """Replace what is known of the queues by what central just said."""
    with db.transaction():
        db.execute("DELETE FROM field_status")
        for field in changes.fields:
            db.execute(
                "INSERT OR REPLACE INTO field_status VALUES (?, ?, ?)",
                (field.field, field.waiting, field.minutes_each),
            )
        db.execute(
            "INSERT OR REPLACE INTO office_status VALUES (1, ?, ?)",
            (stamp(received_at), changes.last_seq),
        )


def waiting(db: Database, field: str, now: datetime) -> Waiting | None:
    """People waiting for ``field``, or None when central has been silent for too long.

    A field central does not name has nobody waiting. Age is measured on this kiosk's clock
    alone; after a clock jump in either direction the count is unknown until the next exchange.
    """
    office = db.row("SELECT received_at, last_seq FROM office_status")
    if office is None or abs(now - datetime.fromisoformat(office["received_at"])) > FRESH:
        return None
    row = db.row("SELECT waiting, minutes_each FROM field_status WHERE field = ?", (field,))
    if row is None:
        return Waiting(0, None, office["last_seq"])
    return Waiting(row["waiting"], row["minutes_each"], office["last_seq"])
