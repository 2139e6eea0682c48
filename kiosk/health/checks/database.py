"""Whether the database opens with its key and every page and row of it is whole."""

from __future__ import annotations

from kiosk.errors import StoreError
from kiosk.health.check import Check
from kiosk.health.finding import Finding, Level
from kiosk.health.place import Place
from kiosk.store.database import Database
from kiosk.store.keys import load_key


def look(place: Place) -> StoreError | float | None:
    """Its size in megabytes, what is wrong with it, or ``None`` when there is none yet: looking
    makes none."""
    path = place.settings.store.path
    if not path.exists():
        return None
    try:
        # Opening reads, decrypts and authenticates every page.
        with Database.open(path, load_key(place.settings.store.key_file)):
            return path.stat().st_size / 1e6
    except StoreError as error:
        return error


def judge(seen: StoreError | float | None) -> Finding:
    """A database that is busy is a sound one."""
    if seen is None:
        return Finding(Level.UNKNOWN, "health.database.none")
    if isinstance(seen, StoreError):
        busy = seen.key == "store_busy"
        return Finding.of(seen, Level.WATCH if busy else Level.BAD)
    return Finding(Level.GOOD, "health.database.good", {"megabytes": round(seen, 1)})


CHECK = Check("database", "software", look, judge)
