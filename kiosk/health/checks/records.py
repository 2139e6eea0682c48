"""How long records have been waiting for central."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from kiosk.health.check import Check
from kiosk.health.finding import Finding, Level
from kiosk.health.place import Place
from kiosk.store import outbox
from kiosk.store.database import Database
from kiosk.store.keys import load_key

_LONG, _TOO_LONG = timedelta(days=1), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Waiting:
    """``age`` of the oldest that waits; ``parked`` were put aside, because central refuses them
    or they fit no contract."""

    events: int
    age: timedelta
    parked: int


def look(place: Place) -> Waiting | None:
    """The queue; ``None`` without a server or a database. Raises
    :class:`~kiosk.errors.StoreError`."""
    store = place.settings.store
    if not place.settings.sync.url or not store.path.exists():
        return None
    with Database.open(store.path, load_key(store.key_file)) as db:
        state = outbox.state(db)
    oldest = datetime.fromisoformat(state.oldest_at) if state.oldest_at else place.now()
    age = max(place.now() - oldest, timedelta(0))
    return Waiting(sum(state.waiting.values()), age, len(state.parked))


def judge(waiting: Waiting | None) -> Finding:
    """A day is a night and a morning without a network; a week is a fault nobody has seen."""
    if waiting is None:
        return Finding(Level.ABSENT, "health.records.none")
    figures = {"events": waiting.events, "hours": round(waiting.age.total_seconds() / 3600)}
    if waiting.age > _TOO_LONG:
        return Finding(Level.BAD, "health.records.stuck", figures)
    if waiting.age > _LONG:
        return Finding(Level.WATCH, "health.records.late", figures)
    if waiting.parked:
        return Finding(Level.WATCH, "health.records.parked", {"events": waiting.parked})
    return Finding(Level.GOOD, "health.records.good", figures)


CHECK = Check("records", "software", look, judge)
