"""Whether the picture is sharp.

Sharp photographs of people at a kiosk's distance measure 0.8 to 1.4; the same blurred by a
Gaussian of 1.5 pixels 1.8 to 3.1, by one of 2.5 pixels 2.7 to 4.7.
"""

from __future__ import annotations

from kiosk.health.check import Check
from kiosk.health.finding import Finding, Level
from kiosk.health.place import Place
from kiosk.vision.percepts import View

_SOFT_PX, _BLURRED_PX = 1.8, 3.2


def look(place: Place) -> View | None:
    """The camera's picture, if there is one."""
    return place.parts.view


def judge(view: View | None) -> Finding:
    """An empty wall has no edges to judge by."""
    if view is None or view.blur_px is None:
        return Finding(Level.UNKNOWN, "health.focus.nothing")
    figures = {"blur_px": view.blur_px}
    if view.blur_px > _BLURRED_PX:
        return Finding(Level.BAD, "health.focus.blurred", figures)
    if view.blur_px > _SOFT_PX:
        return Finding(Level.WATCH, "health.focus.soft", figures)
    return Finding(Level.GOOD, "health.focus.good", figures)


CHECK = Check("focus", "hardware", look, judge)
