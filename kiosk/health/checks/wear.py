"""How worn the storage card is.

eMMC and some industrial SD cards tell: JEDEC JESD84-B51, registers ``DEVICE_LIFE_TIME_EST`` (1 …
11: tenths of the life used up, 11 past it) and ``PRE_EOL_INFO`` (1 normal, 2 warning, 3 urgent).
Of others the file system knows how much was ever written to it, and the errors it met.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from kiosk.health.check import Check
from kiosk.health.finding import Finding, Level
from kiosk.health.place import Place

_TIRED, _SPENT = 9, 11
_URGENT = 3
_MANY_FILLS = 150
"""Times its size written: half of what 300 erase cycles, a modest consumer card's, give when each
byte written costs one of flash. A rule of thumb, not a measurement."""
_SECTOR = 512


@dataclass(frozen=True, slots=True)
class Wear:
    """``life`` and ``end`` as above, ``None`` for a card that does not tell; ``fills`` how many
    times its size was written; ``errors`` of the file system since it was last checked."""

    life: int | None
    end: int | None
    fills: float | None
    errors: int


def look(place: Place) -> Wear | None:
    """The card below the database; ``None`` when it is no block device of this machine."""
    number = os.stat(place.data_folder()).st_dev  # noqa: PTH116 -- as os.major wants it
    here = place.root / f"sys/dev/block/{os.major(number)}:{os.minor(number)}"
    if not here.exists():
        return None
    volume = here.resolve()
    disk = volume.parent if (volume / "partition").exists() else volume
    volume_path, disk_path = (
        str(each.relative_to(place.root.resolve())) for each in (volume, disk)
    )
    lives = [int(each, 16) for each in (place.line(f"{disk_path}/device/life_time") or "").split()]
    ext4 = f"sys/fs/ext4/{volume.name}"
    written_kb = place.number(f"{ext4}/lifetime_write_kbytes")
    sectors = place.number(f"{volume_path}/size")
    return Wear(
        life=max(lives, default=None),
        end=place.number(f"{disk_path}/device/pre_eol_info"),
        fills=written_kb * 1024 / (sectors * _SECTOR) if written_kb and sectors else None,
        errors=place.number(f"{ext4}/errors_count") or 0,
    )


def judge(wear: Wear | None) -> Finding:
    """Errors and a spent life are bad: the next thing to go is a record."""
    if wear is None:
        return Finding(Level.ABSENT, "health.wear.unmeasured")
    figures = {"fills": round(wear.fills or 0), "life_percent": (wear.life or 0) * 10}
    if wear.errors:
        return Finding(Level.BAD, "health.wear.errors", {"errors": wear.errors})
    if (wear.life or 0) >= _SPENT or (wear.end or 0) >= _URGENT:
        return Finding(Level.BAD, "health.wear.spent", figures)
    if (wear.life or 0) >= _TIRED or (wear.end or 0) == _URGENT - 1:
        return Finding(Level.WATCH, "health.wear.tired", figures)
    if wear.life is None and (wear.fills or 0) >= _MANY_FILLS:
        return Finding(Level.WATCH, "health.wear.written", figures)
    return Finding(Level.GOOD, "health.wear.good", figures)


CHECK = Check("wear", "hardware", look, judge)
