"""A scene's time stands still between frames; the office's date is believed with care."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from kiosk.clock import Anchor, OfficeClock, Reading, SceneClock, Sight, look_at_clocks


class Wall:
    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def test_scene_time_is_the_newest_frames() -> None:
    wall = Wall()
    clock = SceneClock(wall)
    clock.frame(0.5)
    wall.at += 7
    assert clock.now() == 0.5
    clock.frame(0.4)
    assert clock.now() == 0.5


def test_how_far_a_scene_is_ahead_of_real_time() -> None:
    wall = Wall()
    clock = SceneClock(wall)
    assert clock.ahead_s() == 0
    clock.frame(0.0)
    clock.frame(2.0)
    wall.at += 0.5
    assert abs(clock.ahead_s() - 1.5) < 1e-9
    wall.at += 3
    assert abs(clock.ahead_s() + 1.5) < 1e-9


def test_real_work_is_credited_once() -> None:
    wall = Wall()
    clock = SceneClock(wall)
    clock.frame(2.0)
    clock.wait()
    wall.at += 0.3
    assert abs(clock.now() - 2.3) < 1e-9
    clock.wait()
    clock.resume()
    wall.at += 5
    clock.resume()
    clock.frame(2.1)
    assert abs(clock.now() - 2.4) < 1e-9


# ── the office's clock ────────────────────────────────────────────────────────────────────────

MORNING = datetime(2026, 3, 2, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Machine:
    """A computer whose clocks move only when told to, and what its kiosk remembers."""

    def __init__(self) -> None:
        self.shows = Sight(MORNING, 60.0, "first", trusted=False)
        self.kept: list[Anchor] = []

    def passes(self, time: timedelta) -> None:
        up = self.shows.uptime + time.total_seconds()
        self.shows = replace(self.shows, wall=self.shows.wall + time, uptime=up)

    def jumps(self, time: timedelta, *, trusted: bool = False) -> None:
        self.shows = replace(self.shows, wall=self.shows.wall + time, trusted=trusted)

    def restarts(self, wall: datetime) -> None:
        boot = self.shows.boot + "'"
        self.shows = Sight(wall, 5.0, boot, trusted=False)

    def clock(self, floor: datetime | None = None) -> OfficeClock:
        anchor = self.kept[-1] if self.kept else None
        return OfficeClock(lambda: self.shows, anchor, floor, self.kept.append)


def test_time_passes_as_the_machine_runs() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.passes(HOUR)
    assert clock() == Reading(MORNING + HOUR, certain=False, boot="first")


def test_a_jump_nobody_vouches_for_is_not_followed_even_by_the_next_process() -> None:
    machine = Machine()
    clock = machine.clock()
    for jump in (3 * DAY, -DAY):
        machine.jumps(jump)
        machine.passes(HOUR)
    assert clock().moment == MORNING + 2 * HOUR
    assert machine.clock()().moment == MORNING + 2 * HOUR


def test_a_clock_that_was_set_is_believed_forward_and_back() -> None:
    machine = Machine()
    clock = machine.clock()
    for jump in (DAY, -3 * DAY):
        machine.jumps(jump, trusted=True)
        assert clock() == Reading(machine.shows.wall, certain=True, boot="first")


def test_once_set_it_is_certain_for_the_rest_of_the_run() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.jumps(DAY, trusted=True)
    clock()
    machine.jumps(DAY, trusted=False)
    machine.passes(HOUR)
    at = Reading(MORNING + DAY + HOUR, certain=True, boot="first")
    assert clock() == at
    assert machine.clock()() == at
    machine.restarts(MORNING)
    assert not machine.clock()().certain


def test_a_restart_never_goes_below_what_is_on_record() -> None:
    machine = Machine()
    newest = MORNING + 5 * HOUR
    machine.restarts(MORNING)
    clock = machine.clock(floor=newest)
    machine.passes(HOUR)
    assert clock().moment == newest + HOUR
    machine.restarts(MORNING + DAY)
    assert machine.clock(floor=newest)().moment == MORNING + DAY


def test_little_is_written_down() -> None:
    machine = Machine()
    for _ in range(3):
        clock = machine.clock()
        for _ in range(5):
            machine.jumps(HOUR, trusted=True)
            clock()
    assert [anchor.certain for anchor in machine.kept] == [False, True]


def test_this_machine_has_clocks() -> None:
    before, after = look_at_clocks(), look_at_clocks()
    assert before.boot == after.boot != ""
    assert 0 < before.uptime <= after.uptime
    assert before.wall.tzinfo is UTC
