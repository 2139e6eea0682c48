"""Old entries of the system's log make room on a full disk."""

from __future__ import annotations

from kiosk.health.fix import Fix
from kiosk.health.place import Place

KEEP = "50M"
"""Some weeks of a kiosk that says little."""


def mend(place: Place) -> bool:
    """Only a journal that is on the disk takes room there."""
    if not (place.root / "var/log/journal").is_dir():
        return False
    freed = place.run("journalctl", "--quiet", "--rotate", f"--vacuum-size={KEEP}")
    return freed is not None


FIX = Fix("logs", frozenset({"health.space.low", "health.space.out"}), mend)
