"""The PIN before the technician's screen, and how it holds out against guessing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.errors import ConfigError
from kiosk.technician_pin import TechnicianPin

START = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)


class Lock:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.now = START
        self.pin = self.again()
        self.pin.set("271828")

    def again(self) -> TechnicianPin:
        """As after a restart."""
        return TechnicianPin(self.path, lambda: self.now)


@pytest.fixture
def lock(tmp_path: Path) -> Lock:
    return Lock(tmp_path / "technician.json")


def test_the_right_one_opens_and_is_not_to_be_read(lock: Lock) -> None:
    assert lock.pin.try_("271828")
    assert "271828" not in lock.path.read_text(encoding="ascii")
    assert lock.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "pin", ["", "12345", "1234567", "12345a", "111111", "121212", "123456", "987654", "٣٤٥٦٧٨"]
)
def test_what_is_easily_guessed_is_refused(lock: Lock, pin: str) -> None:
    with pytest.raises(ConfigError):
        lock.pin.set(pin)
    assert lock.pin.try_("271828")


def test_after_five_wrong_ones_each_costs_longer_even_over_a_restart(lock: Lock) -> None:
    for _ in range(4):
        assert not lock.pin.try_("000001")
    assert not lock.pin.blocked_for()
    for wait in (1, 2, 4, 8, 16, 32, 60, 60):
        assert not lock.again().try_("000001")
        assert lock.again().blocked_for() == timedelta(minutes=wait)
        assert not lock.again().try_("271828")  # not even looked at
        lock.now += timedelta(minutes=wait)
    assert lock.again().try_("271828")
    assert not lock.again().blocked_for()


def test_a_clock_that_was_set_back_blocks_for_an_hour_at_most(lock: Lock) -> None:
    for _ in range(5):
        lock.pin.try_("000001")
    lock.now -= timedelta(days=3000)
    assert lock.pin.blocked_for() == timedelta(hours=1)


@pytest.mark.parametrize("content", ["", "{}", "no json"])
def test_without_a_pin_nothing_opens(lock: Lock, content: str) -> None:
    lock.path.write_text(content, encoding="ascii")
    assert not lock.pin.is_set
    assert not lock.pin.try_("271828")
