"""How many people the kiosk compares faces with."""

from __future__ import annotations

from kiosk.health.check import Check
from kiosk.health.finding import Finding, Level
from kiosk.health.place import Place
from kiosk.store.database import Database
from kiosk.store.keys import load_key

MEASURED = 10_000
"""The rate of wrong greetings and the time of a search are measured up to this many."""


def look(place: Place) -> int | None:
    """Templates kept; ``None`` when recognition is off or there is no database yet. Raises
    :class:`~kiosk.errors.StoreError`."""
    store = place.settings.store
    if not place.settings.recognition.enabled or not store.path.exists():
        return None
    with Database.open(store.path, load_key(store.key_file)) as db:
        return db.rows("SELECT count(*) AS kept FROM template")[0]["kept"]


def judge(templates: int | None) -> Finding:
    """More than was ever measured is no fault, but nobody knows how it does."""
    if templates is None:
        return Finding(Level.ABSENT, "health.gallery.none")
    figures = {"templates": templates, "measured": MEASURED}
    if templates > MEASURED:
        return Finding(Level.WATCH, "health.gallery.large", figures)
    return Finding(Level.GOOD, "health.gallery.good", figures)


CHECK = Check("gallery", "software", look, judge)
