from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.health.checks.temperature import CHECK, judge
from kiosk.health.finding import Level
from tests.health.kiosks import place, put


@pytest.mark.parametrize(
    ("celsius", "level"),
    [
        (None, Level.ABSENT),
        (-5.0, Level.GOOD),
        (75.0, Level.GOOD),
        (75.1, Level.WATCH),
        (82.0, Level.WATCH),
        (82.1, Level.BAD),
    ],
)
def test_edges(celsius: float | None, level: Level) -> None:
    assert judge(celsius).level is level


def test_the_warmest_zone_counts_and_a_broken_one_does_not(tmp_path: Path) -> None:
    here = place(tmp_path)
    assert CHECK(here).level is Level.ABSENT
    for zone, content in enumerate(("41000", "83500\n", "no sensor")):
        put(here, f"sys/class/thermal/thermal_zone{zone}/temp", content)
    assert CHECK(here).figures == {"celsius": 83.5}
    assert CHECK(here).level is Level.BAD
