"""When an update may switch: never while people are served."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.commands.update import people_are_served, told_by_tenths

ROOT = Path(__file__).parent.parent.parent


def at(hour: int, minute: int = 0) -> datetime:
    """A Monday in Hà Nội, seven hours ahead of UTC."""
    return datetime(2026, 11, 23 if hour >= 7 else 22, (hour - 7) % 24, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hour", "served"), [(1, True), (2, False), (3, False), (4, True), (9, True), (23, True)]
)
def test_an_office_without_hours_sleeps_from_two_to_four(hour: int, served: bool) -> None:
    assert people_are_served(ROOT / "config.toml", at(hour)) is served


@pytest.mark.parametrize(
    ("hour", "minute", "served"),
    [(7, 29, False), (7, 30, True), (11, 30, False), (14, 0, True), (17, 0, False)],
)
def test_opening_hours(tmp_path: Path, hour: int, minute: int, served: bool) -> None:
    settings = (ROOT / "config.toml").read_text("utf-8")
    hours = 'hours = { mon = ["07:30-11:30", "13:30-17:00"] }\nholidays'
    (tmp_path / "config.toml").write_text(settings.replace("\nholidays", f"\n{hours}", 1), "utf-8")
    assert people_are_served(tmp_path / "config.toml", at(hour, minute)) is served


def test_settings_that_cannot_be_read_keep_the_release(tmp_path: Path) -> None:
    assert people_are_served(tmp_path / "none.toml", at(3))


def test_an_update_is_a_few_lines_in_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    tell = told_by_tenths()
    for thousandth in range(1001):
        tell(thousandth / 1000)
    said = capsys.readouterr().err.split("\n")
    assert said == [*(f"{percent} %" for percent in range(0, 101, 10)), ""]
