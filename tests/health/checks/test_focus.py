from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.health.checks.focus import CHECK
from kiosk.health.finding import Level
from kiosk.vision.percepts import View
from tests.health.kiosks import parts, place


@pytest.mark.parametrize(
    ("blur_px", "level"),
    [
        (None, Level.UNKNOWN),
        (0.8, Level.GOOD),
        (1.8, Level.GOOD),
        (1.81, Level.WATCH),
        (3.2, Level.WATCH),
        (3.21, Level.BAD),
    ],
)
def test_edges(tmp_path: Path, blur_px: float | None, level: Level) -> None:
    assert CHECK(place(tmp_path, parts(view=View(120, 0.0, blur_px)))).level is level


def test_without_a_picture(tmp_path: Path) -> None:
    assert CHECK(place(tmp_path, parts(view=None))).level is Level.UNKNOWN
