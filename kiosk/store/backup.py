"""Whole copies of the database, encrypted with the same key, for the day the file is damaged."""

from __future__ import annotations

import os
from pathlib import Path

from kiosk.store.database import Database
from kiosk.store.disk import disk_fault


def back_up(db: Database, folder: Path, keep: int) -> Path:
    """Write a copy of ``db``, as it is at this moment, into ``folder``; keep the newest ``keep``.

    The copy appears under its name only when it is whole and on disk. Citizens who are erased
    later are still in it, sealed; the file of tombstones keeps them from coming back. Raises
    :class:`StoreError`.
    """
    newest = db.rows("SELECT strftime('%Y%m%dT%H%M%fZ', 'now') AS at")[0]["at"]
    copy = folder / f"{db.path.stem}-{newest}.db"
    aside = copy.with_suffix(".part")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside.unlink(missing_ok=True)
        db.execute("VACUUM INTO ?", (str(aside),))
        aside.chmod(0o600)
        _to_disk(aside)
        aside.replace(copy)
        _to_disk(folder)
        for old in sorted(folder.glob(f"{db.path.stem}-*.db"))[:-keep]:
            old.unlink()
    except OSError as error:
        raise disk_fault(folder, error.strerror) from error
    return copy


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
