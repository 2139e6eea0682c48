from __future__ import annotations

import numpy as np
import pytest

from kiosk import config
from kiosk.bench.day import Door, simulate
from kiosk.bench.population import Population, normalised
from kiosk.config import Settings
from kiosk.vision.calibration import shipped


@pytest.fixture(scope="module")
def population() -> Population:
    return Population.measured()


@pytest.fixture
def settings() -> Settings:
    return config.load(config.find())


def days(population: Population, people: np.ndarray, seed: int) -> np.ndarray:
    """One frame of one day of each."""
    rng = np.random.default_rng(seed)
    return population.frames(population.sessions(people, rng), 1, 0, rng)[0]


def test_people_who_do_not_exist_score_as_those_who_do(population: Population) -> None:
    people = population.people(2000, np.random.default_rng(0))
    first, second = days(population, people, 1), days(population, people, 2)
    scores = first @ second.T
    mated, nonmated = np.diag(scores), scores[~np.eye(len(people), dtype=bool)]
    # Measured on all pairs of 3,598 images of 1,630 people.
    assert np.quantile(nonmated, [0.9, 0.99, 0.999]) == pytest.approx([0.20, 0.35, 0.45], abs=0.02)
    assert np.quantile(nonmated, 0.9999) == pytest.approx(shipped().threshold(1e-4), abs=0.02)
    assert np.quantile(mated, [0.05, 0.25, 0.5]) == pytest.approx([0.57, 0.69, 0.76], abs=0.06)


def test_frames_of_a_visit_drift(population: Population) -> None:
    rng = np.random.default_rng(0)
    sessions = population.sessions(population.people(300, rng), rng)
    frames = population.frames(sessions, 40, 0.1, rng)
    alike = [float((frames[0] * frames[lag]).sum(axis=-1).mean()) for lag in (1, 5, 30)]
    assert alike == pytest.approx([0.99, 0.96, 0.87], abs=0.03)
    assert np.linalg.norm(frames, axis=-1) == pytest.approx(1, abs=1e-5)


def test_the_same_seed_is_the_same_day(settings: Settings) -> None:
    first, again, other = (simulate(settings, 50, 30, seed, lambda: None) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert first.visits == first.wrong.trials == 30
    assert first.wrong_strangers.trials + first.missed.trials == 30


def test_citizens_are_greeted_and_strangers_are_not(settings: Settings) -> None:
    day = simulate(settings, 500, 120, 0, lambda: None)
    assert day.wrong.events == 0
    assert day.missed.share < 0.4
    assert 0.5 < day.threshold < 0.9
    assert day.summary()["wrong"]["ci95"][1] < 0.05


def test_a_policy_that_asks_for_little_greets_strangers(settings: Settings) -> None:
    """The simulation can fail."""
    lax = settings.recognition.model_copy(update={"wrong_greeting_visits": 2})
    day = simulate(settings.model_copy(update={"recognition": lax}), 500, 100, 0, lambda: None)
    assert 0.05 < day.wrong_strangers.share < 0.7


def test_one_person_enrolled_twice_is_greeted_by_neither_name(settings: Settings) -> None:
    door = Door(settings, 30, seed=0)
    ids, matrix = door.gallery.content()
    twice = normalised(matrix + np.float32(0.001))
    door.enrol([*ids, *(f"{name} again" for name in ids)], np.vstack([matrix, twice]))
    assert {greeted for _, greeted, _ in door.visits(60)} == {None}


def test_more_people_need_a_higher_score(settings: Settings) -> None:
    few, many = (Door(settings, enrolled, seed=0).threshold for enrolled in (40, 400))
    assert few + 0.03 < many
