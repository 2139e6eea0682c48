"""A share of trials, never without its uncertainty."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

Interval = tuple[float, float]
"""Low and high end of a 95 % confidence interval."""

_TAIL = 0.025
_BISECTIONS = 60
"""Halvings of [0, 1]: more than a float's worth of digits."""


@dataclass(frozen=True, slots=True)
class Proportion:
    """``events`` of ``trials`` that could not influence one another."""

    events: int
    trials: int

    @property
    def share(self) -> float:
        """0 … 1; zero of no trials."""
        return self.events / self.trials if self.trials else 0.0

    @property
    def ci95(self) -> Interval:
        """The exact interval of Clopper and Pearson, "The use of confidence or fiducial limits
        illustrated in the case of the binomial" (Biometrika 26, 1934): right at least 95 % of
        the time for any true share. (0, 1) of no trials."""
        if not self.trials:
            return (0.0, 1.0)
        misses = self.trials - self.events
        return (1 - _upper(misses, self.trials), _upper(self.events, self.trials))


def _upper(events: int, trials: int) -> float:
    """The share at which so few events, or fewer, have a probability of 2.5 %."""
    if events == trials:
        return 1.0
    low, high = events / trials, 1.0
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if _at_most(events, trials, middle) > _TAIL:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _at_most(events: int, trials: int, share: float) -> float:
    """Binomial probability of ``events`` or fewer, 0 < ``share`` < 1."""
    if not 0 < share < 1:
        return float(share <= 0)
    counts = np.arange(1, events + 1)
    steps = np.log(trials - counts + 1) - np.log(counts)
    combinations = np.concatenate(([0.0], np.cumsum(steps)))
    successes = np.arange(events + 1)
    logs = combinations + successes * math.log(share) + (trials - successes) * math.log1p(-share)
    return float(np.exp(logs).sum())
