"""The figures of ``kiosk bench touchless`` and the goals beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from kiosk.bench.clips import Seen
from kiosk.proportion import Proportion

GOALS = {
    "wrong": 0.01,
    "missed": 0.03,
    "false_per_minute": 0.1,
    "median_s": 2.5,
    "fingers_right": 0.95,
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One person who wanted something."""

    channel: str
    wanted: str
    picked: str | None
    """What the visit took; ``None``: they gave up."""
    took_s: float
    """From the raised hand to the choice."""
    from_start_s: float
    """From the first movement of the arm to the choice."""
    lag_frames: float | None
    """How far the pointer was behind the fingertip; ``None`` where it cannot be told."""
    groups: dict[str, str]

    @property
    def right(self) -> bool:
        """They got what they wanted."""
        return self.picked == self.wanted


@dataclass(frozen=True, slots=True)
class Idle:
    """A while in which nobody wanted anything."""

    motion: str
    lasted_s: float
    picks: int
    engaged: int
    """How often a hand was taken for one that is shown on purpose."""


@dataclass(frozen=True, slots=True)
class Share:
    """How some of the attempts went."""

    attempts: int
    wrong: float
    missed: float
    median_s: float | None


def share_of(attempts: Sequence[Attempt]) -> Share:
    """Shares of 1; the median time of those who got what they wanted."""
    count = len(attempts)
    wrong = sum(a.picked is not None and not a.right for a in attempts)
    missed = sum(a.picked is None for a in attempts)
    took = [a.took_s for a in attempts if a.right]
    return Share(
        count,
        round(wrong / count, 4) if count else 0.0,
        round(missed / count, 4) if count else 0.0,
        round(median(took), 2) if took else None,
    )


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured."""

    attempts: list[Attempt]
    idle: list[Idle]
    clips: Seen | None

    @property
    def pointing(self) -> list[Attempt]:
        """Those who pointed."""
        return [attempt for attempt in self.attempts if attempt.channel == "pointing"]

    @property
    def fingers(self) -> list[Attempt]:
        """Those who raised fingers."""
        return [attempt for attempt in self.attempts if attempt.channel == "fingers"]

    @property
    def idle_min(self) -> float:
        """Minutes of idle hands."""
        return sum(one.lasted_s for one in self.idle) / 60

    def groups(self, attempts: Sequence[Attempt]) -> dict[str, dict[str, Share]]:
        """By what people, places and pictures differ in."""
        names = attempts[0].groups if attempts else {}
        return {
            name: {
                value: share_of([a for a in attempts if a.groups[name] == value])
                for value in sorted({a.groups[name] for a in attempts})
            }
            for name in names
        }

    def by_motion(self) -> dict[str, tuple[float, int, int]]:
        """Minutes, choices and engagements of each idle movement."""
        motions = {one.motion for one in self.idle}
        return {
            motion: (
                round(sum(i.lasted_s for i in self.idle if i.motion == motion) / 60, 2),
                sum(i.picks for i in self.idle if i.motion == motion),
                sum(i.engaged for i in self.idle if i.motion == motion),
            )
            for motion in sorted(motions)
        }

    def summary(self) -> dict[str, Any]:
        """Ready for JSON."""
        all_ = share_of(self.pointing)
        fingers = share_of(self.fingers)
        lags = [a.lag_frames for a in self.pointing if a.lag_frames is not None]
        starts = [a.from_start_s for a in self.pointing if a.right]
        wrong = Proportion(round(all_.wrong * all_.attempts), all_.attempts)
        missed = Proportion(round(all_.missed * all_.attempts), all_.attempts)
        picks = sum(one.picks for one in self.idle)
        return {
            "selections": all_.attempts,
            "wrong": all_.wrong,
            "missed": all_.missed,
            "false_per_minute": round(picks / self.idle_min, 3) if self.idle_min else 0.0,
            "median_s": all_.median_s,
            "cursor_latency_frames": round(median(lags), 2) if lags else None,
            "fingers_right": round(1 - fingers.wrong - fingers.missed, 4),
            "by": _plain(self.groups(self.pointing)),
            "wrong_ci95": wrong.ci95,
            "missed_ci95": missed.ci95,
            "median_from_start_s": round(median(starts), 2) if starts else None,
            "idle_minutes": round(self.idle_min, 2),
            "idle_by": {
                motion: {"minutes": minutes, "picks": picks, "engaged": engaged}
                for motion, (minutes, picks, engaged) in self.by_motion().items()
            },
            "fingers": asdict(fingers),
            "fingers_by": _plain(self.groups(self.fingers)),
            "clips": self.clips and asdict(self.clips),
            "goals": GOALS,
        }


def _plain(groups: dict[str, dict[str, Share]]) -> dict[str, dict[str, dict[str, Any]]]:
    return {
        name: {value: asdict(share) for value, share in values.items()}
        for name, values in groups.items()
    }
