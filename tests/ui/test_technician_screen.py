"""The technician's screen, drawn for real over a citizen's page. The pictures are in
``out/screens``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtQuick import QQuickItem
from PySide6.QtTest import QTest

from kiosk.health.doctor import examine
from tests.health.kiosks import parts, place
from tests.test_technician import Kiosk

from .scene import SIZES, Scene, build

SCREENS = Path(__file__).parents[2] / "out" / "screens"
pytestmark = pytest.mark.slow


@pytest.fixture(params=list(SIZES))
def scene(application: QGuiApplication, request: pytest.FixtureRequest) -> Iterator[Scene]:
    built = build(application, SIZES[request.param])
    yield built.show("choose")
    built.window.close()


@pytest.fixture
def kiosk(tmp_path: Path, scene: Scene) -> Kiosk:
    made = Kiosk(tmp_path)

    def press(button: str) -> None:
        made.technician.press(button)
        scene.bridge.show_technician(made.technician.screen())

    def knock() -> None:
        made.technician.knock()
        scene.bridge.show_technician(made.technician.screen())

    scene.bridge.technician_knocked.connect(knock)
    scene.bridge.technician_pressed.connect(press)
    return made


def labels(scene: Scene) -> list[str]:
    return [str(item.property("text")) for item in scene.items() if item.property("text")]


def key(scene: Scene, which: Qt.Key) -> None:
    QTest.keyClick(scene.window.view, which)
    scene.settle()


def test_f12_and_the_pin_open_it_from_a_keypad(scene: Scene, kiosk: Kiosk) -> None:
    key(scene, Qt.Key.Key_F12)
    assert kiosk.technician.screen().page == "pin"
    for digit in "271828":
        key(scene, Qt.Key(Qt.Key.Key_0 + int(digit)))
    assert kiosk.technician.screen().page == "health"
    assert scene.picks == []  # no digit reached the citizen's page


def test_no_hand_in_the_air_reaches_what_is_below(scene: Scene, kiosk: Kiosk) -> None:
    assert scene.bridge.targets
    key(scene, Qt.Key.Key_F12)
    assert scene.bridge.targets == ()
    kiosk.technician.press("close")
    scene.bridge.show_technician(kiosk.technician.screen())
    scene.settle()
    assert scene.bridge.targets


def test_every_page_shows_its_words(scene: Scene, kiosk: Kiosk, tmp_path: Path) -> None:
    orientation = "portrait" if scene.stage.height() > scene.stage.width() else "landscape"
    kiosk.enter()
    paperless = parts(printer="bad", printer_reason="printer_paper_out")
    kiosk.technician.examined(examine(place(tmp_path, paperless)))
    for page in ("health", "camera", "pointer", "enrol"):
        kiosk.technician.press(page)
        shown = kiosk.technician.screen()
        scene.bridge.show_technician(shown)
        scene.settle()
        seen = labels(scene)
        assert shown.title in seen
        assert all(button.label in seen for button in shown.buttons)
        if page == "health":
            assert any("out of paper" in label for label in seen)
        scene.window.grab(SCREENS / f"technician-{page}-{orientation}.png")


def test_buttons_lie_inside_the_stage_and_apart(scene: Scene, kiosk: Kiosk) -> None:
    kiosk.enter()
    scene.bridge.show_technician(kiosk.technician.screen())
    scene.settle()
    known = {button.label for button in kiosk.technician.screen().buttons}
    buttons = [item for item in scene.items() if item.property("label") in known]
    places = [scene.place(item) for item in buttons if isinstance(item, QQuickItem)]
    assert len(places) == len(known)
    for index, one in enumerate(places):
        assert scene.place(scene.stage).contains(one)
        assert not any(one.intersects(other) for other in places[index + 1 :])
