"""Whether the power supply holds its voltage.

The firmware keeps bits: 0 under-voltage now, 1 capped, 2 throttled, 3 soft temperature limit; the
same sixteen higher: it happened since the start
(https://www.raspberrypi.com/documentation/computers/os.html, "get_throttled").
"""

from __future__ import annotations

from kiosk.health.check import Check
from kiosk.health.finding import Finding, Level
from kiosk.health.place import Place

_UNDER_NOW, _UNDER_ONCE = 1 << 0, 1 << 16
_SLOW_NOW = 1 << 1 | 1 << 2


def look(place: Place) -> int | None:
    """The bits; ``None`` on a machine that is no Raspberry Pi."""
    kept = place.line("sys/devices/platform/soc/soc:firmware/get_throttled")
    if kept is None and "Raspberry Pi" in (place.line("proc/device-tree/model") or ""):
        answer = place.run("vcgencmd", "get_throttled") or ""
        kept = answer.strip().removeprefix("throttled=0x")
    try:
        return int(kept, 16) if kept else None
    except ValueError:
        return None


def judge(bits: int | None) -> Finding:
    """Now is bad: writes to the card may be lost. Once is a warning."""
    if bits is None:
        return Finding(Level.ABSENT, "health.power.unmeasured")
    figures = {"bits": f"{bits:#x}"}
    if bits & _UNDER_NOW:
        return Finding(Level.BAD, "health.power.low", figures)
    if bits & _UNDER_ONCE:
        return Finding(Level.WATCH, "health.power.was_low", figures)
    if bits & _SLOW_NOW:
        return Finding(Level.WATCH, "health.power.slowed", figures)
    return Finding(Level.GOOD, "health.power.good", figures)


CHECK = Check("power", "hardware", look, judge)
