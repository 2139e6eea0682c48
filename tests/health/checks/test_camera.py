from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kiosk.health.checks.camera import CHECK
from kiosk.health.finding import Level
from tests.health.kiosks import parts, place


@pytest.mark.parametrize(
    ("told", "key", "level"),
    [
        ({}, "good", Level.GOOD),
        ({"frames_per_s": 8.0}, "good", Level.GOOD),
        ({"frames_per_s": 7.9}, "slow", Level.WATCH),
        ({"camera": "none"}, "none", Level.ABSENT),
        ({"camera": "starting"}, "starting", Level.UNKNOWN),
        ({"camera": "stalled"}, "stopped", Level.BAD),
        ({"camera": "stalled", "camera_reason": "model_missing"}, "stopped", Level.BAD),
        ({"camera": "stalled", "camera_reason": "camera_not_opened"}, "not_opened", Level.BAD),
    ],
)
def test_edges(tmp_path: Path, told: dict[str, Any], key: str, level: Level) -> None:
    finding = CHECK(place(tmp_path, parts(**told)))
    assert (finding.key, finding.level) == (f"health.camera.{key}", level)
