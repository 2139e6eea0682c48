"""Hands that choose nothing: what people do with them before a kiosk. Pure: time is an argument."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from kiosk.vision.percepts import Point
from kiosk.vision.scene import Pose


@dataclass(frozen=True, slots=True)
class Held:
    """A hand in a picture: its index fingertip, in face widths right of and below the middle of
    the face as a right hand's, and what can be seen of it."""

    tip: Point
    pose: Pose
    lean: float = 0.0
    phone: bool = False


Motion = Callable[[float], Held]


def _sway(at: float, rate: float, reach: float) -> float:
    return reach * math.sin(2 * math.pi * rate * at)


def _hanging(at: float) -> Held:
    return Held((-1.5 + _sway(at, 0.6, 0.15), 3.4 + _sway(at, 0.3, 0.1)), "edge", 175.0)


def _on_counter(at: float) -> Held:
    return Held((-0.5 + _sway(at, 0.15, 0.1), 2.1 + _sway(at, 0.9, 0.03)), "back", 70.0)


def _scratching(at: float) -> Held:
    return Held((-0.35 + _sway(at, 3.0, 0.06), -0.75 + _sway(at, 2.7, 0.05)), "edge", 30.0)


def _at_chin(at: float) -> Held:
    return Held((-0.2 + _sway(at, 0.2, 0.04), 0.42 + _sway(at, 0.3, 0.03)), "back", 25.0)


def _phone(at: float) -> Held:
    return Held((-1.0 + _sway(at, 0.25, 0.08), 0.9 + _sway(at, 0.4, 0.05)), "grip", 5.0, phone=True)


def _talking(at: float) -> Held:
    """A hand that goes with what is said: edges and backs, now and then the palm for a moment."""
    beat = math.sin(2 * math.pi * 0.45 * at) + 0.6 * math.sin(2 * math.pi * 1.1 * at + 1)
    pose: Pose = "open" if math.sin(2 * math.pi * 0.21 * at) > 0.8 else "edge"
    return Held((-0.9 + 0.35 * beat, 1.5 - 0.25 * beat), pose, 25 * math.sin(2 * at))


def _waving(at: float) -> Held:
    """At somebody across the room."""
    return Held((-1.1 + _sway(at, 1.8, 0.45), 0.1), "open", _sway(at, 1.8, 25.0))


def _carrying(at: float) -> Held:
    """Papers or a child on the arm: a fist before the chest."""
    return Held((-0.6 + _sway(at, 0.3, 0.06), 1.5 + _sway(at, 0.5, 0.05)), "fist", -35.0)


MOTIONS: dict[str, Motion] = {
    "hanging": _hanging,
    "on the counter": _on_counter,
    "scratching the head": _scratching,
    "at the chin": _at_chin,
    "a phone held up": _phone,
    "talking": _talking,
    "waving": _waving,
    "carrying": _carrying,
}
BYSTANDER = "a bystander's raised hand"
"""One more: somebody else behind raises an open hand while the person's own hangs."""
