from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.health.checks.space import Room, judge, look
from kiosk.health.finding import Level
from tests.health.kiosks import place


@pytest.mark.parametrize(
    ("room", "key", "level"),
    [
        (Room(500.0, 1.0, True), "good", Level.GOOD),
        (Room(499.9, 1.0, True), "low", Level.WATCH),
        (Room(100.0, 1.0, True), "low", Level.WATCH),
        (Room(99.9, 1.0, True), "out", Level.BAD),
        (Room(9000.0, 0.05, True), "good", Level.GOOD),
        (Room(9000.0, 0.049, True), "low", Level.WATCH),
        (Room(9000.0, 1.0, False), "read_only", Level.BAD),
    ],
)
def test_edges(room: Room, key: str, level: Level) -> None:
    finding = judge(room)
    assert (finding.key, finding.level) == (f"health.space.{key}", level)


def test_room_is_looked_for_where_the_database_will_be(tmp_path: Path) -> None:
    here = place(tmp_path, store={"path": tmp_path / "not" / "yet" / "kiosk.db"})
    room = look(here)
    assert room.free_mb > 0
    assert room.writable
    assert not (tmp_path / "not").exists()
