"""Whether central knows this kiosk, and for how long it has had its key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from kiosk.health.check import Check
from kiosk.health.finding import Finding, Level
from kiosk.health.place import Place
from kiosk.sync.identity import load_identity

_OLD_DAYS = 3 * 365
"""The key of a device that stands where anybody can reach it is renewed now and then."""


@dataclass(frozen=True, slots=True)
class Known:
    """``name`` is the one central gave; ``days`` since the key was made."""

    name: str
    days: int


def look(place: Place) -> Known | None:
    """The identity; ``None`` without a server. Raises :class:`~kiosk.errors.SyncError`."""
    sync = place.settings.sync
    if not sync.url:
        return None
    identity = load_identity(sync.device_file)
    made = datetime.fromtimestamp(sync.device_file.stat().st_mtime, UTC)
    return Known(identity.name, (place.now() - made).days)


def judge(known: Known | None) -> Finding:
    """A kiosk that is not enrolled keeps its records for itself."""
    if known is None:
        return Finding(Level.ABSENT, "health.identity.none")
    figures = {"name": known.name, "days": known.days}
    if known.days > _OLD_DAYS:
        return Finding(Level.WATCH, "health.identity.old", figures)
    return Finding(Level.GOOD, "health.identity.good", figures)


CHECK = Check("identity", "software", look, judge)
