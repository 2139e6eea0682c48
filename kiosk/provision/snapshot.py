"""The database as it was before a release moved its schema, for the way back.

The release before cannot open what a newer one has moved. A snapshot is taken with the kiosk
stopped, and put back only when no number was given out in between: numbers never go back.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from kiosk.provision import durable

_FILES = ("kiosk.db", "kiosk.db-wal")
_FOLDER = "before-update"
_WHOLE = "whole"


def take(state: Path, issued: int | None) -> None:
    """Copy the database in ``state``, which holds ``issued`` numbers; nothing may have it open."""
    folder = state / _FOLDER
    discard(state)
    folder.mkdir(mode=0o700)
    for name in _FILES:
        if (state / name).exists():
            shutil.copy2(state / name, folder / name)
    os.sync()
    durable.write(folder / _WHOLE, b"" if issued is None else str(issued).encode())


def put_back(state: Path, issued: int | None) -> None:
    """Put the snapshot back, if there is one and no number was given out since: there are
    ``issued`` now. A power cut on the way leaves it to be done again."""
    folder = state / _FOLDER
    try:
        before = (folder / _WHOLE).read_bytes()
    except OSError:
        return
    if issued is not None and before and int(before) != issued:
        return
    for name in (*_FILES, "kiosk.db-shm"):
        kept, now = folder / name, state / name
        if not kept.exists():
            now.unlink(missing_ok=True)
            continue
        aside = state / f".{name}.back"
        shutil.copy2(kept, aside)
        of = folder.stat()
        os.chown(aside, of.st_uid, of.st_gid)
        aside.replace(now)
    os.sync()


def discard(state: Path) -> None:
    """The snapshot is no longer needed."""
    folder = state / _FOLDER
    (folder / _WHOLE).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
