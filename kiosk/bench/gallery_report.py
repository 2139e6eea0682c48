"""The figures of ``kiosk bench gallery`` and the goals beside them."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict, dataclass
from typing import Any

from kiosk.bench.frames import Spread
from kiosk.bench.report import Goal
from kiosk.vision.templates import DIMENSIONS

_GOAL_SIZE = 100_000


@dataclass(frozen=True, slots=True)
class Cost:
    """Wall-clock time of one search. ``read_ms`` is the time of reading what the kiosk's search
    reads, measured in turn with this one; ``recall`` the share of probes whose nearest template
    was found (ties within float16 aside)."""

    search_ms: Spread
    read_ms: Spread
    megabytes: float
    recall: float

    @property
    def ratio(self) -> float:
        """Search through reading, medians."""
        return round(self.search_ms.median / self.read_ms.median, 2)


@dataclass(frozen=True, slots=True)
class Report:
    """Of ``probes`` searches each."""

    probes: int
    costs: dict[int, dict[str, Cost | str]]
    """By gallery size and searcher, or why there is no figure."""

    @property
    def goals(self) -> tuple[Goal, ...]:
        """For a search of 100,000 templates."""
        cost = self.costs.get(_GOAL_SIZE, {}).get("kiosk")
        if not isinstance(cost, Cost):
            return ()
        return (
            Goal("search", cost.search_ms.median, 5.0, "ms"),
            Goal("against_reading", cost.ratio, 1.3, "×"),
        )

    def summary(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        return {
            "machine": {"processor": platform.machine(), "cores": os.cpu_count()},
            "dimensions": DIMENSIONS,
            "probes": self.probes,
            "sizes": {
                str(size): {name: _summary(cost) for name, cost in costs.items()}
                for size, costs in self.costs.items()
            },
            "goals": [asdict(goal) | {"ratio": goal.ratio} for goal in self.goals],
        }


def _summary(cost: Cost | str) -> dict[str, Any]:
    if isinstance(cost, str):
        return {"not_measured": cost}
    return asdict(cost) | {"ratio_to_reading": cost.ratio}
