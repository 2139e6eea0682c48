"""Where the options of the choosing page are: asked of the real screen, drawn on no display."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime

from kiosk.attendant import policy_of
from kiosk.bench.booth import Layout, Orientation
from kiosk.config import Settings
from kiosk.visit.events import Person, Seen
from kiosk.visit.machine import step
from kiosk.visit.state import Visit

_TURNS = 4
"""Rounds of the event loop until the layout has settled."""


def choosing(
    settings: Settings, orientations: tuple[Orientation, ...]
) -> dict[Orientation, Layout]:
    """The first page of fields in each orientation. Needs Qt, with or without a display."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.setdefault("QT_QUICK_BACKEND", "software")
    from PySide6.QtGui import QGuiApplication

    application = QGuiApplication.instance() or QGuiApplication(["kiosk"])
    return {each: _drawn(settings, each, application.processEvents) for each in orientations}


def _drawn(settings: Settings, orientation: Orientation, turn: Callable[[], object]) -> Layout:
    from kiosk.ui.bridge import Bridge
    from kiosk.ui.theme import theme
    from kiosk.ui.view import screen
    from kiosk.ui.window import KioskWindow

    still = {"orientation": orientation, "fullscreen": False, "reduced_motion": True}
    look = settings.screen.model_copy(update=still)
    bridge = Bridge(theme(look))
    window = KioskWindow(look, bridge)
    window.show()
    policy = policy_of(settings)
    visit, _ = step(Visit(), Seen(0.0, Person(1, near=True), 0), policy)
    bridge.show(screen(visit, policy, 0.0, datetime.now(UTC), settings, {}, None))
    for _ in range(_TURNS):
        turn()
    layout = Layout(bridge.stage, bridge.targets)
    window.close()
    return layout
