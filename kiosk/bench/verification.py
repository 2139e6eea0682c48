"""Two pictures: one person or two? (1:1, ten folds of people as Labelled Faces in the Wild has)"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from kiosk.bench.dataset import Pair
from kiosk.bench.trials import Rate, Scores, Trials

NEVER = -np.inf
"""The score of a comparison that could not be made, because a face was not found: below every
threshold, so that a mated pair is missed and a non-mated one told apart."""


@dataclass(frozen=True, slots=True)
class Verification:
    """``accuracy`` is the share of pairs told rightly at the threshold that tells most pairs of
    the *other* folds rightly, ``accuracy_std`` its standard deviation over the folds. ``trials``
    hold all pairs."""

    pairs: int
    accuracy: Rate
    accuracy_std: float
    trials: Trials


def verify(pairs: Sequence[Pair], scores: Sequence[float]) -> Verification:
    """Judge ``scores``, one for each pair in their order, higher for more alike."""
    mated = np.array([pair.mated for pair in pairs])
    folds = np.array([pair.fold for pair in pairs])
    right = _told_rightly(np.asarray(scores, np.float64), mated, folds)
    shares = [float(right[folds == fold].mean()) for fold in np.unique(folds)]
    named = [(_person(pair.a), score) for pair, score in zip(pairs, scores, strict=True)]
    trials = Trials.of(
        [each for each, one in zip(named, mated, strict=True) if one],
        [each for each, one in zip(named, mated, strict=True) if not one],
    )
    wrong_mated, wrong_nonmated = ~right[mated], ~right[~mated]
    error = trials.rate(
        lambda m, n: float((m @ wrong_mated + n @ wrong_nonmated) / (m.sum() + n.sum()))
    )
    return Verification(len(pairs), error.complement, float(np.std(shares)), trials)


def _told_rightly(
    scores: Scores, mated: NDArray[np.bool_], folds: NDArray[np.intp]
) -> NDArray[np.bool_]:
    right = np.empty(len(scores), np.bool_)
    for fold in np.unique(folds):
        held_out = folds == fold
        threshold = best_threshold(scores[~held_out], mated[~held_out])
        right[held_out] = (scores[held_out] >= threshold) == mated[held_out]
    return right


def best_threshold(scores: Scores, mated: NDArray[np.bool_]) -> float:
    """A threshold that tells most pairs rightly, midway between two scores; of several, the
    middle one."""
    order = np.argsort(scores, kind="stable")
    ranked, truth = scores[order], mated[order]
    right = np.cumsum(~truth)[:-1] + np.cumsum(truth[::-1])[::-1][1:]
    between = np.isfinite(ranked[:-1]) & (ranked[1:] > ranked[:-1])
    places = np.flatnonzero(between)
    if not len(places):
        return float(ranked[-1])
    best = places[right[places] == right[places].max()]
    place = best[len(best) // 2]
    return float(ranked[place] + ranked[place + 1]) / 2


def _person(image: str) -> str:
    """Pictures of one person lie in one folder; a picture in none is a person of its own."""
    folder = str(PurePosixPath(image).parent)
    return image if folder == "." else folder
