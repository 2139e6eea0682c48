"""Citizens who were erased: their ids are never to be known again.

They are kept twice. A row in the database refuses whatever arrives later. A line in a file beside
it outlives the database: an older copy that is put in its place is told at its next start whom it
must not know. Both hold an id that says nothing by itself, a time and who decided.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, cast
from uuid import UUID

from kiosk.store import durable, outbox
from kiosk.store.database import Database, stamp
from kiosk.store.disk import disk_fault
from wire import CitizenErased

_log = logging.getLogger(__name__)

Reason = Literal["asked", "expired", "central"]
_REASONS = frozenset({"asked", "expired", "central"})


@dataclass(frozen=True, slots=True)
class Tombstone:
    """One citizen who was erased."""

    citizen: str
    """UUID, as text."""
    erased_at: datetime
    reason: Reason
    """The citizen asked here, did not come for too long, or central said so."""


def tombstones_file(database: Path) -> Path:
    """Where the tombstones of a database are kept beside it."""
    return database.with_name("tombstones")


def bury(db: Database, buried: Iterable[Tombstone], now: datetime) -> list[str]:
    """Erase citizens for good, those not erased yet; their ids.

    Rows, template, consents and what central was not told yet go; central and through it the
    other kiosks hear of those whom this kiosk erases. The file is written before the commit:
    a power cut between the two erases at the next start. Raises :class:`StoreError`.
    """
    with db.transaction():
        new = [one for one in buried if _insert(db, one)]
        for one in new:
            if one.reason != "central":
                tell_central(db, one.citizen, one.reason, now)
        if new:
            _append(tombstones_file(db.path), new)
    return [one.citizen for one in new]


def tell_central(
    db: Database, citizen: str, reason: Literal["asked", "expired"], now: datetime
) -> None:
    """Say that a citizen is erased, unless that is waiting to be said already."""
    waiting = db.row(
        "SELECT 1 FROM outbox WHERE body ->> '$.citizen' = ?"
        " AND body ->> '$.kind' = 'citizen_erased' AND parked IS NULL",
        (citizen,),
    )
    if waiting is None:
        outbox.append(db, CitizenErased(citizen=UUID(citizen), reason=reason), now)


def is_buried(db: Database, citizen: str) -> bool:
    """Whether an id is never to be known again."""
    return db.row("SELECT 1 FROM tombstone WHERE citizen = ?", (citizen,)) is not None


def replay(db: Database, now: datetime) -> int:
    """Erase whom the file names and this database does not; how many.

    Called at every start, and after a backup was restored. What the file lacks is added to it.
    Raises :class:`StoreError`.
    """
    path = tombstones_file(db.path)
    on_file = {one.citizen: one for one in read(path)}
    with db.transaction():
        rows = db.rows("SELECT * FROM tombstone")
        known = {row["citizen"] for row in rows}
        unknown = [one for citizen, one in on_file.items() if citizen not in known]
        for one in unknown:
            _insert(db, one)
            if one.reason != "central":
                tell_central(db, one.citizen, one.reason, now)
        missing = [_of(row["citizen"], row["erased_at"], row["reason"]) for row in rows]
        missing = [one for one in missing if one.citizen not in on_file]
        if missing:
            _append(path, missing)
    if unknown:
        _log.warning("%d citizens erased earlier were erased from this database", len(unknown))
    return len(unknown)


def read(path: Path) -> Iterator[Tombstone]:
    """The tombstones in a file; a line that a power cut left unfinished is passed over.

    Raises :class:`StoreError` when it cannot be read.
    """
    try:
        lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    except FileNotFoundError:
        return
    except OSError as error:
        raise disk_fault(path, error.strerror) from error
    for line in lines:
        with suppress(ValueError):
            citizen, erased_at, reason = line.split()
            yield _of(str(UUID(citizen)), erased_at, reason)


def await_server(db: Database, now: datetime) -> None:
    """Recognise nobody until :func:`server_heard`: a backup was restored, and whom central has
    erased since is not known yet. Raises :class:`StoreError`."""
    with db.transaction():
        db.execute("INSERT OR IGNORE INTO tombstones_awaited VALUES (1, ?)", (stamp(now),))
        db.execute("DELETE FROM change_cursor")  # it is to tell everything, from the beginning


def server_heard(db: Database) -> None:
    """Central has told all that it knows, from the beginning. Raises :class:`StoreError`."""
    db.execute("DELETE FROM tombstones_awaited")


def awaiting_server(db: Database) -> bool:
    """Whether nobody may be recognised yet."""
    return db.row("SELECT 1 FROM tombstones_awaited") is not None


def _insert(db: Database, one: Tombstone) -> bool:
    # The triggers on this table erase everything else.
    return bool(
        db.execute(
            "INSERT OR IGNORE INTO tombstone VALUES (?, ?, ?)",
            (one.citizen, stamp(one.erased_at), one.reason),
        )
    )


def _append(path: Path, new: list[Tombstone]) -> None:
    lines = [f"{one.citizen} {stamp(one.erased_at)} {one.reason}\n" for one in new]
    # Begins on a new line, whatever a power cut left of the last one.
    durable.append(path, ("\n" + "".join(lines)).encode("ascii"))


def _of(citizen: str, erased_at: str, reason: str) -> Tombstone:
    if reason not in _REASONS:
        raise ValueError(reason)
    return Tombstone(citizen, datetime.fromisoformat(erased_at), cast("Reason", reason))
