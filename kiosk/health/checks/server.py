"""Whether the central server answers, and answers us."""

from __future__ import annotations

from contextlib import closing

from kiosk.clock import Reading, look_at_clocks
from kiosk.errors import SyncError
from kiosk.health.check import Check
from kiosk.health.finding import Finding, Level
from kiosk.health.place import Place
from kiosk.store.changes import Cursor
from kiosk.sync.client import Client


def look(place: Place) -> str | SyncError | None:
    """The release that answers, or what came instead; ``None`` without a server.

    Asks for changes as the exchange does, so that signature, certificate and both clocks are
    tried, and keeps nothing of them.
    """
    if not place.settings.sync.url:
        return None
    sight = look_at_clocks()
    reading = Reading(place.now(), sight.trusted, sight.boot)
    try:
        with closing(Client(place.settings.sync, lambda: reading)) as client:
            return client.changes(Cursor()).release or "–"
    except SyncError as error:
        return error


def judge(seen: str | SyncError | None) -> Finding:
    """Out of reach is a wait, not a fault: tickets go on and records keep. A server that refuses
    us will go on doing so."""
    if seen is None:
        return Finding(Level.ABSENT, "health.server.none")
    if isinstance(seen, SyncError):
        passing = seen.key in ("sync_unreachable", "sync_fault")
        return Finding.of(seen, Level.WATCH if passing else Level.BAD)
    return Finding(Level.GOOD, "health.server.good", {"release": seen})


CHECK = Check("server", "surroundings", look, judge)
