"""The arithmetic of error rates, against answers found by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.bench.trials import Scores, Trials, threshold_at
from kiosk.proportion import Proportion

scores = st.lists(
    st.one_of(st.integers(-5, 5).map(float), st.just(-np.inf)), min_size=1, max_size=30
)
rates = st.sampled_from([0.0, 1e-3, 0.01, 0.1, 0.25, 1 / 3, 0.5, 0.9, 1.0])


def trials(mated: list[float], nonmated: list[float]) -> Trials:
    """Each trial of a person of its own."""
    return Trials.of(
        [(f"m{number}", score) for number, score in enumerate(mated)],
        [(f"n{number}", score) for number, score in enumerate(nonmated)],
    )


def array(values: list[float]) -> Scores:
    return np.array(values, np.float64)


@pytest.mark.parametrize(
    ("false_rate", "missed"),
    [
        (0.0, 3 / 5),  # above 0.7: misses 0.2, 0.5 and the tied 0.7
        (0.25, 2 / 5),  # 0.7 may be reached, 0.5 may not
        (0.5, 1 / 5),
        (0.49, 2 / 5),
        (1.0, 0.0),
    ],
)
def test_misses_at_a_false_rate(false_rate: float, missed: float) -> None:
    made = trials([0.2, 0.5, 0.7, 0.8, 0.9], [0.1, 0.3, 0.5, 0.7])
    assert made.misses_at(false_rate).share == pytest.approx(missed)


def test_scores_that_tie_are_let_in_together_or_not_at_all() -> None:
    nonmated = array([0.5, 0.5, 0.5, 0.1])
    assert threshold_at(nonmated, 0.5) > 0.5
    assert threshold_at(nonmated, 0.75) == pytest.approx(0.1)


def test_what_could_not_be_compared_is_missed_at_any_threshold() -> None:
    made = trials([0.9, -np.inf], [0.1, -np.inf])
    assert made.misses_at(1.0).share == 0.5
    assert made.misses_at(0.0).share == 0.5
    assert made.equal_error().share == 0.5  # just above -inf: misses one, lets one in


def test_equal_error_by_hand() -> None:
    # Above 0.4: one of four mated missed, one of four non-mated let in.
    made = trials([0.3, 0.6, 0.7, 0.8], [0.1, 0.2, 0.4, 0.65])
    assert made.equal_error().share == pytest.approx(0.25)
    assert trials([0.8, 0.9], [0.1, 0.2]).equal_error().share == 0.0


def test_curve_by_hand() -> None:
    false, missed = trials([0.2, 0.6], [0.1, 0.3, 0.3, 0.7]).curve()
    assert false.tolist() == [0.75, 0.25, 0.0]
    assert missed.tolist() == [0.0, 0.5, 1.0]


def test_no_error_is_not_certainty() -> None:
    rate = trials([0.9] * 40, [0.1] * 40).misses_at(0.01)
    assert (rate.share, rate.trials, rate.people) == (0.0, 40, 40)
    assert rate.ci95 == Proportion(0, 40).ci95
    assert rate.complement.share == 1.0
    assert rate.complement.ci95 == pytest.approx((1 - rate.ci95[1], 1.0))


def test_interval_is_that_of_people_not_of_their_trials() -> None:
    """Ten people with a hundred equal trials each are ten observations."""
    nonmated = [("stranger", 0.0)]
    lonely = [(f"p{n}", float(n >= 3)) for n in range(10)]
    repeated = [trial for trial in lonely for _ in range(100)]
    few = Trials.of(lonely, nonmated).misses_at(0.0)
    many = Trials.of(repeated, nonmated).misses_at(0.0)
    assert few.share == many.share == pytest.approx(0.3)
    assert few.ci95 == many.ci95 == pytest.approx((0.0, 0.6), abs=0.1)


def test_interval_is_near_the_binomial_when_trials_are_independent() -> None:
    made = trials([float(n >= 40) for n in range(400)], [0.0] * 50)
    assert made.misses_at(0.0).ci95 == pytest.approx(Proportion(40, 400).ci95, abs=0.01)


@given(scores, rates)
def test_threshold_is_the_lowest_that_keeps_the_rate(nonmated: list[float], rate: float) -> None:
    values = array(nonmated)
    threshold = threshold_at(values, rate)
    assert np.mean(values >= threshold) <= rate + 1e-9
    below = values[values < threshold]
    if len(below):
        assert np.mean(values >= below.max()) > rate


@given(scores, st.lists(st.integers(0, 3), min_size=30, max_size=30), rates)
def test_a_weight_is_a_repetition(nonmated: list[float], weights: list[int], rate: float) -> None:
    some = weights[: len(nonmated)]
    if not any(some):
        return
    repeated = np.repeat(array(nonmated), some)
    weighted = threshold_at(array(nonmated), rate, np.array(some, np.float64))
    plain = threshold_at(repeated, rate)
    assert np.array_equal(repeated >= weighted, repeated >= plain)


@given(scores, scores)
def test_curve_trades_one_error_for_the_other(mated: list[float], nonmated: list[float]) -> None:
    made = trials(mated, nonmated)
    false, missed = made.curve()
    assert (np.diff(false) < 0).all()
    assert (np.diff(missed) >= 0).all()
    for rate, share in zip(false.tolist(), missed.tolist(), strict=True):
        at = threshold_at(made.nonmated, rate + 1e-9)
        assert np.mean((made.mated < at) | np.isneginf(made.mated)) == pytest.approx(share)


@given(scores, scores, st.floats(0.1, 10), st.floats(-3, 3))
def test_only_the_order_of_scores_counts(
    mated: list[float], nonmated: list[float], scale: float, shift: float
) -> None:
    made = trials(mated, nonmated)
    moved = trials([scale * s + shift for s in mated], [scale * s + shift for s in nonmated])
    for before, after in zip(made.curve(), moved.curve(), strict=True):
        assert before.tolist() == after.tolist()
