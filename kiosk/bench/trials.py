"""Scores of comparisons whose answer is known, and the error rates they give (ISO/IEC 19795-1).

The same arithmetic serves verification (a trial is one comparison; false matches and false
non-matches) and open-set identification (a trial is one search of the gallery; false-positive and
false-negative identifications): only what the score of a trial is differs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from kiosk.proportion import Interval, Proportion

Scores = NDArray[np.float64]
Weights = NDArray[np.float64]

_RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Rate:
    """An error rate with its 95 % interval, over so many ``trials`` of so many ``people``."""

    share: float
    ci95: Interval
    trials: int
    people: int

    @property
    def complement(self) -> Rate:
        """The rate of success."""
        low, high = self.ci95
        return Rate(1 - self.share, (1 - high, 1 - low), self.trials, self.people)


@dataclass(frozen=True, slots=True, eq=False)
class Trials:
    """``mated``: scores of trials that should succeed, −∞ where nothing can make them (no face
    was found, or another person came first); ``nonmated``: of those that should not.
    ``mated_people`` and ``nonmated_people`` say, by number, whose trials they are."""

    mated: Scores
    nonmated: Scores
    mated_people: NDArray[np.intp]
    nonmated_people: NDArray[np.intp]

    @classmethod
    def of(cls, mated: Sequence[tuple[str, float]], nonmated: Sequence[tuple[str, float]]) -> Self:
        """From pairs of person and score."""
        return cls(
            np.array([score for _, score in mated], np.float64),
            np.array([score for _, score in nonmated], np.float64),
            _numbered([person for person, _ in mated]),
            _numbered([person for person, _ in nonmated]),
        )

    def misses_at(self, false_rate: float) -> Rate:
        """Share of mated trials below the lowest threshold at which no more than ``false_rate``
        of the non-mated ones succeed: FNMR at an FMR, or FNIR at an FPIR."""
        return self.rate(lambda mated, nonmated: _misses(self, false_rate, mated, nonmated))

    def equal_error(self) -> Rate:
        """The rate at the threshold where the two kinds of error are nearest to each other: the
        mean of the two."""
        scores = np.concatenate((self.mated, self.nonmated))
        order = np.argsort(scores, kind="stable")
        ranked, is_mated = scores[order], order < len(self.mated)
        ends = np.append(ranked[1:] != ranked[:-1], True)

        def error(mated: Weights, nonmated: Weights) -> float:
            counts = np.concatenate((mated, nonmated))[order]
            missed = np.cumsum(counts * is_mated)[ends] / mated.sum()
            false = 1 - np.cumsum(counts * ~is_mated)[ends] / nonmated.sum()
            nearest = int(np.abs(missed - false).argmin())
            return float(missed[nearest] + false[nearest]) / 2

        return self.rate(error)

    def curve(self) -> tuple[Scores, Scores]:
        """The detection error trade-off: false rate, falling, and miss rate, rising, at each
        threshold just above a non-mated score."""
        scores = np.unique(self.nonmated[np.isfinite(self.nonmated)])
        false = 1 - np.searchsorted(np.sort(self.nonmated), scores, "right") / len(self.nonmated)
        missed = np.searchsorted(np.sort(self.mated), scores, "right") / len(self.mated)
        return false, missed

    def rate(self, error: Callable[[Weights, Weights], float]) -> Rate:
        """An error rate, given as a function of how often each mated and each non-mated trial
        counts, with its interval.

        The interval is the percentile bootstrap over people (Efron and Tibshirani, 1993, 13.3):
        they are drawn with replacement, each with all their trials, and the threshold is found
        anew each time. Where no error was seen that would be an interval of no width: then it is
        Clopper and Pearson's for none among so many people.
        """
        ones = np.ones(len(self.mated)), np.ones(len(self.nonmated))
        share = error(*ones)
        people = 1 + int(self.mated_people.max(initial=-1))
        interval = Proportion(0, people).ci95 if share == 0 else self._bootstrap(error)
        return Rate(share, interval, len(self.mated), people)

    def _bootstrap(self, error: Callable[[Weights, Weights], float]) -> Interval:
        random = np.random.default_rng(0)
        drawn = [
            error(_redrawn(self.mated_people, random), _redrawn(self.nonmated_people, random))
            for _ in range(_RESAMPLES)
        ]
        low, high = np.quantile(drawn, (0.025, 0.975)).tolist()
        return (low, high)


def threshold_at(nonmated: Scores, false_rate: float, weights: Weights | None = None) -> float:
    """The lowest threshold that no more than ``false_rate`` of the scores reach; scores equal to
    it reach it. Of ``nonmated`` each counts ``weights`` times."""
    order = np.argsort(-nonmated, kind="stable")
    ranked = nonmated[order]
    counts = np.cumsum(np.ones(len(ranked)) if weights is None else weights[order])
    allowed = false_rate * counts[-1] * (1 + 1e-12) if len(counts) else 0.0
    too_many = int(np.searchsorted(counts, allowed, "right"))
    return float(np.nextafter(ranked[too_many], np.inf)) if too_many < len(ranked) else -np.inf


def _misses(trials: Trials, false_rate: float, mated: Weights, nonmated: Weights) -> float:
    threshold = threshold_at(trials.nonmated, false_rate, nonmated)
    missed = (trials.mated < threshold) | np.isneginf(trials.mated)
    return float(mated @ missed / mated.sum())


def _redrawn(people: NDArray[np.intp], random: np.random.Generator) -> Weights:
    """How often each trial counts when its people are drawn with replacement."""
    number = 1 + int(people.max(initial=-1))
    drawn = np.bincount(random.integers(0, number, number), minlength=number)
    return drawn[people].astype(np.float64)


def _numbered(people: Sequence[str]) -> NDArray[np.intp]:
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(each, len(numbers)) for each in people], np.intp)
