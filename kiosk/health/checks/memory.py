"""Memory that is left for programs."""

from __future__ import annotations

import re

from kiosk.health.check import Check
from kiosk.health.finding import Finding, Level
from kiosk.health.place import Place

_LOW_MB, _OUT_MB = 250, 80


def look(place: Place) -> float | None:
    """``MemAvailable`` of :manpage:`proc(5)`, megabytes."""
    found = re.search(r"^MemAvailable:\s+(\d+) kB", place.line("proc/meminfo") or "", re.MULTILINE)
    return int(found[1]) * 1024 / 1e6 if found else None


def judge(free_mb: float | None) -> Finding:
    """The kiosk at work takes up to 450 MB; below 80 MB free the kernel begins to kill."""
    if free_mb is None:
        return Finding(Level.ABSENT, "health.memory.unmeasured")
    figures = {"free_mb": round(free_mb)}
    if free_mb < _OUT_MB:
        return Finding(Level.BAD, "health.memory.out", figures)
    if free_mb < _LOW_MB:
        return Finding(Level.WATCH, "health.memory.low", figures)
    return Finding(Level.GOOD, "health.memory.good", figures)


CHECK = Check("memory", "software", look, judge)
