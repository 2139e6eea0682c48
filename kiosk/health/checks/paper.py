"""Whether there is paper, and for how long."""

from __future__ import annotations

from kiosk.errors import PrinterError
from kiosk.health.check import Check
from kiosk.health.finding import Finding, Level
from kiosk.health.parts import Parts
from kiosk.health.place import Place

PAPER = {"printer_paper_out": Level.BAD, "printer_near_end": Level.WATCH}
"""The printer's own words about its paper."""


def look(place: Place) -> Parts:
    """What the kiosk says of the printer, or who tried it."""
    return place.parts


def judge(parts: Parts) -> Finding:
    """A printer that cannot be asked does not say."""
    if parts.printer_reason == "printer_none":
        return Finding(Level.ABSENT, "health.printer.none")
    if level := PAPER.get(parts.printer_reason):
        return Finding.of(PrinterError(parts.printer_reason), level)
    if parts.printer == "ok":
        return Finding(Level.GOOD, "health.paper.good")
    return Finding(Level.UNKNOWN, "health.paper.unknown")


CHECK = Check("paper", "hardware", look, judge)
