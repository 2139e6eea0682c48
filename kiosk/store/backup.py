"""Copies of the database: made while the kiosk works, put back without bringing anybody back.

A copy is one file, encrypted as the database is, with the office's secrets in it. Tombstones stay
where they are, beside the database: whoever was erased since the copy was made is erased from it
before it takes the database's place.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path

from kiosk.errors import StoreError
from kiosk.store import durable, tombstones
from kiosk.store.database import Database, connect_to
from kiosk.store.disk import disk_fault
from kiosk.store.sqlcipher import faults_translated

Progress = Callable[[int, int], None]
"""Called with pages left and pages in all."""

_STEP = 256
"""Pages copied at once: the kiosk waits no longer than for those."""


def silent(_left: int, _all: int) -> None:
    """Tell nobody."""


def back_up(db: Database, key: str, folder: Path, keep: int) -> Path:
    """Copy ``db`` (open with ``key``), as it is at this moment, into ``folder``, and keep the
    newest ``keep`` copies. Raises :class:`StoreError`."""
    newest = db.rows("SELECT strftime('%Y%m%dT%H%M%fZ', 'now') AS at")[0]["at"]
    copy = folder / f"{db.path.stem}-{newest}.db"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        copy_to(db, key, copy)
        for old in sorted(folder.glob(f"{db.path.stem}-*.db"))[:-keep]:
            old.unlink()
    except OSError as error:
        raise disk_fault(folder, error.strerror) from error
    return copy


def copy_to(db: Database, key: str, file: Path, progress: Progress = silent) -> None:
    """Copy what is committed in ``db`` (open with ``key``) to ``file``, a new one (mode 0600).

    Raises :class:`StoreError`: ``store_file_exists``, or it cannot be read or written; then there
    is no ``file``.
    """
    if file.exists():
        raise StoreError("store_file_exists", file=file)
    aside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        copy_pages(db, key, aside, progress)
        with faults_translated(aside), closing(connect_to(aside, key, "rw")) as copy:
            copy.execute("PRAGMA journal_mode = DELETE")  # one file
            copy.execute("CREATE TABLE carried (name TEXT PRIMARY KEY, content BLOB NOT NULL)")
            copy.execute("INSERT INTO carried VALUES ('secrets', ?)", (db.secrets.dump(),))
        aside.rename(file)
        durable.sync_folder(file.parent)
    except OSError as error:
        raise disk_fault(file, error.strerror) from error
    finally:
        remove(aside)


def copy_pages(db: Database, key: str, target: Path, progress: Progress = silent) -> None:
    """Copy ``db`` page by page to ``target``, a new file (mode 0600). Raises
    :class:`StoreError` and :class:`OSError`."""
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with faults_translated(target), closing(connect_to(target, key, "rw")) as copy:
        db.copy_into(copy, _STEP, lambda _state, left, pages: progress(left, pages))


def restore(file: Path, path: Path, key: str, now: datetime) -> Path | None:
    """Put the copy ``file`` in the place of the database ``path``; where that is kept now.

    Nobody who was erased since comes back: tombstones are replayed before the copy is in place,
    and with a server nobody is recognised until it has told of its own. Kiosk and sync must not
    run. Raises :class:`StoreError` (``store_in_use``, ``store_no_backup``, or as for opening);
    the database is then as it was.
    """
    if not file.is_file():
        raise StoreError("store_no_backup", file=file)
    aside = path.with_name(f"{path.name}.restoring")
    remove(aside)
    try:
        _lay_out(file, aside, key, now)
        return put_in_place(aside, path, key, f"before-restore-{now:%Y%m%d-%H%M%S}")
    except OSError as error:
        raise disk_fault(path, error.strerror) from error
    finally:
        remove(aside)


def _lay_out(file: Path, aside: Path, key: str, now: datetime) -> None:
    durable.replace(aside, file.read_bytes())
    with Database.open(aside, key) as db:
        if not db.rows("SELECT 1 FROM sqlite_schema WHERE name = 'carried'"):
            raise StoreError("store_no_backup", file=file)
        [row] = db.rows("SELECT content FROM carried WHERE name = 'secrets'")
        db.secrets.merge(row["content"])
        db.execute("DROP TABLE carried")
        tombstones.replay(db, now)
        tombstones.await_server(db, now)
    leave_one_file(aside, key)


def leave_one_file(path: Path, key: str) -> None:
    """Fold the log of a database nobody else has open into its file.

    Raises :class:`StoreError` ``store_in_use`` when somebody has.
    """
    try:
        with faults_translated(path), closing(connect_to(path, key, "rw")) as connection:
            connection.execute("PRAGMA busy_timeout = 200")
            connection.execute("PRAGMA journal_mode = DELETE")
    except StoreError as error:
        raise (
            StoreError("store_in_use", file=path) if error.key == "store_busy" else error
        ) from None


def put_in_place(
    new: Path, path: Path, key: str, kept_as: str, *, although_open: bool = False
) -> Path | None:
    """Let ``new`` (one file) be the database; where the old one is kept, if there was one.

    Whoever has the old one open keeps it, under its new name, until they look
    (:meth:`Database.is_replaced`); unless ``although_open``, they make this raise
    :class:`StoreError` ``store_in_use``. There is a database at ``path`` all the time, the old or
    the new. One that is damaged keeps its log beside it under the same new name.
    """
    kept = None
    if path.exists():
        kept = _unused(path.with_name(f"{path.name}.{kept_as}"))
        try:
            leave_one_file(path, key)
        except StoreError as error:
            if error.key == "store_in_use" and not although_open:
                raise
            set_log_aside(path, kept)
        kept.hardlink_to(path)
    new.rename(path)
    durable.sync_folder(path.parent)
    return kept


def _unused(name: Path) -> Path:
    count = 1
    while (free := name if count == 1 else name.with_name(f"{name.name}.{count}")).exists():
        count += 1
    return free


def set_log_aside(path: Path, kept: Path) -> None:
    """A log must never be taken for one of another database."""
    log = path.with_name(f"{path.name}-wal")
    with suppress(FileNotFoundError):
        log.rename(kept.with_name(f"{kept.name}-wal"))
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)


def remove(path: Path) -> None:
    """Remove a database that was only made on the way, and what lies beside it."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        with suppress(OSError):
            path.with_name(path.name + suffix).unlink()


KEPT = timedelta(days=7)
"""A copy made before a migration or a restore holds faces that may be erased since."""


def drop_outdated(path: Path, now: datetime) -> None:
    """Remove copies kept beside the database ``path`` for longer than :data:`KEPT`. Raises
    :class:`StoreError` when one cannot be removed."""
    try:
        for copy in path.parent.glob(f"{path.name}.before-*"):
            if now.timestamp() - copy.stat().st_mtime > KEPT.total_seconds():
                copy.unlink(missing_ok=True)
    except OSError as error:
        raise disk_fault(path, error.strerror) from error
