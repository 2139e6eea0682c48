"""Whether the date on a ticket can be believed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from kiosk.clock import look_at_clocks
from kiosk.health.check import Check
from kiosk.health.finding import Finding, Level
from kiosk.health.place import Place

RELEASED = datetime(2026, 11, 1, tzinfo=UTC)
"""No kiosk of this release runs earlier: a clock that says so was never set."""


@dataclass(frozen=True, slots=True)
class ClockSeen:
    """``trusted``: set by NTP since the start, or a clock chip agrees."""

    moment: datetime
    trusted: bool


def look(place: Place) -> ClockSeen:
    """The machine's clock."""
    sight = look_at_clocks()
    return ClockSeen(place.now(), sight.trusted)


def judge(seen: ClockSeen) -> Finding:
    """A clock nobody set may be late by as long as the kiosk was off."""
    if seen.moment < RELEASED:
        return Finding(Level.BAD, "health.clock.unset", {"year": seen.moment.year})
    if not seen.trusted:
        return Finding(Level.WATCH, "health.clock.unsure")
    return Finding(Level.GOOD, "health.clock.good")


CHECK = Check("clock", "surroundings", look, judge)
