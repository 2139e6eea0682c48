"""Whose time the kiosk lives by.

Seconds that pass (:class:`Clock`) are the machine's, or a replayed scene's. The date and time on
a ticket (:class:`OfficeClock`) are only believed as far as they can be: a Raspberry Pi without a
network begins each day with the time it was switched off at.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
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


@dataclass(frozen=True, slots=True)
class Sight:
    """What the machine's own clocks show at one instant."""

    wall: datetime
    """The system clock, UTC."""
    uptime: float
    """Seconds since the machine was started, sleep included."""
    boot: str
    """Names this run of the machine."""
    trusted: bool
    """The system clock is set by somebody who knows the time, or a clock chip says the same."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The office's time, as far as it can be known."""

    moment: datetime
    """UTC. Not certain: never later than the true time, see :class:`OfficeClock`."""
    certain: bool = True
    """The clock was right at least once since the machine was started."""
    boot: str = ""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A moment and how long the machine had been up then: the rest of its run follows."""

    moment: datetime
    uptime: float
    boot: str
    certain: bool


class OfficeClock:
    """The date and time the office's records bear.

    - A *trusted* system clock is believed, whatever was believed before.
    - Another is believed once, when the machine is started, and not below ``floor``, the newest
      moment on record: a clock that went back never brings back an earlier day. From then on
      time passes as the machine's uptime does, and a system clock that jumps is not followed.

    What is assumed: when the machine starts, a clock nobody has set may be late, never early.
    That holds for ``fake-hwclock`` and systemd-timesyncd's clock file, which restore a moment
    the machine has lived through (:manpage:`systemd-timesyncd.service(8)`), and for a clock
    chip that lost its battery, which starts at its epoch.
    """

    def __init__(
        self,
        look: Callable[[], Sight],
        anchor: Anchor | None,
        floor: datetime | None,
        keep: Callable[[Anchor], None],
    ) -> None:
        """``anchor`` is what ``keep`` was last given, in this process or an earlier one."""
        self._look = look
        self._keep = keep
        sight = look()
        if anchor is None or anchor.boot != sight.boot:
            begun = max(sight.wall, floor) if floor else sight.wall
            anchor = Anchor(begun, sight.uptime, sight.boot, certain=False)
            keep(anchor)
        self._anchor = anchor

    def __call__(self) -> Reading:
        """The time now."""
        sight = self._look()
        if sight.trusted:
            before = self._anchor
            self._anchor = Anchor(sight.wall, sight.uptime, sight.boot, certain=True)
            if not before.certain:
                self._keep(self._anchor)
        passed = timedelta(seconds=sight.uptime - self._anchor.uptime)
        return Reading(self._anchor.moment + passed, self._anchor.certain, sight.boot)


_UNSYNCHRONISED = 5
"""``TIME_ERROR``, what :manpage:`adjtimex(2)` answers while nobody sets the clock."""
_TIMEX = 256
"""Bytes, more than ``struct timex`` has on any machine; all zero: only look."""
_SYNCHRONISED_ONCE = Path("/run/systemd/timesync/synchronized")
"""Made by systemd-timesyncd when it has set the clock; a sandbox that forbids
:manpage:`adjtimex(2)` leaves this."""
_CHIP = Path("/sys/class/rtc/rtc0/since_epoch")
"""The clock chip's time, whole seconds UTC. The kernel writes to the chip only while the system
clock is synchronised; else a person did, or nobody since it lost its battery."""
_CHIP_S = 30.0
"""How far the system clock may be from the chip it was set from."""


def look_at_clocks() -> Sight:
    """What this machine's clocks show (Linux)."""
    synchronised = _synchronised()  # first: the clock is set before it counts as synchronised
    wall = datetime.now(UTC)
    return Sight(
        wall=wall,
        uptime=time.clock_gettime(time.CLOCK_BOOTTIME),
        boot=Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip(),
        trusted=synchronised or _chip_agrees(wall),
    )


def _synchronised() -> bool:
    state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX))
    return 0 <= state < _UNSYNCHRONISED or _SYNCHRONISED_ONCE.exists()


def _chip_agrees(wall: datetime) -> bool:
    try:
        return abs(wall.timestamp() - int(_CHIP.read_text(encoding="ascii"))) < _CHIP_S
    except (OSError, ValueError):
        return False  # no chip, or it keeps no time
