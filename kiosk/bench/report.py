"""The figures of ``kiosk bench vision`` and the goals beside them."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict, dataclass
from typing import Any

from kiosk.bench.frames import OTHERS_ENROLLED, Decision, Spread, StageCost
from kiosk.bench.processes import VisionProcess, WholeKiosk
from kiosk.bench.scenes import POINTING, SITUATIONS


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure and the most it may be."""

    name: str
    figure: float
    goal: float
    unit: str

    @property
    def ratio(self) -> float:
        """Figure through goal; above 1 the goal is missed."""
        return round(self.figure / self.goal, 2)


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured."""

    frames: dict[str, dict[str, StageCost]]
    """By situation and stage."""
    decisions: list[Decision]
    starts: list[VisionProcess]
    kiosk: WholeKiosk

    @property
    def waited(self) -> Spread:
        """From a usable face to a decision."""
        return Spread.of([decision.waited_ms for decision in self.decisions])

    @property
    def spent(self) -> Spread:
        """CPU time from a usable face to a decision."""
        return Spread.of([decision.cpu_ms for decision in self.decisions])

    @property
    def right(self) -> int:
        """How many of the decisions named the right citizen."""
        return sum(decision.right for decision in self.decisions)

    @property
    def typical_start(self) -> VisionProcess:
        """The start that took the median time (of an even number, the longer)."""
        by_time = sorted(self.starts, key=lambda start: start.first_result_s)
        return by_time[len(by_time) // 2]

    @property
    def goals(self) -> tuple[Goal, ...]:
        """The figures there is a goal for. The goal of the decision is a Raspberry Pi 5's."""
        frame = self.frames[POINTING.name]["total"].cpu_ms.mean
        return (
            Goal("frame", frame, 20.0, "CPU-ms"),
            Goal("face_decision", self.waited.p95, 200.0, "ms"),
            Goal("screen", self.kiosk.screen_s, 5.0, "s"),
            Goal("memory", self.kiosk.together.rss_mb, 450.0, "MB"),
        )

    def summary(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        sizes = {each.name: each.size for each in SITUATIONS}
        return {
            "machine": {"processor": platform.machine(), "cores": os.cpu_count()},
            "frames": {
                name: {"size": sizes[name], "stages": {s: asdict(c) for s, c in costs.items()}}
                for name, costs in self.frames.items()
            },
            "face_decision": {
                "visits": len(self.decisions),
                "right": self.right,
                "enrolled": 1 + OTHERS_ENROLLED,
                "waited_ms": asdict(self.waited),
                "cpu_ms": asdict(self.spent),
            },
            "vision_process": asdict(self.typical_start),
            "kiosk": asdict(self.kiosk),
            "goals": [asdict(goal) | {"ratio": goal.ratio} for goal in self.goals],
        }
