"""What the office is told about its own gallery."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from kiosk import config
from kiosk.bench.population import Population, normalised
from kiosk.cli import app
from kiosk.clock import Reading
from kiosk.idcard.document import IdentityDocument
from kiosk.idcard.synthetic import synthetic
from kiosk.recognition_report import LEAST_PEOPLE, Group, RecognitionReport, report
from kiosk.store.citizens import Citizens, Demographics
from kiosk.store.database import Database
from kiosk.store.templates import Template
from kiosk.vision.calibration import shipped
from kiosk.vision.embedding import model_id
from kiosk.vision.litert import Models
from kiosk.visit.policy import Policy

POLICY = Policy(fields=("a",))


def templates(count: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    population = Population.measured()
    return population.frames(population.people(count, rng), 1, 0, rng)[0]


def reported(matrix: np.ndarray, person: Callable[[int], Demographics]) -> RecognitionReport:
    ids = [f"citizen-{n}" for n in range(len(matrix))]
    people = {name: person(n) for n, name in enumerate(ids)}
    return report(POLICY, "m", shipped(), ids, matrix, people, [])


def group(found: RecognitionReport, name: str) -> Group:
    return next(each for each in found.groups if each.name == name)


def test_of_nobody_there_is_only_what_ships() -> None:
    found = reported(np.zeros((0, 192), np.float32), lambda _: Demographics("F", "1980s"))
    assert (found.enrolled, found.groups, found.quantiles) == (0, (), {})
    assert found.tail == found.shipped == shipped()
    assert found.threshold == pytest.approx(shipped().threshold(1e-3))


def test_the_threshold_follows_from_the_policy_and_the_people() -> None:
    found = reported(templates(300), lambda _: Demographics("F", "1980s"))
    assert found.false_match_limit == pytest.approx(1e-3 / 300, rel=1e-3)
    assert found.tail.people == shipped().people + 300
    assert found.tail.false_match_probability(found.threshold) == pytest.approx(
        found.false_match_limit
    )
    quantiles = list(found.quantiles.values())
    assert quantiles == sorted(quantiles)


def test_a_group_whose_faces_are_alike_stands_out() -> None:
    matrix = templates(200)
    matrix[100:] = normalised(matrix[100:] + 0.8 * templates(1, seed=9)[0])
    found = reported(matrix, lambda n: Demographics("F" if n < 100 else "M", "1980s"))
    women, men = group(found, "F"), group(found, "M")
    assert women.people == men.people == 100
    assert women.comparisons == 100 * 99 // 2
    assert men.ci95[0] <= men.share < men.ci95[1]
    assert men.false_matches >= 15 > women.false_matches
    assert women.ci95[0] <= women.share < men.share
    assert group(found, "1980s").people == 200


def test_too_few_people_say_nothing() -> None:
    found = reported(
        templates(LEAST_PEOPLE + 10), lambda n: Demographics("F" if n < 11 else "", "1990s")
    )
    assert not group(found, "F").enough
    assert group(found, "1990s").enough
    assert {each.name for each in found.groups} == {"F", "1990s"}


def test_no_false_match_is_not_a_rate_of_zero() -> None:
    matrix = templates(60)
    matrix[57:] = matrix[57]  # all there is to the highest thousandth are three women
    found = reported(matrix, lambda n: Demographics("F" if n >= 57 else "M", "1950s"))
    men = group(found, "M")
    assert men.false_matches == 0
    assert men.ci95[0] == 0
    assert 0.05 < men.ci95[1] < 0.2


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A settings file beside a database with two citizens who look alike."""
    settings = (Path(__file__).parents[1] / "config.toml").read_text(encoding="utf-8")
    (tmp_path / "config.toml").write_text(settings, encoding="utf-8")
    (tmp_path / "var").mkdir()
    key = tmp_path / "var" / "kiosk.key"
    key.write_text("11" * 32)
    key.chmod(0o600)
    return tmp_path / "config.toml"


def enrol(settings: Path, documents: list[IdentityDocument]) -> list[str]:
    loaded = config.load(settings)
    model = model_id(Models())
    with Database.open(loaded.store.path, "11" * 32) as db:
        citizens = Citizens(db, loaded.privacy, lambda: Reading(datetime.now(UTC)))
        ids: list[str] = []
        for document, vector in zip(documents, templates(len(documents)), strict=True):
            template = Template(vector.astype("<f4").tobytes(), model, 0.9)
            ids.append(citizens.enrol(document, "2026-01", template, ids))
    return ids


def test_the_command_names_nobody(office: Path) -> None:
    documents = [synthetic(n) for n in range(1, 4)]
    ids = enrol(office, documents)
    for arguments in (["--json"], []):
        done = CliRunner().invoke(app, ["recognition", "report", "-c", str(office), *arguments])
        assert done.exit_code == 0, done.output
        assert all(name in done.output for name in ids)
        for document in documents:
            assert document.name not in done.output
            assert document.number not in done.output
    found = json.loads(
        CliRunner().invoke(app, ["recognition", "report", "-c", str(office), "--json"]).output
    )
    assert found["enrolled"] == 3
    assert len(found["possible_duplicates"]) == 3
    assert not any(each["enough"] for each in found["groups"])
