"""How warm the processor is.

A Raspberry Pi slows down from 80 °C and more from 85 °C
(https://www.raspberrypi.com/documentation/computers/raspberry-pi.html, "Thermal control").
"""

from __future__ import annotations

from kiosk.health.check import Check
from kiosk.health.finding import Finding, Level
from kiosk.health.place import Place

_WARM_C, _HOT_C = 75.0, 82.0


def look(place: Place) -> float | None:
    """Degrees Celsius of the warmest zone; ``None`` when the machine does not say."""
    zones = (place.root / "sys/class/thermal").glob("thermal_zone*/temp")
    found = [place.number(str(zone.relative_to(place.root))) for zone in zones]
    return max((each / 1000 for each in found if each is not None), default=None)


def judge(celsius: float | None) -> Finding:
    """Warm above 75 °C, hot above 82 °C."""
    if celsius is None:
        return Finding(Level.ABSENT, "health.temperature.unmeasured")
    figures = {"celsius": round(celsius, 1)}
    if celsius > _HOT_C:
        return Finding(Level.BAD, "health.temperature.hot", figures)
    if celsius > _WARM_C:
        return Finding(Level.WATCH, "health.temperature.warm", figures)
    return Finding(Level.GOOD, "health.temperature.good", figures)


CHECK = Check("temperature", "hardware", look, judge)
