"""Which of the two installed releases runs, and what a power cut or a bad release does to that.

Pure: a state, what happens, the next state. :mod:`kiosk.provision.slot_file` keeps it on disk.

::

    settled ──installed──► staged ──switch──► trial ──healthy──► settled (the new one)
                                               │ unhealthy, or the third start
                                               └──────────────► settled (the old one, version bad)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Slot = Literal["a", "b"]
SLOTS: tuple[Slot, ...] = ("a", "b")
MOST_STARTS = 3
"""Starts of the machine that a release on trial may have before the old one is back. More than
one, because a power cut says nothing about the release."""


@dataclass(frozen=True, slots=True)
class Slots:
    """``good`` is the release that is known to work."""

    good: Slot
    staged: Slot | None = None
    """Installed whole, and waiting for a quiet hour."""
    trial: Slot | None = None
    """Running, and not yet known to work."""
    starts: int = 0
    """Of the release on trial."""
    bad: tuple[str, ...] = ()
    """Versions that were tried and failed; never tried again."""

    @property
    def running(self) -> Slot:
        """The slot that runs now, or at the next start."""
        return self.trial or self.good

    @property
    def spare(self) -> Slot:
        """The slot that may be written."""
        return "b" if self.good == "a" else "a"


def emptied(slots: Slots) -> Slots:
    """The spare slot is about to be written: whatever was in it no longer counts."""
    if slots.trial:
        raise ValueError("a release is on trial: there is no spare slot")
    return replace(slots, staged=None)


def installed(slots: Slots) -> Slots:
    """The spare slot holds a whole release."""
    return replace(emptied(slots), staged=slots.spare)


def switched(slots: Slots) -> Slots:
    """The staged release is to run, on trial."""
    if slots.staged is None:
        raise ValueError("nothing is staged")
    return replace(slots, trial=slots.staged, staged=None, starts=0)


def started(slots: Slots, version: str) -> Slots:
    """The machine starts; ``version`` is what is on trial. Too often: the old one is back."""
    if slots.trial is None:
        return slots
    if slots.starts + 1 > MOST_STARTS:
        return unhealthy(slots, version)
    return replace(slots, starts=slots.starts + 1)


def healthy(slots: Slots) -> Slots:
    """The release on trial works: it is the good one from now on."""
    return slots if slots.trial is None else replace(slots, good=slots.trial, trial=None, starts=0)


def unhealthy(slots: Slots, version: str) -> Slots:
    """The release on trial does not work: back to the good one."""
    if slots.trial is None:
        return slots
    bad = tuple(dict.fromkeys((*slots.bad, version)))[-16:]
    return replace(slots, trial=None, starts=0, bad=bad)
