from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.health.checks.memory import judge, look
from kiosk.health.finding import Level
from tests.health.kiosks import place, put


@pytest.mark.parametrize(
    ("free_mb", "level"),
    [
        (None, Level.ABSENT),
        (250.0, Level.GOOD),
        (249.9, Level.WATCH),
        (80.0, Level.WATCH),
        (79.9, Level.BAD),
    ],
)
def test_edges(free_mb: float | None, level: Level) -> None:
    assert judge(free_mb).level is level


def test_what_programs_can_have_counts_not_what_is_idle(tmp_path: Path) -> None:
    here = place(tmp_path)
    assert look(here) is None
    put(here, "proc/meminfo", "MemTotal: 4000000 kB\nMemFree: 1000 kB\nMemAvailable:  500000 kB\n")
    assert look(here) == pytest.approx(512.0)
