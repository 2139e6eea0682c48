"""Whether there is light on people, and not only behind them."""

from __future__ import annotations

from kiosk.health.check import Check
from kiosk.health.finding import Finding, Level
from kiosk.health.place import Place
from kiosk.vision.percepts import View

_NIGHT, _DARK, _GLARING = 20.0, 55.0, 215.0
_BLOWN = 0.25


def look(place: Place) -> View | None:
    """The camera's picture, if there is one."""
    return place.parts.view


def judge(view: View | None) -> Finding:
    """Darkness is no fault at night: it is only ever something to watch."""
    if view is None:
        return Finding(Level.UNKNOWN, "health.light.nothing")
    figures = {"light": round(view.light), "blown_percent": round(view.blown * 100)}
    if view.light < _NIGHT:
        return Finding(Level.UNKNOWN, "health.light.night", figures)
    if view.light < _DARK:
        return Finding(Level.WATCH, "health.light.dark", figures)
    if view.light > _GLARING or view.blown > _BLOWN:
        return Finding(Level.WATCH, "health.light.glaring", figures)
    return Finding(Level.GOOD, "health.light.good", figures)


CHECK = Check("light", "surroundings", look, judge)
