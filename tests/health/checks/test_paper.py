from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kiosk.health.checks.paper import CHECK
from kiosk.health.finding import Level
from tests.health.kiosks import parts, place


@pytest.mark.parametrize(
    ("told", "level"),
    [
        ({}, Level.GOOD),
        ({"printer_reason": "printer_near_end"}, Level.WATCH),
        ({"printer": "bad", "printer_reason": "printer_paper_out"}, Level.BAD),
        ({"printer": "bad", "printer_reason": "printer_cover_open"}, Level.UNKNOWN),
        ({"printer": "bad", "printer_reason": "printer_none"}, Level.ABSENT),
        ({"printer": "unknown"}, Level.UNKNOWN),
    ],
)
def test_edges(tmp_path: Path, told: dict[str, Any], level: Level) -> None:
    assert CHECK(place(tmp_path, parts(**told))).level is level
