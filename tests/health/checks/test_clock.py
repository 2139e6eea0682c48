from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.health.checks.clock import RELEASED, ClockSeen, judge, look
from kiosk.health.finding import Level
from tests.health.kiosks import NOW, place


@pytest.mark.parametrize(
    ("seen", "key", "level"),
    [
        (ClockSeen(NOW, trusted=True), "good", Level.GOOD),
        (ClockSeen(NOW, trusted=False), "unsure", Level.WATCH),
        (ClockSeen(RELEASED, trusted=True), "good", Level.GOOD),
        (ClockSeen(RELEASED - timedelta(seconds=1), trusted=True), "unset", Level.BAD),
        (ClockSeen(datetime(1970, 1, 1, tzinfo=UTC), trusted=False), "unset", Level.BAD),
    ],
)
def test_edges(seen: ClockSeen, key: str, level: Level) -> None:
    finding = judge(seen)
    assert (finding.key, finding.level) == (f"health.clock.{key}", level)


def test_this_machine_has_a_clock(tmp_path: Path) -> None:
    assert look(place(tmp_path)).moment == NOW
