"""What was said about waits, beside what became of them."""

from __future__ import annotations

import statistics
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Foretold:
    """One who took a number: the wait that was said then, and the real one, in minutes."""

    real: float
    estimate: float
    naive: float
    """People ahead in the field × the average minutes of one."""
    shared: float
    """The same, divided by the counters open for the field."""


@dataclass(frozen=True, slots=True)
class ErrorReport:
    """Errors in minutes over a day."""

    people: int
    mean_wait: float
    estimate_mae: float
    naive_mae: float
    shared_mae: float
    estimate_bias: float
    """Above zero: it says too much."""
    naive_bias: float
    within_5_min: float
    """Share of estimates at most five minutes off, 0 … 1."""
    naive_within_5_min: float

    def as_json(self) -> dict[str, Any]:
        """Rounded, for people and machines."""
        return {name: round(value, 3) for name, value in asdict(self).items()}


def report(foretold: list[Foretold]) -> ErrorReport | None:
    """The errors; None when nobody was told anything."""
    if not foretold:
        return None
    estimate = [each.estimate - each.real for each in foretold]
    naive = [each.naive - each.real for each in foretold]
    shared = [each.shared - each.real for each in foretold]
    return ErrorReport(
        people=len(foretold),
        mean_wait=statistics.fmean(each.real for each in foretold),
        estimate_mae=_mae(estimate),
        naive_mae=_mae(naive),
        shared_mae=_mae(shared),
        estimate_bias=statistics.fmean(estimate),
        naive_bias=statistics.fmean(naive),
        within_5_min=_within(estimate, 5),
        naive_within_5_min=_within(naive, 5),
    )


def _mae(errors: list[float]) -> float:
    return statistics.fmean(map(abs, errors))


def _within(errors: list[float], minutes: float) -> float:
    return sum(abs(error) <= minutes for error in errors) / len(errors)
