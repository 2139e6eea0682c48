"""A clock that no time server sets, though the machine could ask one."""

from __future__ import annotations

from kiosk.health.fix import Fix
from kiosk.health.place import Place


def mend(place: Place) -> bool:
    """Switch NTP on where it is off; whether a server answers is another matter."""
    if (place.run("timedatectl", "show", "--property=NTP", "--value") or "").strip() != "no":
        return False
    return place.run("timedatectl", "set-ntp", "true") is not None


FIX = Fix("time_server", frozenset({"health.clock.unset", "health.clock.unsure"}), mend)
