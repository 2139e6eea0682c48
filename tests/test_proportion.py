from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.proportion import Proportion


@pytest.mark.parametrize(
    ("events", "trials", "low", "high"),
    [
        # Published in tables of exact binomial limits (e.g. Documenta Geigy).
        (0, 10, 0.0, 0.3085),
        (1, 10, 0.0025, 0.4450),
        (5, 10, 0.1871, 0.8129),
        (10, 10, 0.6915, 1.0),
        (3, 1000, 0.00062, 0.00874),
    ],
)
def test_exact_interval(events: int, trials: int, low: float, high: float) -> None:
    assert Proportion(events, trials).ci95 == pytest.approx((low, high), abs=5e-5)


def test_nothing_seen_is_bounded_as_the_binomial_says() -> None:
    _, high = Proportion(0, 1000).ci95
    assert (1 - high) ** 1000 == pytest.approx(0.025)


def test_no_trials() -> None:
    assert Proportion(0, 0).share == 0.0
    assert Proportion(0, 0).ci95 == (0.0, 1.0)


@given(st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_interval_holds_the_share_and_mirrors(counts: tuple[int, int]) -> None:
    events, trials = counts
    low, high = Proportion(events, trials).ci95
    assert 0 <= low <= Proportion(events, trials).share <= high <= 1
    assert Proportion(trials - events, trials).ci95 == pytest.approx((1 - high, 1 - low))
