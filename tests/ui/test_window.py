"""The screen drawn for real, without a display: what is seen, where it is, what a touch does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from shiboken6 import getCppPointer

from kiosk.locale import LANGUAGES, Language
from kiosk.ui.pointer import Pointing, Selector
from kiosk.vision.percepts import FLAWS
from kiosk.visit.events import Person, Way

from .pages import SETTINGS, VISITS, page, show
from .reading import faults, read
from .scene import SIZES, Scene, build


@pytest.fixture(scope="module", params=SIZES)
def scene(request: pytest.FixtureRequest, application: QGuiApplication) -> Iterator[Scene]:
    scene = build(application, SIZES[request.param])
    yield scene
    scene.window.close()


@pytest.fixture
def desk(application: QGuiApplication) -> Iterator[Scene]:
    """A small window on a desk."""
    scene = build(application, (540, 960))
    yield scene
    scene.window.close()


# ── what is seen ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_is_wrong_with_the_picture_can_be_read_whole(
    scene: Scene, language: Language
) -> None:
    found: dict[str, list[str]] = {}
    for flaw in FLAWS:
        shown = show(replace(VISITS["choose"], person=Person(1, near=True, flaw=flaw)), language)
        scene.bridge.show(shown)
        (told,) = (text for text in read(scene.settle()) if text.text == shown.feedback.text)
        found[told.text] = faults(scene, told)
    assert not any(found.values()), found


# ── where it is ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "name", ["attract", "choose-greeted", "confirm", "ticket", "consent-identity"]
)
def test_targets_are_where_the_options_are_drawn(scene: Scene, name: str) -> None:
    scene.show(name)
    drawn = {
        item.property("option"): scene.place(item).getRect()
        for item in scene.items()
        if item.property("pickable")
    }
    shown = page(name)
    choices = (*shown.tiles, *shown.band.looks)
    assert set(drawn) == {tile.id for tile in choices}
    assert {target.id: target.rect for target in scene.bridge.targets} == drawn
    wanted = {tile.id: (tile.digit, tile.grave) for tile in choices}
    for target in scene.bridge.targets:
        assert (target.digit, target.grave) == wanted[target.id]


def test_tiles_are_large_and_far_apart(scene: Scene) -> None:
    scene.show("choose")
    rects = [QRectF(*t.rect) for t in scene.bridge.targets if t.id.startswith("field:")]
    assert min(rect.width() for rect in rects) >= scene.bridge.stage[0] / 5
    for one, other in combinations(rects, 2):
        grown = one.adjusted(-22, -22, 22, 22)
        assert not grown.intersects(other.adjusted(-22, -22, 22, 22))


@pytest.mark.parametrize(
    ("size", "stage"),
    [
        ((540, 960), (1080, 1920)),
        ((800, 1280), (1200, 1920)),
        ((1366, 768), (1921, 1080)),
        ((2160, 3840), (1080, 1920)),
    ],
)
def test_the_stage_fills_any_window(
    desk: Scene, size: tuple[int, int], stage: tuple[int, int]
) -> None:
    desk.window.view.resize(*size)
    desk.show("choose")
    assert desk.bridge.stage == pytest.approx(stage, abs=1)


def test_targets_change_with_the_page(desk: Scene) -> None:
    desk.show("choose")
    desk.show("print")
    assert [target.id for target in desk.bridge.targets] == ["contrast", "larger", "language"]


# ── what people do ────────────────────────────────────────────────────────────────────────────


def test_a_click_chooses(desk: Scene) -> None:
    desk.show("choose")
    QTest.mouseClick(
        desk.window.view, Qt.MouseButton.LeftButton, pos=desk.middle("field:chung_thuc")
    )
    assert desk.settle().picks == [("field:chung_thuc", Way.TOUCH)]


def test_a_touch_chooses(desk: Scene) -> None:
    desk.show("confirm")
    screen = QTest.createTouchDevice()
    place = desk.middle("back")
    QTest.touchEvent(desk.window.view, screen).press(0, place, desk.window.view).commit()
    QTest.touchEvent(desk.window.view, screen).release(0, place, desk.window.view).commit()
    assert desk.settle().picks == [("back", Way.TOUCH)]


def test_a_digit_chooses(desk: Scene) -> None:
    desk.show("choose")
    QTest.keyClick(desk.window.view, Qt.Key.Key_3)
    QTest.keyClick(desk.window.view, Qt.Key.Key_9)
    assert desk.settle().picks == [("field:chung_thuc", Way.KEYPAD)]


def test_tab_and_enter_choose(desk: Scene) -> None:
    desk.show("confirm")
    chosen = set()
    for _ in range(5):
        QTest.keyClick(desk.window.view, Qt.Key.Key_Tab)
        QTest.keyClick(desk.window.view, Qt.Key.Key_Return)
    chosen = {option for option, _ in desk.settle().picks}
    assert chosen == {"yes", "back", "contrast", "larger", "language"}
    assert {way for _, way in desk.picks} == {Way.KEYPAD}


def test_a_keypads_plus_and_minus_go_to_and_fro(desk: Scene) -> None:
    desk.show("confirm")
    for key in ("Plus", "Plus", "Minus", "Enter"):
        QTest.keyClick(desk.window.view, Qt.Key[f"Key_{key}"], Qt.KeyboardModifier.KeypadModifier)
    QTest.keyClick(desk.window.view, Qt.Key.Key_Tab)
    QTest.keyClick(desk.window.view, Qt.Key.Key_Enter)
    assert [option for option, _ in desk.settle().picks] == ["yes", "back"]


def test_a_digit_works_after_the_focused_tile_is_gone(desk: Scene) -> None:
    desk.show("confirm")
    QTest.keyClick(desk.window.view, Qt.Key.Key_Tab)
    desk.show("choose")
    QTest.keyClick(desk.window.view, Qt.Key.Key_1)
    assert desk.settle().picks == [("field:ho_tich", Way.KEYPAD)]


def test_a_pointer_that_dwells_chooses(desk: Scene) -> None:
    desk.show("choose")
    selector = Selector(SETTINGS.pointer)
    x, y, width, height = next(t.rect for t in desk.bridge.targets if t.id == "field:dat_dai")
    for frame in range(36):
        tip = (x + width / 2, y + height / 2)
        desk.bridge.point(selector.update(frame / 15, tip, 1, desk.bridge.targets))
    assert desk.picks == [("field:dat_dai", Way.HAND)]


def test_the_language_can_be_reached_by_hand(desk: Scene) -> None:
    desk.show("choose")
    language = next(t for t in desk.bridge.targets if t.id == "language")
    assert language.rect[2] >= 200
    assert language.rect[3] >= 64


def test_what_cannot_be_chosen_does_not_answer(desk: Scene) -> None:
    desk.show("choose")
    place = desk.middle("field:chung_thuc")
    desk.show("print")
    QTest.mouseClick(desk.window.view, Qt.MouseButton.LeftButton, pos=place)
    assert desk.settle().picks == []


# ── how it is drawn ───────────────────────────────────────────────────────────────────────────


def test_tiles_stay_while_only_the_clock_moves(desk: Scene) -> None:
    """A ticking countdown must not rebuild the tiles: focus and colours would flicker."""
    desk.show("choose")
    before = [getCppPointer(item)[0] for item in desk.items() if item.property("pickable")]
    desk.show("choose-countdown")
    assert [getCppPointer(item)[0] for item in desk.items() if item.property("pickable")] == before


def test_the_preview_is_mirrored(desk: Scene, tmp_path: Path) -> None:
    desk.show("choose")
    halves = np.full((480, 640, 4), (0, 0, 0, 255), np.uint8)
    halves[:, :320, 2] = 255
    desk.bridge.preview(halves)
    desk.settle().window.grab(tmp_path / "mirrored.png")
    image = QImage(str(tmp_path / "mirrored.png"))
    left, right = image.pixelColor(60, 130), image.pixelColor(180, 130)
    assert right.red() > 200 > 50 > left.red()


def test_the_moving_screen_draws_every_page(
    application: QGuiApplication, capfd: pytest.CaptureFixture[str]
) -> None:
    scene = build(application, (270, 480), still=False)
    for name in VISITS:
        scene.show(name)
    scene.bridge.point(Pointing((100, 100), None, 0.5))
    scene.settle().window.close()
    assert capfd.readouterr().err == ""
