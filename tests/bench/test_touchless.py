"""``kiosk bench touchless``: people who are drawn, move as people do, and are counted rightly."""

from __future__ import annotations

import json
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kiosk.bench.booth import Canvas, Standing, idle_hand
from kiosk.bench.idling import MOTIONS
from kiosk.bench.touchless import Effort, main
from kiosk.bench.touchless_report import GOALS, Attempt, Idle, Report, share_of
from kiosk.bench.visitor import COUNTS, Traits, Visitor, drawn
from kiosk.ui.pointer import Pointing

STAGE = (1080.0, 1920.0)
GOAL = ("tile", (0.3, 0.6), (0.4, 0.15))
FPS = 15


def follow(visitor: Visitor, seconds: float, sees: bool = True) -> list[tuple[float, float]]:
    """The places of a hand that is seen at once and without error."""
    places: list[tuple[float, float]] = []
    for frame in range(round(seconds * FPS)):
        at = frame / FPS
        (x, y), _ = visitor.hand(at)
        places.append((x, y))
        up = sees and at > visitor.up_at
        seen = Pointing((x * STAGE[0], y * STAGE[1]), hand="engaged") if up else Pointing()
        visitor.sees(at, seen)
    return places


@pytest.mark.parametrize("seed", range(8))
def test_whoever_sees_the_pointer_brings_it_to_the_goal(seed: int) -> None:
    traits = replace(drawn(np.random.default_rng(seed), "pointing"), tremor=0.0)
    x, y = follow(Visitor(traits, GOAL, STAGE, 0.5), 6)[-1]
    assert abs(x - 0.3) <= 0.2
    assert abs(y - 0.6) <= 0.075


def test_whoever_sees_no_pointer_opens_their_hand_where_it_is() -> None:
    visitor = Visitor(Traits(1, shows="fist", raised=(0.4, 0.2)), GOAL, STAGE, 0.5)
    assert follow(visitor, 4, sees=False)[-1] == pytest.approx((0.4, 0.2))
    assert visitor.hand(4.0)[1] == "open"


@pytest.mark.parametrize("fingers", range(1, 6))
def test_raised_fingers_stay_raised(fingers: int) -> None:
    traits = drawn(np.random.default_rng(fingers), "fingers", fingers)
    visitor = Visitor(traits, None, STAGE, 0.5)
    follow(visitor, 4)
    assert visitor.hand(4.0)[1] == COUNTS[fingers]


def test_a_tremor_stays_within_its_amplitude() -> None:
    places = np.array(follow(Visitor(Traits(3, tremor=0.02), None, STAGE, 0.0), 8)[30:])
    assert 0.01 < np.abs(places - (0.5, 0.1)).max() <= 0.02


def test_every_idle_hand_is_drawn_and_the_same_frame_is_the_same() -> None:
    canvas = Canvas((640, 360), "shelves", 2.0)
    here = Standing()
    empty = canvas.picture(1, [(here, [])])
    for motion in MOTIONS.values():
        hands = [idle_hand(motion(1.0), here, "left", "dark", (640, 360))]
        shown = canvas.picture(1, [(here, hands)])
        assert np.array_equal(shown, canvas.picture(1, [(here, hands)]))
        assert not np.array_equal(shown, empty)


def _attempt(picked: str | None, took_s: float = 2.0, hand: str = "left") -> Attempt:
    return Attempt("pointing", "a", picked, took_s, took_s + 0.5, 1.0, {"hand": hand})


def test_wrong_missed_and_false_are_counted_apart() -> None:
    attempts = [_attempt("a"), _attempt("a", 3.0), _attempt("b", 1.0), _attempt(None, 8.0, "right")]
    idle = [Idle("waving", 60.0, 1, 3), Idle("hanging", 60.0, 0, 0)]
    summary = Report(attempts, idle, None).summary()
    assert (summary["wrong"], summary["missed"], summary["median_s"]) == (0.25, 0.25, 2.5)
    assert summary["false_per_minute"] == 0.5
    assert summary["by"]["hand"]["right"]["missed"] == 1.0
    assert summary["idle_by"]["waving"] == {"minutes": 1.0, "picks": 1, "engaged": 3}
    assert share_of([]).median_s is None


@pytest.fixture(scope="module")
def summary() -> dict[str, Any]:
    """The JSON of a tiny run: real pictures, models, screen and visit."""
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(StringIO()) as out:
        patch.setenv("KIOSK_CONFIG", str(Path(__file__).parents[2] / "config.toml"))
        patch.setenv("QT_QPA_PLATFORM", "offscreen")
        patch.setenv("QT_QUICK_BACKEND", "software")
        main(as_json=True, effort=Effort(selections=2, fingers=5, idle_min=0.35, jobs=1))
    (line,) = out.getvalue().splitlines()
    return json.loads(line)


@pytest.mark.slow
def test_the_summary_has_what_it_promises(summary: dict[str, Any]) -> None:
    assert set(GOALS) | {"selections", "cursor_latency_frames", "by"} <= set(summary)
    assert (summary["selections"], summary["fingers"]["attempts"]) == (2, 5)
    assert set(summary["by"]) >= {"tile", "hand", "skin", "face_px", "tremor"}
    assert summary["fingers_right"] >= 0.6
    assert summary["false_per_minute"] == 0
