"""Room on the disk that holds the database."""

from __future__ import annotations

import os
from dataclasses import dataclass

from kiosk.health.check import Check
from kiosk.health.finding import Finding, Level
from kiosk.health.place import Place

_LOW_MB, _OUT_MB = 500, 100
_LOW_INODES = 0.05


@dataclass(frozen=True, slots=True)
class Room:
    """``free_mb`` megabytes for us; ``inodes`` the free share, 0 … 1 (1 where they are not
    counted)."""

    free_mb: float
    inodes: float
    writable: bool


def look(place: Place) -> Room:
    """Room where the database lies, or will lie."""
    disk = os.statvfs(place.data_folder())
    return Room(
        free_mb=disk.f_bavail * disk.f_frsize / 1e6,
        inodes=disk.f_favail / disk.f_files if disk.f_files else 1.0,
        writable=not disk.f_flag & os.ST_RDONLY,
    )


def judge(room: Room) -> Finding:
    """Out below 100 MB: a day's records and their log no longer fit with any margin."""
    figures = {"free_mb": round(room.free_mb)}
    if not room.writable:
        # The kernel's answer to a file system that contradicts itself.
        return Finding(Level.BAD, "health.space.read_only")
    if room.free_mb < _OUT_MB:
        return Finding(Level.BAD, "health.space.out", figures)
    if room.free_mb < _LOW_MB or room.inodes < _LOW_INODES:
        return Finding(Level.WATCH, "health.space.low", figures)
    return Finding(Level.GOOD, "health.space.good", figures)


CHECK = Check("space", "hardware", look, judge)
