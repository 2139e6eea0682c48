from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.bench.dataset import Pair
from kiosk.bench.verification import NEVER, best_threshold, verify


def pairs(*mated_by_fold: list[bool]) -> list[Pair]:
    return [
        Pair(fold, mated, f"P{fold}-{number}/1.jpg", f"P{fold}-{number}/2.jpg")
        for fold, all_mated in enumerate(mated_by_fold)
        for number, mated in enumerate(all_mated)
    ]


def test_the_threshold_comes_from_the_other_folds() -> None:
    # Fold 1 tells all its pairs apart between 0.6 and 0.7, fold 0 between 0.2 and 0.3: with the
    # other's threshold each gets one pair in two wrong.
    judged = verify(pairs([True, False], [True, False]), [0.3, 0.2, 0.7, 0.6])
    assert judged.accuracy.share == pytest.approx(0.5)
    assert judged.accuracy_std == 0.0
    assert judged.pairs == 4
    assert judged.trials.misses_at(0.0).share == 0.5


def test_standard_deviation_is_over_folds() -> None:
    mated = [True, False, True, False]
    judged = verify(
        pairs(mated, mated, mated), [0.9, 0.1, 0.9, 0.1, 0.9, 0.1, 0.9, 0.1, 0.9, 0.1, 0.0, 0.1]
    )
    assert judged.accuracy.share == pytest.approx(11 / 12)
    assert judged.accuracy_std == pytest.approx(np.std([1, 1, 0.75]))


def test_a_pair_without_a_face_counts_as_told_apart() -> None:
    mated = [True, True, False, False]
    judged = verify(pairs(mated, mated), [NEVER, 0.9, NEVER, 0.1, 0.9, 0.9, 0.1, 0.1])
    assert judged.accuracy.share == pytest.approx(7 / 8)
    assert judged.trials.misses_at(1.0).share == pytest.approx(1 / 4)


def test_pairs_of_one_person_are_one_observation() -> None:
    same = [Pair(fold, True, f"A{fold}/{n}.jpg", f"A{fold}/0.jpg") for fold in (0, 1) for n in "12"]
    flat = [Pair(fold, False, f"{fold}{n}.jpg", "x.jpg") for fold in (0, 1) for n in "12"]
    judged = verify([*same, *flat], [0.9] * 4 + [0.1] * 4)
    assert judged.trials.mated_people.tolist() == [0, 0, 1, 1]
    assert judged.trials.nonmated_people.tolist() == [0, 1, 2, 3]


@given(
    st.lists(
        st.tuples(st.sampled_from([NEVER, 0.0, 0.25, 0.5, 0.75, 1.0]), st.booleans()),
        min_size=2,
        max_size=20,
    )
)
def test_no_other_threshold_tells_more_pairs_rightly(trials: list[tuple[float, bool]]) -> None:
    scores = np.array([score for score, _ in trials])
    mated = np.array([each for _, each in trials])
    found = best_threshold(scores, mated)
    right = np.mean((scores >= found) == mated)
    between = [0.125, 0.375, 0.625, 0.875]
    low, high = scores[np.isfinite(scores)].min(initial=2.0), scores.max()
    for other in between:
        if low < other < high:
            assert np.mean((scores >= other) == mated) <= right + 1e-12
