"""Whether the ticket printer answers, and says that it is well."""

from __future__ import annotations

from kiosk.errors import PrinterError
from kiosk.health.check import Check
from kiosk.health.checks.paper import PAPER
from kiosk.health.finding import Finding, Level
from kiosk.health.parts import Parts
from kiosk.health.place import Place


def look(place: Place) -> Parts:
    """What the kiosk says of it, or who tried it."""
    return place.parts


def judge(parts: Parts) -> Finding:
    """A printer that does not say is not well: its tickets have to be looked at."""
    if parts.printer_reason == "printer_none":
        return Finding(Level.ABSENT, "health.printer.none")
    if parts.printer == "ok" or parts.printer_reason in PAPER:
        return Finding(Level.GOOD, "health.printer.good")
    if not parts.printer_reason:
        return Finding(Level.UNKNOWN, "health.printer.starting")
    level = Level.BAD if parts.printer == "bad" else Level.WATCH
    return Finding.of(PrinterError(parts.printer_reason), level)


CHECK = Check("printer", "hardware", look, judge)
