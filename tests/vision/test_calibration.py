from __future__ import annotations

import math
import tomllib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.vision import calibration
from kiosk.vision.calibration import (
    EXCEEDED,
    MOST_SAMPLED,
    PRIOR_PEOPLE,
    ImpostorTail,
    cross_scores,
    recalibrated,
    scale_of,
    shipped,
)
from kiosk.vision.embedding import model_id
from kiosk.vision.litert import Models
from kiosk.vision.templates import DIMENSIONS

TAIL = ImpostorTail(location=0.35, scale=0.05, shape=-0.1, people=1000, comparisons=10**6)


def people(count: int, shared: float, seed: int = 0) -> np.ndarray:
    """Templates whose scores have mean ``shared``."""
    rng = np.random.default_rng(seed)
    own = rng.standard_normal((count, DIMENSIONS)) / math.sqrt(DIMENSIONS)
    common = np.zeros(DIMENSIONS)
    common[0] = 1
    vectors = math.sqrt(shared) * common + math.sqrt(1 - shared) * own
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def names(count: int) -> list[str]:
    return [f"citizen-{n}" for n in range(count)]


@given(st.floats(1e-9, 0.9))
def test_threshold_and_probability_are_inverse(probability: float) -> None:
    score = TAIL.threshold(probability)
    assert TAIL.false_match_probability(score) == pytest.approx(probability, rel=1e-6)


@given(st.floats(-1, 1), st.floats(0, 0.5))
def test_a_higher_score_is_never_more_likely_by_chance(score: float, more: float) -> None:
    higher = TAIL.false_match_probability(score + more)
    assert 0 <= higher <= TAIL.false_match_probability(score) <= 1


def test_known_points_of_the_tail() -> None:
    assert TAIL.false_match_probability(TAIL.location) == EXCEEDED
    # (1 − 0.1·2)^10 of what passes the location lies two scales beyond it.
    assert TAIL.false_match_probability(0.45) == pytest.approx(EXCEEDED * 0.8**10)
    assert TAIL.false_match_probability(0.86) == 0  # beyond the highest score there is


def test_the_scale_follows_from_the_median_excess() -> None:
    median = 0.05 * (1 - 0.5**0.1) / 0.1
    assert scale_of(median, -0.1) == pytest.approx(0.05)


def test_the_tail_that_ships_agrees_with_what_was_published_for_the_embedding() -> None:
    """All-pairs false-match rates of MobileFaceNet on LFW, another alignment."""
    tail = shipped()
    assert tail.threshold(1e-3) == pytest.approx(0.460, abs=0.04)
    assert tail.threshold(1e-5) == pytest.approx(0.611, abs=0.06)
    assert -0.25 < tail.shape < 0
    assert tail.comparisons > 10**6


def test_the_tail_that_ships_was_measured_with_the_embedding_that_ships(models: Models) -> None:
    text = Path(calibration.__file__).with_name("calibration.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text)["model"] == model_id(models), "run scripts/calibrate.py again"


@pytest.mark.parametrize("count", [0, 1])
def test_without_two_citizens_what_ships_stands(count: int) -> None:
    assert recalibrated(TAIL, names(count), people(count, 0)) == TAIL


def test_an_office_where_everybody_looks_alike_needs_higher_scores() -> None:
    count = 600
    alike = recalibrated(TAIL, names(count), people(count, 0.5))
    strangers = recalibrated(TAIL, names(count), people(count, 0.0))
    assert alike.threshold(1e-6) > strangers.threshold(1e-6) + 0.1
    assert alike.shape == TAIL.shape
    assert alike.people == TAIL.people + count
    assert alike.comparisons == TAIL.comparisons + count * (count - 1) // 2


def test_the_more_citizens_the_more_the_office_counts() -> None:
    own = people(MOST_SAMPLED, 0.5)
    locations = [
        recalibrated(TAIL, names(n), own[:n]).location for n in (2, 50, PRIOR_PEOPLE, MOST_SAMPLED)
    ]
    assert locations == sorted(locations)
    assert locations[0] == pytest.approx(TAIL.location, abs=0.01)


def test_people_enrolled_twice_do_not_move_the_office() -> None:
    single = people(400, 0.1)
    doubled = np.vstack([single, single[:4]])
    before = recalibrated(TAIL, names(400), single)
    after = recalibrated(TAIL, names(404), doubled)
    assert after.threshold(1e-6) == pytest.approx(before.threshold(1e-6), abs=0.02)


def test_templates_of_one_citizen_are_not_compared_with_each_other() -> None:
    scores, citizens = cross_scores(["a", "a", "b"], people(3, 0.2))
    assert (len(scores), citizens) == (2, 2)


def test_a_large_gallery_is_sampled_evenly() -> None:
    count = MOST_SAMPLED + 500
    scores, citizens = cross_scores(names(count), people(count, 0))
    assert citizens == MOST_SAMPLED
    assert len(scores) == MOST_SAMPLED * (MOST_SAMPLED - 1) // 2
