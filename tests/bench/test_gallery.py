"""``kiosk bench gallery`` measures what it promises, on galleries small enough for a test."""

from __future__ import annotations

import json

import numpy as np
import pytest

from kiosk.bench.frames import Spread
from kiosk.bench.gallery import Effort, drawn, main
from kiosk.bench.gallery_report import Cost, Report
from kiosk.bench.gallery_table import show
from kiosk.bench.searchers import CONTENDERS, Contender
from kiosk.vision.templates import DIMENSIONS


def test_every_searcher_that_is_there_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    main(as_json=True, effort=Effort(sizes=(50, 300), probes=4))
    summary = json.loads(capsys.readouterr().out)
    assert list(summary["sizes"]) == ["50", "300"]
    for costs in summary["sizes"].values():
        assert {"kiosk", "kiosk_candidate", "numpy", "usearch_exact", "faiss_flat"} <= set(costs)
        for name in ("kiosk", "kiosk_candidate", "numpy"):
            assert costs[name]["recall"] == 1.0  # exact, whoever asks
            assert costs[name]["search_ms"]["median"] > 0
            assert costs[name]["ratio_to_reading"] > 0
    assert summary["sizes"]["300"]["kiosk"]["megabytes"] == round(300 * DIMENSIONS * 3 / 1e6, 1)
    assert summary["goals"] == []  # for 100,000 templates only


def test_half_of_the_probes_return() -> None:
    matrix, probes = drawn(200, 40, np.random.default_rng(3))
    assert matrix.shape == (200, DIMENSIONS)
    assert np.linalg.norm(matrix, axis=1) == pytest.approx(np.ones(200), abs=1e-5)
    nearest = [int((matrix @ probe).argmax()) for probe in probes]
    own = [row == number for number, row in enumerate(nearest)]
    assert sum(own[:20]) >= 18  # another day, so not always
    assert np.mean([(matrix @ probe).max() for probe in probes[20:]]) < 0.5


def test_what_is_absent_says_why() -> None:
    (numpy,) = [each for each in CONTENDERS if each.name == "numpy"]
    assert numpy.why_not(10**6) == ""
    assert Contender("x", numpy.build, package="no_such_package").why_not(1) == "not installed"
    assert Contender("x", numpy.build, largest=5).why_not(6) == "too long to build"


def test_goals_and_table(capsys: pytest.CaptureFixture[str]) -> None:
    cost = Cost(Spread(2.0, 1.8, 2.5), Spread(1.0, 1.2, 1.4), 57.6, 0.975)
    report = Report(40, {100_000: {"kiosk": cost, "usearch_exact": "not installed"}})
    assert {goal.name: goal.figure for goal in report.goals} == {
        "search": 1.8,
        "against_reading": 1.5,
    }
    show(report)
    out = capsys.readouterr().out
    for words in ("100\N{NO-BREAK SPACE}000", "1.80 / 2.50", "1.50", "57.6", "97.5%", "19.2 MB"):
        assert words in out
    assert "not installed" in out
    assert "--with usearch" in out
