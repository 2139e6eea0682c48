"""Whether the camera gives pictures, and enough of them."""

from __future__ import annotations

from kiosk.health.check import Check
from kiosk.health.finding import Finding, Level
from kiosk.health.parts import Parts
from kiosk.health.place import Place

_SLOW = 8.0
"""Frames a second: with fewer a pointing hand lags behind."""


def look(place: Place) -> Parts:
    """What the kiosk says of it, or who tried it."""
    return place.parts


def judge(parts: Parts) -> Finding:
    """A kiosk without a camera serves by touch and keypad; one that ought to have one is bad."""
    if parts.camera == "none":
        return Finding(Level.ABSENT, "health.camera.none")
    if parts.camera == "starting":
        return Finding(Level.UNKNOWN, "health.camera.starting")
    if parts.camera_reason == "camera_not_opened":
        return Finding(Level.BAD, "health.camera.not_opened")
    if parts.camera != "working":
        return Finding(Level.BAD, "health.camera.stopped", {"reason": parts.camera_reason or "–"})
    figures = {"frames_per_s": round(parts.frames_per_s, 1)}
    if parts.frames_per_s < _SLOW:
        return Finding(Level.WATCH, "health.camera.slow", figures)
    return Finding(Level.GOOD, "health.camera.good", figures)


CHECK = Check("camera", "hardware", look, judge)
