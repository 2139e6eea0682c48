"""A new key in place of the old: for the database, and for every column sealed under it."""

from __future__ import annotations

import os
from contextlib import closing
from datetime import datetime

from kiosk.config import StoreSettings
from kiosk.errors import StoreError
from kiosk.store import durable
from kiosk.store.backup import (
    Progress,
    copy_pages,
    leave_one_file,
    put_in_place,
    remove,
    silent,
)
from kiosk.store.database import Database, connect_to
from kiosk.store.disk import disk_fault
from kiosk.store.keys import create_key, is_credential, key_for, new_key_file
from kiosk.store.sealing import Sealing, reseal
from kiosk.store.sqlcipher import faults_translated


def rotate_key(store: StoreSettings, now: datetime, progress: Progress = silent) -> int:
    """Encrypt the database with a new key; how many citizens were sealed anew.

    The new key is on disk before the database needs it: a power cut at any moment leaves a
    database and, beside it, the key that opens it. Kiosk and sync must not run. Copies made
    before need the old key, which is gone. Raises :class:`StoreError` (``store_in_use``,
    ``store_key_credential``); the old key is then still in force.
    """
    if is_credential():
        raise StoreError("store_key_credential")
    old, path = key_for(store), store.path
    leave_one_file(path, old)
    aside = path.with_name(f"{path.name}.rekeyed")
    fresh = new_key_file(store.key_file)
    remove(aside)
    try:
        fresh.unlink(missing_ok=True)
        new = create_key(fresh)
        with Database.open(path, old) as db:
            copy_pages(db, old, aside, progress)
        with faults_translated(aside), closing(connect_to(aside, old, "rw")) as copy:
            copy.execute("PRAGMA journal_mode = DELETE")
            copy.execute(f"PRAGMA rekey = \"x'{new}'\"")
        with Database.open(aside, new) as db:
            sealed = reseal(db, Sealing.of(old))
        leave_one_file(aside, new)
        kept = put_in_place(aside, path, old, f"before-key-{now:%Y%m%d-%H%M%S}")
        os.replace(fresh, store.key_file)  # noqa: PTH105 -- says that it replaces
        durable.sync_folder(store.key_file.parent)
        if kept is not None:
            kept.unlink()  # nothing opens it any more
    except OSError as error:
        raise disk_fault(path, error.strerror) from error
    finally:
        remove(aside)
    return sealed
