"""``kiosk bench vision`` measures everything it promises. What it measures is nobody's test."""

from __future__ import annotations

import json
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from kiosk.bench.frames import STAGES, Spread, StageCost
from kiosk.bench.processes import Memory, VisionProcess, WholeKiosk
from kiosk.bench.report import Report
from kiosk.bench.scenes import SITUATIONS, Scenes
from kiosk.bench.table import show
from kiosk.bench.vision import Effort, main
from kiosk.vision.litert import Models
from kiosk.vision.percepts import Percept
from kiosk.vision.pipeline import Pipeline
from kiosk.vision.replay import ReplayCamera
from tests.vision import fakes

TINY = Effort(frames=6, visits=1, starts=1, watch_s=0.0)


@pytest.fixture(scope="module")
def summary() -> dict[str, Any]:
    """The JSON of a tiny run: real models, a real vision process, a real kiosk."""
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(StringIO()) as out:
        patch.setenv("KIOSK_CONFIG", str(Path(__file__).parents[2] / "config.toml"))
        main(as_json=True, effort=TINY)
    (line,) = out.getvalue().splitlines()
    return json.loads(line)


def percepts(scene: Path) -> list[Percept]:
    pipeline = Pipeline(fakes.settings(), Models())
    return [pipeline.look(frame) for frame in iter(ReplayCamera(scene).read, None)]


@pytest.mark.slow
def test_every_stage_of_every_situation(summary: dict[str, Any]) -> None:
    assert list(summary["frames"]) == [each.name for each in SITUATIONS]
    for situation in summary["frames"].values():
        assert list(situation["stages"]) == [*STAGES, "total"]
        for cost in situation["stages"].values():
            assert set(cost["cpu_ms"]) == {"mean", "median", "p95"}
            assert 0 <= cost["share"] <= 1
    assert summary["frames"]["person_and_hand"]["size"] == [640, 480]
    assert summary["frames"]["person_and_hand_720"]["size"] == [1280, 720]


@pytest.mark.slow
def test_stages_have_work_where_there_is_somebody(summary: dict[str, Any]) -> None:
    def working(name: str) -> set[str]:
        stages = summary["frames"][name]["stages"]
        return {stage for stage, cost in stages.items() if cost["share"]}

    assert working("nobody") == {"face", "total"}
    assert working("person_and_hand") == {*STAGES, "total"}


@pytest.mark.slow
def test_face_decision(summary: dict[str, Any]) -> None:
    decision = summary["face_decision"]
    assert (decision["visits"], decision["right"], decision["enrolled"]) == (1, 1, 10_001)
    assert decision["waited_ms"]["median"] > 0
    assert decision["cpu_ms"]["median"] > 0


@pytest.mark.slow
def test_processes_were_there(summary: dict[str, Any]) -> None:
    vision, kiosk = summary["vision_process"], summary["kiosk"]
    assert 0 < vision["models_s"] <= vision["first_result_s"]
    assert kiosk["screen_s"] > 0
    for memory in (vision["memory"], kiosk["ui"], kiosk["vision"]):
        assert 0 < memory["pss_mb"] <= memory["rss_mb"]
    parts = kiosk["ui"]["rss_mb"] + kiosk["vision"]["rss_mb"]
    assert kiosk["together"]["rss_mb"] >= parts - 0.1


@pytest.mark.slow
def test_goals_stand_beside_their_figures(summary: dict[str, Any]) -> None:
    goals = {goal["name"]: goal for goal in summary["goals"]}
    assert {name: goal["goal"] for name, goal in goals.items()} == {
        "frame": 20.0,
        "face_decision": 200.0,
        "screen": 5.0,
        "memory": 450.0,
    }
    for goal in goals.values():
        assert goal["ratio"] == pytest.approx(goal["figure"] / goal["goal"], abs=0.01)


@pytest.mark.slow
def test_scenes_show_what_they_are_called(tmp_path: Path) -> None:
    scenes = Scenes(tmp_path)
    for situation in SITUATIONS:
        last = percepts(scenes.standing(situation, 8))[-1]
        assert last.size == situation.size
        assert len(last.faces) == situation.person
        assert [hand.fingers for hand in last.hands] == [1] * situation.hand


@pytest.mark.slow
@pytest.mark.parametrize("number", range(5))
def test_somebody_arrives_and_stays(tmp_path: Path, number: int) -> None:
    seen = percepts(Scenes(tmp_path).arriving(number))
    assert not seen[0].faces
    assert {percept.subject for percept in seen[-15:]} == {seen[-1].subject}
    assert seen[-1].subject is not None


def test_spread() -> None:
    assert Spread.of([]) == Spread(0.0, 0.0, 0.0)
    assert Spread.of([3.0]) == Spread(3.0, 3.0, 3.0)
    assert Spread.of([float(ms) for ms in range(1, 101)]) == Spread(50.5, 50.5, 96.0)


def test_memory_is_added_up_by_kind() -> None:
    assert Memory.total([Memory(100.0, 60.5), Memory(50.0, 20.0)]) == Memory(150.0, 80.5)


def report(together_mb: float) -> Report:
    cost = StageCost(Spread(10.0, 9.0, 30.0), 0.5)
    memory = Memory(100.0, 50.0)
    starts = [VisionProcess(0.1, seconds, memory) for seconds in (0.9, 0.3, 0.5)]
    kiosk = WholeKiosk(1.0, memory, memory, Memory(together_mb, 100.0))
    stages: dict[str, StageCost] = dict.fromkeys([*STAGES, "total"], cost)
    return Report({each.name: stages for each in SITUATIONS}, [], starts, kiosk)


def test_a_missed_goal_has_a_ratio_above_one() -> None:
    ratios = {goal.name: goal.ratio for goal in report(together_mb=900.0).goals}
    assert ratios == {"frame": 0.5, "face_decision": 0.0, "screen": 0.2, "memory": 2.0}


def test_typical_start_is_the_median() -> None:
    assert report(300.0).typical_start.first_result_s == 0.5


def test_table_shows_every_figure(capsys: pytest.CaptureFixture[str]) -> None:
    show(report(together_mb=321.0))
    out = capsys.readouterr().out
    for word in (*STAGES, "9.0 / 30.0", "(50%)", "0.50 s", "321 / 100 MB", "≤ 450 MB", "0.71"):
        assert word in out
