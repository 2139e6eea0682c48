"""Whose time the kiosk lives by: the wall's, or a replayed scene's."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol


class Clock(Protocol):
    """Seconds that never go back."""

    def now(self) -> float:
        """The time now."""
        ...

    def frame(self, at: float) -> None:
        """A frame taken at ``at`` (the camera's time) is being dealt with."""
        ...


class WallClock:
    """``time.monotonic``: what a kiosk with a live camera lives by."""

    def now(self) -> float:
        """The time now."""
        return time.monotonic()

    def frame(self, at: float) -> None:
        """Live frames do not set the time."""


class SceneClock:
    """A scripted scene's time: it stands still between frames.

    Work that takes real time while the scene waits (paper moving) is credited, so that a
    stage lasts in scene time what it lasted on this machine.
    """

    def __init__(self, wall: Callable[[], float] = time.monotonic) -> None:
        self._wall = wall
        self._scene = 0.0
        self._credit = 0.0
        self._waiting_since: float | None = None
        self._began: float | None = None

    def now(self) -> float:
        """Scene time of the newest frame, and what was credited since the scene began."""
        waited = 0.0 if self._waiting_since is None else self._wall() - self._waiting_since
        return self._scene + self._credit + waited

    def frame(self, at: float) -> None:
        """The scene has come to ``at``."""
        if self._began is None:
            self._began = self._wall() - at
        self._scene = max(self._scene, at)

    def ahead_s(self) -> float:
        """How far the scene is ahead of real time since its first frame; negative: behind."""
        return 0.0 if self._began is None else self.now() - (self._wall() - self._began)

    def wait(self) -> None:
        """The scene is held while something real happens: real time passes."""
        if self._waiting_since is None:
            self._waiting_since = self._wall()

    def resume(self) -> None:
        """The scene goes on from here."""
        if self._waiting_since is not None:
            self._credit += self._wall() - self._waiting_since
            self._waiting_since = None
