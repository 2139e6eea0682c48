"""What central said: taken in whole or not at all, and from where to ask on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kiosk.store import outbox, tombstones
from kiosk.store.citizens import Citizens
from kiosk.store.database import Database, stamp
from kiosk.store.fields import keep_queues
from kiosk.store.numbers import keep_numbers
from kiosk.store.office import keep_office
from wire import (
    CHANGE_KINDS,
    Change,
    Changes,
    CitizenForgotten,
    CitizenKnown,
    OfficeChanged,
    SecretIssued,
)

_KINDS = " ".join(sorted(CHANGE_KINDS))


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far the changes have been heard."""

    stream: UUID | None = None
    """``None``: nothing yet, or not as this release would understand it."""
    after: int = 0


def cursor(db: Database) -> Cursor:
    """What to ask central for."""
    row = db.row("SELECT stream, after, kinds FROM change_cursor")
    if row is None or row["kinds"] != _KINDS:
        return Cursor()
    return Cursor(UUID(row["stream"]), row["after"])


def keep_changes(db: Database, citizens: Citizens, changes: Changes, received_at: datetime) -> None:
    """Take in an answer of central, and move the cursor, in one transaction.

    A reprint is asked for once per id, however often central repeats it; one of a ticket that
    this database does not hold is passed over. Raises :class:`StoreError`; nothing is then taken
    in, and central is asked the same again.
    """
    with db.transaction():
        _keep_reprints(db, changes, received_at)
        keep_queues(db, changes, received_at)
        keep_numbers(db, changes.numbers)
        for item in changes.items:
            _keep(db, citizens, item)
        if changes.stream is not None:
            db.execute(
                "INSERT OR REPLACE INTO change_cursor VALUES (1, ?, ?, ?)",
                (str(changes.stream), changes.cursor, _KINDS),
            )
            if not changes.more:
                tombstones.server_heard(db)
        _note_release(db, changes.release)


def hear_from_the_beginning(db: Database) -> None:
    """Ask central for everything anew."""
    db.execute("DELETE FROM change_cursor")


def revoke(db: Database, citizens: Citizens, at: datetime) -> bool:
    """This kiosk is one no more: it may be in a thief's hands. Citizens, templates and the
    office's secrets go; tickets go on. ``False`` when that was done before."""
    with db.transaction():
        new = db.execute("UPDATE server SET revoked_at = ? WHERE revoked_at IS NULL", (stamp(at),))
        citizens.clear()
        hear_from_the_beginning(db)
    db.secrets.erase()
    return bool(new)


def admitted(db: Database) -> None:
    """Central takes this kiosk for one of its own."""
    db.execute("UPDATE server SET revoked_at = NULL WHERE revoked_at IS NOT NULL")


def revoked_at(db: Database) -> str | None:
    """Since when this kiosk is one no more, ISO 8601; ``None``: it is one."""
    row = db.row("SELECT revoked_at FROM server")
    return row["revoked_at"] if row else None


def _keep(db: Database, citizens: Citizens, item: Change) -> None:
    match item.body:
        case CitizenKnown() as known:
            citizens.learn(known)
        case CitizenForgotten() as forgotten:
            citizens.bury(forgotten)
        case OfficeChanged(office=office):
            keep_office(db, office, item.position)
        case SecretIssued(secret=secret):
            db.secrets.keep(secret)


def _keep_reprints(db: Database, changes: Changes, received_at: datetime) -> None:
    for reprint in changes.reprints:
        db.execute(
            "INSERT OR IGNORE INTO reprint (id, ticket, asked_at)"
            " SELECT ?, id, ? FROM ticket WHERE id = ?",
            (str(reprint.id), stamp(received_at), str(reprint.ticket)),
        )


def _note_release(db: Database, release: str) -> None:
    """A server of another release may take what the last one refused."""
    if release and db.execute("UPDATE server SET release = ?1 WHERE release <> ?1", (release,)):
        outbox.unpark(db)
