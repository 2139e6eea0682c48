"""Whether this kiosk runs what its server does."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kiosk import __version__
from kiosk.health.check import Check
from kiosk.health.finding import Finding, Level
from kiosk.health.place import Place
from kiosk.store.database import Database
from kiosk.store.keys import load_key


@dataclass(frozen=True, slots=True)
class Releases:
    """``server`` is what central last said, empty when it was never heard."""

    kiosk: str
    server: str = ""


def look(place: Place) -> Releases:
    """Ours, and central's as the exchange noted it. Raises :class:`~kiosk.errors.StoreError`."""
    store = place.settings.store
    if not place.settings.sync.url or not store.path.exists():
        return Releases(__version__)
    with Database.open(store.path, load_key(store.key_file)) as db:
        row = db.row("SELECT release FROM server")
    return Releases(__version__, row["release"] if row else "")


def judge(releases: Releases) -> Finding:
    """Patch releases may differ for as long as an update is rolled out."""
    figures = {"kiosk": releases.kiosk, "server": releases.server or "–"}
    if _series(releases.server) > _series(releases.kiosk):
        return Finding(Level.WATCH, "health.version.older", figures)
    return Finding(Level.GOOD, "health.version.good", figures)


def _series(release: str) -> tuple[int, ...]:
    """Major and minor; nothing is older than everything."""
    found = re.match(r"(\d+)\.(\d+)", release)
    return tuple(map(int, found.groups())) if found else ()


CHECK = Check("version", "software", look, judge)
