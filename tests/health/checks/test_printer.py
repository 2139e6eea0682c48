from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kiosk.health.checks.printer import CHECK
from kiosk.health.finding import Level
from tests.health.kiosks import parts, place


@pytest.mark.parametrize(
    ("told", "key", "level"),
    [
        ({}, "health.printer.good", Level.GOOD),
        ({"printer_reason": "printer_near_end"}, "health.printer.good", Level.GOOD),
        ({"printer": "bad", "printer_reason": "printer_paper_out"}, "health.printer.good", 1),
        ({"printer": "bad", "printer_reason": "printer_none"}, "health.printer.none", 0),
        ({"printer": "unknown"}, "health.printer.starting", Level.UNKNOWN),
        (
            {"printer": "bad", "printer_reason": "printer_cover_open"},
            "error.printer_cover_open",
            Level.BAD,
        ),
        (
            {"printer": "bad", "printer_reason": "printer_unreachable"},
            "error.printer_unreachable",
            Level.BAD,
        ),
        (
            {"printer": "unknown", "printer_reason": "printer_silent"},
            "error.printer_silent",
            Level.WATCH,
        ),
    ],
)
def test_edges(tmp_path: Path, told: dict[str, Any], key: str, level: Level | int) -> None:
    finding = CHECK(place(tmp_path, parts(**told)))
    assert finding.key == key
    assert level in (finding.level, finding.level.rank)
    assert finding.what("vi")
