"""A damaged database is set aside, kept, and what can still be read of it goes on in a new one.

Tickets, numbers and what central has still to be told are saved; citizens are not. The new
database recognises nobody until central has told of everybody from the beginning: tickets without
recognition are worth more than a kiosk that is out of order, and than a face that came back.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from kiosk.errors import StoreError
from kiosk.store import tombstones
from kiosk.store.backup import leave_one_file, put_in_place, remove
from kiosk.store.database import Database, connect_to
from kiosk.store.disk import disk_fault
from kiosk.store.sqlcipher import Connection, DriverError, Row
from kiosk.store.tickets import new_reference

_log = logging.getLogger(__name__)

_SAVED = {
    "tombstone": "citizen",
    "ticket": "seq",
    "outbox": "seq",
    "reprint": "id",
    "clock": "only",
}
"""Tables, and what their rows are read in the order of."""


def open_or_salvage(path: Path, key: str) -> Database:
    """Open the database; when it is damaged, set it aside and begin anew with what it held.

    Raises :class:`StoreError`: as for opening, and ``store_damaged`` when not even the newest
    numbers can be read: two people must never hold the same one.
    """
    try:
        return Database.open(path, key)
    except StoreError as error:
        if error.key != "store_damaged":
            raise
        _log.error("%s", error.both())
    kept = set_aside(path, key, datetime.now(UTC))
    _log.error("The damaged database is kept as %s; nobody is recognised for now", kept)
    return Database.open(path, key)


def set_aside(path: Path, key: str, now: datetime) -> Path | None:
    """Begin a new database at ``path`` with what the damaged one holds; where that is kept.

    Raises :class:`StoreError`; the damaged one is then where it was.
    """
    new = path.with_name(f"{path.name}.salvaged")
    remove(new)
    try:
        with Database.open(new, key) as db, closing(connect_to(path, key, "rw")) as damaged:
            damaged.execute("PRAGMA query_only = ON")
            _save(damaged, db, path)
            tombstones.replay(db, now)
            tombstones.await_server(db, now)
        leave_one_file(new, key)
        kept_as = f"damaged-{now:%Y%m%d-%H%M%S}"
        return put_in_place(new, path, key, kept_as, although_open=True)
    except OSError as error:
        raise disk_fault(path, error.strerror) from error
    finally:
        remove(new)


def damaged_files(path: Path) -> list[Path]:
    """The damaged databases kept beside ``path``, oldest first."""
    return sorted(each for each in path.parent.glob(f"{path.name}.damaged-*") if each.suffix != "")


def _save(damaged: Connection, db: Database, path: Path) -> None:
    with db.transaction():
        for table, order in _SAVED.items():
            saved = sum(_put(db, table, row) for row in _readable(damaged, table, order))
            _log.warning("Saved from the damaged database: %d rows of %s", saved, table)
        _go_on_counting(damaged, db, path)
        db.execute(
            "INSERT OR REPLACE INTO sqlite_sequence (rowid, name, seq) SELECT"
            " (SELECT rowid FROM sqlite_sequence WHERE name = 'outbox'), 'outbox',"
            " max((SELECT coalesce(max(seq), 0) FROM ticket),"
            " (SELECT coalesce(max(seq), 0) FROM outbox),"
            " (SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'outbox'))"
        )


def _readable(damaged: Connection, table: str, order: str) -> Iterator[Row]:
    """Every row that can be reached from either end."""
    seen: set[object] = set()
    for direction in ("ASC", "DESC"):
        with suppress(DriverError):
            statement = f"SELECT * FROM {table} ORDER BY {order} {direction}"  # noqa: S608 -- ours
            for row in damaged.execute(statement):
                if row[order] in seen:
                    break
                seen.add(row[order])
                yield row
            else:
                return  # all of it


def _put(db: Database, table: str, row: Row) -> int:
    values = {name: row[name] for name in row.keys()}  # noqa: SIM118 -- a Row is no mapping
    if table == "ticket":
        values["citizen"] = None  # citizens are not saved
    columns, marks = ", ".join(values), ", ".join(f":{name}" for name in values)
    statement = f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608 -- ours
    return db.execute(statement, values)


def _go_on_counting(damaged: Connection, db: Database, path: Path) -> None:
    """Where a ticket is lost but its number is in the index, let nobody else get that number."""
    try:
        tops = damaged.execute(
            "SELECT series, field, priority, max(sequence) top FROM ticket"
            " GROUP BY series, field, priority"
        ).fetchall()
    except DriverError as error:
        raise StoreError("store_damaged", file=path, reason="ticket") from error
    for top in tops:
        db.execute(
            "INSERT INTO ticket (id, field, priority, series, day, sequence, number, reference,"
            " way, issued_at, certain, boot, seq, printing, print_reason)"
            " SELECT ?, field, priority, series, day, ?, '?', ?, way, issued_at, certain, boot,"
            " (SELECT max(seq) + 1 FROM ticket), 'failed', 'damaged' FROM ticket"
            " WHERE series = ? AND field = ? AND priority = ? AND sequence < ?"
            " ORDER BY sequence DESC LIMIT 1",
            (
                str(uuid4()),
                top["top"],
                new_reference(),
                top["series"],
                top["field"],
                top["priority"],
                top["top"],
            ),
        ) if not _has(db, top) else None


def _has(db: Database, top: Row) -> bool:
    found = db.row(
        "SELECT 1 FROM ticket WHERE series = ? AND field = ? AND priority = ? AND sequence = ?",
        (top["series"], top["field"], top["priority"], top["top"]),
    )
    return found is not None
