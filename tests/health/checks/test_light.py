from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.health.checks.light import CHECK
from kiosk.health.finding import Level
from kiosk.vision.percepts import View
from tests.health.kiosks import parts, place


@pytest.mark.parametrize(
    ("light", "blown", "key", "level"),
    [
        (0.0, 0.0, "night", Level.UNKNOWN),
        (19.9, 0.0, "night", Level.UNKNOWN),
        (20.0, 0.0, "dark", Level.WATCH),
        (54.9, 0.0, "dark", Level.WATCH),
        (55.0, 0.0, "good", Level.GOOD),
        (215.0, 0.25, "good", Level.GOOD),
        (215.1, 0.0, "glaring", Level.WATCH),
        (120.0, 0.26, "glaring", Level.WATCH),
    ],
)
def test_edges(tmp_path: Path, light: float, blown: float, key: str, level: Level) -> None:
    finding = CHECK(place(tmp_path, parts(view=View(light, blown, 1.0))))
    assert (finding.key, finding.level) == (f"health.light.{key}", level)


def test_without_a_picture(tmp_path: Path) -> None:
    assert CHECK(place(tmp_path, parts(view=None))).key == "health.light.nothing"
