"""Somebody at the real window of an X server, who takes a ticket one way. A process of its own,
started by ``test_real_window.py`` with a display."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from kiosk import config
from kiosk.printer.virtual import VirtualPrinter
from kiosk.visit.state import Phase
from tests.e2e.door import Door, Steps, run_kiosk
from tests.e2e.test_trouble import REPOSITORY, but

FIELD = "field:chung_thuc"
SIZE = (540, 960)
_STEPS = {"confirm_s": 1.0, "ticket_s": 20.0}
"""Long enough to be looked at on a busy machine."""
_PATIENCE_TABS = 20


class Keys(QObject):
    """How many keys have come to the window, let go again."""

    def __init__(self, view: QObject) -> None:
        super().__init__(view)
        self.released = 0
        view.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 -- Qt's
        """Count and let pass."""
        self.released += event.type() == QEvent.Type.KeyRelease
        return super().eventFilter(watched, event)


class Person:
    """What somebody does at the window, as events of the X server (a touch: of Qt)."""

    def __init__(self, door: Door, folder: Path) -> None:
        self.door, self._folder = door, folder
        self.keys = Keys(door.kiosk.window.view)

    def has(self, option: str) -> bool:
        """The option is on the screen, where it can be reached."""
        shown = self.door.kiosk.window.view.isExposed()
        return shown and any(target.id == option for target in self.door.kiosk.bridge.targets)

    def faces(self) -> bool:
        """The keyboard is the window's: there is no window manager to give it."""
        view = self.door.kiosk.window.view
        if not view.isActive():
            view.requestActivate()
        return view.isActive()

    def middle(self, option: str) -> QPoint:
        bridge, view = self.door.kiosk.bridge, self.door.kiosk.window.view
        x, y, width, height = next(t.rect for t in bridge.targets if t.id == option)
        factor = view.width() / bridge.stage[0]
        return QPoint(round((x + width / 2) * factor), round((y + height / 2) * factor))

    def clicks(self, option: str) -> None:
        view, at = self.door.kiosk.window.view, self.middle(option)
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)

    def touches(self, option: str) -> None:
        view, at = self.door.kiosk.window.view, self.middle(option)
        finger = QTest.createTouchDevice()
        QTest.touchEvent(view, finger).press(0, at, view).commit()
        QTest.touchEvent(view, finger).release(0, at, view).commit()

    def presses(self, key: str) -> None:
        _xdotool("key", key)

    def focused(self) -> str:
        """The option that Return would choose."""
        item = self.door.kiosk.window.view.activeFocusItem()
        return (item.property("option") or "") if item else ""

    def looks(self, name: str) -> None:
        """Keep what is on the screen now."""
        self.door.kiosk.window.grab(self._folder / f"{name}.png")


def _xdotool(*command: str) -> None:
    subprocess.Popen(["xdotool", *command])  # the event comes to this process: nobody waits


def pointing(does: Callable[[Person, str], None], person: Person) -> Steps:
    """Begin, then choose the third field, with a mouse or a finger."""
    door = person.door
    yield lambda: door.is_at(Phase.ATTRACT) and person.has("start")
    does(person, "start")
    yield lambda: door.is_at(Phase.CHOOSE) and person.has(FIELD)
    does(person, FIELD)
    yield lambda: Phase.CONFIRM in door.phases


def by_digit(person: Person) -> Steps:
    door = person.door
    yield lambda: door.is_at(Phase.ATTRACT) and person.has("start") and person.faces()
    person.presses("5")  # any digit begins
    yield lambda: door.is_at(Phase.CHOOSE) and person.has(FIELD)
    person.presses("KP_3")
    yield lambda: Phase.CONFIRM in door.phases


def by_tab(person: Person) -> Steps:
    door = person.door
    yield lambda: door.is_at(Phase.ATTRACT) and person.has("start") and person.faces()
    yield from _tab_to(person, "start")
    person.presses("Return")
    yield lambda: door.is_at(Phase.CHOOSE) and person.has(FIELD)
    yield from _tab_to(person, FIELD)
    person.presses("KP_Enter")
    yield lambda: Phase.CONFIRM in door.phases


def _tab_to(person: Person, option: str) -> Steps:
    for _ in range(_PATIENCE_TABS):
        if person.focused() == option:
            return
        yield person.faces
        # A page that comes moves the focus by itself: what counts is that the key came.
        before = person.keys.released
        person.presses("Tab")
        yield lambda before=before: person.keys.released > before
    raise AssertionError(f"Tab never came to {option}")


def by_hand(person: Person) -> Steps:
    """The replay camera's citizen points; nobody touches anything."""
    door = person.door
    yield lambda: Phase.CHOOSE in door.phases
    yield lambda: door.kiosk.bridge.target == FIELD
    yield lambda: Phase.CONFIRM in door.phases


WAYS: dict[str, Callable[[Person], Steps]] = {
    "mouse": lambda person: pointing(Person.clicks, person),
    "touch": lambda person: pointing(Person.touches, person),
    "keypad": by_digit,
    "tab": by_tab,
    "hand": by_hand,
}


def main(way: str, out: str) -> None:
    """Take a ticket and write down what came of it, as ``told.json`` in the folder ``out``."""
    folder = Path(out)
    told: dict[str, object] = {}
    with VirtualPrinter("127.0.0.1", 0, folder / "paper") as printer:
        settings = but(
            config.load(REPOSITORY / "config.toml"),
            camera={"source": "replay:first_visit" if way == "hand" else "none"},
            recognition={"enabled": False},
            printer={"device": f"network:127.0.0.1:{printer.port}"},
            voice={"enabled": False},
            screen={"reduced_motion": True},
            visit=_STEPS,
            store={"path": folder / "kiosk.db", "key_file": folder / "kiosk.key"},
        )

        def visitor(door: Door) -> Steps:
            person = Person(door, folder)
            yield from WAYS[way](person)
            yield lambda: Phase.TICKET in door.phases
            person.looks("ticket")
            told["number"] = door.visit.ticket and door.visit.ticket.number
            told["way"] = door.visit.way

        door = run_kiosk(settings, folder, visitor)
    told["platform"] = QGuiApplication.platformName()
    told["phases"] = door.phases
    told["paper"] = sorted(path.name for path in (folder / "paper").glob("*.png"))
    (folder / "told.json").write_text(json.dumps(told), encoding="utf-8")
