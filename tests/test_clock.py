"""A scene's time stands still between frames, and real work is credited to it."""

from __future__ import annotations

from kiosk.clock import SceneClock


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
