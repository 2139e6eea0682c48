"""From a score to the probability that two different people score as high.

Non-mated scores have a generalised Pareto tail above a high quantile (Pickands 1975, Balkema &
de Haan 1974). Of its three parameters *shape* belongs to the embedding and takes millions of
comparisons to tell; *location* and *scale* also depend on the camera, the light and the people
of an office, so that the office's own gallery corrects them. Nothing extra is stored for it:
the templates of different citizens are compared with each other.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

EXCEEDED = 0.001
"""Share of non-mated comparisons above the tail's location. From a lower quantile on, the tail
is not yet of one shape: single and fused templates then seemed to differ far out, and do not."""
MOST_SAMPLED = 2000
"""Templates compared with each other at most: two million pairs, a fifth of a second on a
Raspberry Pi 4. What limits the estimate is the number of people, not of pairs."""
PRIOR_PEOPLE = 500
"""An office with so many citizens is believed as much as the sample the embedding was measured
on. Of 100, 200, 400 and 800 people drawn from that sample, their own estimate of the score that
one comparison in 10^7 reaches had a standard deviation of 0.16, 0.09, 0.04 and 0.02; so weighted,
chance moves it by less than 0.03 however many they are."""


@dataclass(frozen=True, slots=True)
class ImpostorTail:
    """How the scores of different people are distributed where it matters, near the top.

    ``location`` is the score that :data:`EXCEEDED` of them pass, ``scale`` how far beyond it
    they lie, ``shape`` (below 0: there is a highest score) how the tail thins out. ``people``
    and ``comparisons`` are the sample it comes from.
    """

    location: float
    scale: float
    shape: float
    people: int
    comparisons: int

    def false_match_probability(self, score: float) -> float:
        """The probability that a comparison of two different people scores ``score`` or more.

        Below the location, where nothing is decided, an upper bound.
        """
        beyond = (score - self.location) / self.scale
        if beyond <= 0:
            return min(1.0, EXCEEDED * math.exp(-beyond))
        return EXCEEDED * max(0.0, 1 + self.shape * beyond) ** (-1 / self.shape)

    def threshold(self, probability: float) -> float:
        """The score that different people reach with ``probability`` (above 0)."""
        if probability >= EXCEEDED:
            return self.location - self.scale * math.log(probability / EXCEEDED)
        return (
            self.location + self.scale * ((EXCEEDED / probability) ** self.shape - 1) / self.shape
        )


@cache
def shipped() -> ImpostorTail:
    """The tail measured for the embedding that ships, before the office's own people are known:
    ``calibration.toml``, made by ``scripts/calibrate.py``."""
    table = tomllib.loads(Path(__file__).with_name("calibration.toml").read_text(encoding="utf-8"))
    return ImpostorTail(**table["impostors"])


def recalibrated(
    prior: ImpostorTail, ids: Sequence[str], matrix: NDArray[np.float32]
) -> ImpostorTail:
    """``prior`` corrected by what an office's own templates say: row *i* of ``matrix``,
    (n, 192), is citizen ``ids[i]``'s.

    Location and scale become means of the prior's and the office's, weighted by
    :data:`PRIOR_PEOPLE` and its number of citizens. The office's are a quantile and a median,
    which a few people enrolled twice, or twins, do not move.
    """
    scores, people = cross_scores(ids, matrix)
    if not len(scores):
        return prior
    location = float(np.quantile(scores, 1 - EXCEEDED))
    excesses = scores[scores > location] - location
    middle = float(np.median(excesses)) if len(excesses) else 0.0
    weight = people / (people + PRIOR_PEOPLE)
    return replace(
        prior,
        location=(1 - weight) * prior.location + weight * location,
        scale=(1 - weight) * prior.scale + weight * scale_of(middle, prior.shape),
        people=prior.people + people,
        comparisons=prior.comparisons + len(scores),
    )


def cross_scores(
    ids: Sequence[str], matrix: NDArray[np.float32]
) -> tuple[NDArray[np.float32], int]:
    """Scores of templates of different citizens with each other, and how many citizens: of all,
    or of :data:`MOST_SAMPLED` templates spread evenly."""
    rows = sampled(len(ids))
    citizens, owner = np.unique(np.array(ids, np.str_)[rows], return_inverse=True)
    if len(citizens) < 2:
        return np.empty(0, np.float32), len(citizens)
    some = matrix[rows]
    first, second = np.triu_indices(len(rows), 1)
    return (some @ some.T)[first, second][owner[first] != owner[second]], len(citizens)


def sampled(count: int) -> NDArray[np.intp]:
    """At most :data:`MOST_SAMPLED` of so many rows, spread evenly."""
    return np.linspace(0, count - 1, min(count, MOST_SAMPLED)).astype(np.intp)


def scale_of(median_excess: float, shape: float) -> float:
    """The scale of a generalised Pareto tail of which half lies above ``median_excess``."""
    return median_excess * shape / (2**shape - 1)
