"""What recognition does in this office: the threshold in force and why, and whether some people
are taken for one another more often than others.

Only what citizens consented to be kept for recognition is read, nothing is written, and nobody is
named. Templates are compared with templates: they are fused from more frames than a probe, and
score a little higher (on 3,598 images, three fused against three: by 0.02 at a false-match rate
of 1 in 1,000), so that what is found here errs on the safe side.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kiosk.proportion import Interval, Proportion
from kiosk.store.citizens import Demographics
from kiosk.vision.calibration import EXCEEDED, ImpostorTail, recalibrated, sampled
from kiosk.visit.policy import Policy

LEAST_PEOPLE = 30
"""Of fewer people a false-match rate says nothing."""
QUANTILES = (0.5, 0.9, 0.99, 0.999)
_RESAMPLES = 200


@dataclass(frozen=True, slots=True)
class Group:
    """Citizens of one sex or one decade of birth, compared with each other: how often a score
    is reached that one in 1,000 comparisons of the whole gallery's different people reaches."""

    name: str
    people: int
    comparisons: int
    false_matches: int
    ci95: Interval
    """Of the share: bootstrap over people (Clopper–Pearson over them when there was none)."""

    @property
    def enough(self) -> bool:
        """Whether the figures mean anything."""
        return self.people >= LEAST_PEOPLE

    @property
    def share(self) -> float:
        """False-match rate at that score."""
        return Proportion(self.false_matches, self.comparisons).share


@dataclass(frozen=True, slots=True)
class RecognitionReport:
    """``threshold`` is the least score for a greeting: what different people reach with the
    probability ``false_match_limit`` according to ``tail``."""

    model: str
    enrolled: int
    wrong_greeting_visits: int
    false_match_limit: float
    threshold: float
    shipped: ImpostorTail
    tail: ImpostorTail
    quantiles: dict[str, float]
    """Of the scores of different citizens; empty for fewer than two."""
    reference: float
    """The score of the groups' table."""
    groups: tuple[Group, ...]
    possible_duplicates: tuple[tuple[str, str], ...]
    """Pairs of citizen ids that staff were told of."""

    def summary(self) -> dict[str, Any]:
        """Ready for JSON."""
        groups = [
            asdict(group) | {"share": group.share, "enough": group.enough} for group in self.groups
        ]
        return asdict(self) | {"groups": groups}


def report(
    policy: Policy,
    model: str,
    prior: ImpostorTail,
    ids: Sequence[str],
    matrix: NDArray[np.float32],
    people: dict[str, Demographics],
    possible_duplicates: Sequence[tuple[str, str]],
) -> RecognitionReport:
    """``prior`` is how scores of ``model`` are distributed before the office's own people are
    known; row *i* of ``matrix``, (n, d), is citizen ``ids[i]``'s."""
    tail = recalibrated(prior, ids, matrix)
    rows = sampled(len(ids))
    citizens = [ids[int(row)] for row in rows]
    scores = matrix[rows] @ matrix[rows].T if len(rows) else np.empty((0, 0), np.float32)
    others = np.array(citizens)[:, np.newaxis] != np.array(citizens)
    reference = float(np.quantile(scores[others], 1 - EXCEEDED)) if others.any() else tail.location
    limit = policy.false_match_limit(len(ids))
    return RecognitionReport(
        model=model,
        enrolled=len(ids),
        wrong_greeting_visits=policy.wrong_greeting_visits,
        false_match_limit=limit,
        threshold=tail.threshold(limit),
        shipped=prior,
        tail=tail,
        quantiles={f"{q:g}": float(np.quantile(scores[others], q)) for q in QUANTILES}
        if others.any()
        else {},
        reference=reference,
        groups=_groups([people[each] for each in citizens], scores >= reference, others),
        possible_duplicates=tuple(possible_duplicates),
    )


def _groups(
    people: Sequence[Demographics], matches: NDArray[np.bool_], others: NDArray[np.bool_]
) -> tuple[Group, ...]:
    kinds: tuple[Callable[[Demographics], str], ...] = (lambda p: p.sex, lambda p: p.decade)
    names = sorted({kind(person) for kind in kinds for person in people} - {""})
    return tuple(
        _group(name, np.array([name in (p.sex, p.decade) for p in people]), matches, others)
        for name in names
    )


def _group(
    name: str, member: NDArray[np.bool_], matches: NDArray[np.bool_], others: NDArray[np.bool_]
) -> Group:
    compared = np.triu(others[member][:, member])
    matched = matches[member][:, member] & compared
    false, comparisons = int(matched.sum()), int(compared.sum())
    people = len(matched)
    if false:
        interval = _bootstrap(matched.astype(np.float32), compared.astype(np.float32))
    else:
        interval = Proportion(0, people // 2).ci95  # so many pairs have nobody in common
    return Group(name, people, comparisons, false, interval)


def _bootstrap(matched: NDArray[np.float32], compared: NDArray[np.float32]) -> Interval:
    """Percentile interval of the share when people are drawn with replacement: comparisons that
    have a person in common are not independent (ISO/IEC 19795-1, Schuckers 2010)."""
    random = np.random.default_rng(0)
    people = len(matched)
    drawn = random.multinomial(people, np.full(people, 1 / people), _RESAMPLES).astype(np.float32)
    events = ((drawn @ matched) * drawn).sum(axis=1)
    trials = ((drawn @ compared) * drawn).sum(axis=1)
    low, high = np.quantile(events / np.maximum(trials, 1), (0.025, 0.975)).tolist()
    return (low, high)
