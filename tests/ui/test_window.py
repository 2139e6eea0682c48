"""The screen drawn for real, without a display: what is seen, where it is, what a touch does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QRawFont
from PySide6.QtQml import QQmlEngine, QQmlExpression
from PySide6.QtQuick import QQuickItem
from PySide6.QtTest import QTest
from shiboken6 import getCppPointer
from skimage import data

from kiosk.locale import LANGUAGES, Language
from kiosk.ui.bridge import Bridge
from kiosk.ui.pointer import Pointing, Selector
from kiosk.ui.theme import contrast, theme
from kiosk.ui.window import KioskWindow
from kiosk.vision.percepts import FLAWS
from kiosk.visit.events import Person, Way

from .pages import SETTINGS, VISITS, page, show

SCREENS = Path(__file__).parents[2] / "out" / "screens"
SIZES = {"portrait": (1080, 1920), "landscape": (1920, 1080)}
LEAST_PX = 26
ASTRONAUT_FACE = (175.0, 70.0, 110.0, 120.0)


def astronaut() -> np.ndarray:
    picture = data.astronaut()
    return np.dstack([picture[..., ::-1], np.full(picture.shape[:2], 255, np.uint8)])


@dataclass
class Scene:
    """A window with its bridge, and what was picked in it."""

    application: QGuiApplication
    bridge: Bridge
    window: KioskWindow
    picks: list[tuple[str, Way]] = field(default_factory=list)

    def show(self, name: str, language: Language = "vi") -> Scene:
        self.bridge.point(Pointing())
        self.bridge.preview(None if "no-camera" in name else astronaut(), ASTRONAUT_FACE)
        self.bridge.show(page(name, language))
        return self.settle()

    def settle(self) -> Scene:
        for _ in range(4):
            self.application.processEvents()
        return self

    @property
    def stage(self) -> QQuickItem:
        stage = self.window.view.rootObject().findChild(QQuickItem, "stage")
        assert stage is not None
        return stage

    def items(self, item: QQuickItem | None = None) -> Iterator[QQuickItem]:
        """Everything that is visible."""
        item = item or self.stage
        if item.isVisible():
            yield item
            for child in item.childItems():
                yield from self.items(child)

    def place(self, item: QQuickItem) -> QRectF:
        return item.mapRectToItem(self.stage, QRectF(0, 0, item.width(), item.height()))

    def middle(self, option: str) -> QPoint:
        """Of an option, in window pixels."""
        x, y, width, height = next(t.rect for t in self.bridge.targets if t.id == option)
        factor = self.window.view.width() / self.bridge.stage[0]
        return QPointF((x + width / 2) * factor, (y + height / 2) * factor).toPoint()


def build(application: QGuiApplication, size: tuple[int, int], still: bool = True) -> Scene:
    settings = SETTINGS.screen.model_copy(update={"reduced_motion": still})
    bridge = Bridge(theme(settings))
    scene = Scene(application, bridge, KioskWindow(settings, bridge))
    bridge.picked.connect(lambda option, way: scene.picks.append((option, way)))
    scene.window.view.resize(*size)
    scene.window.show()
    return scene.settle()


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


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", VISITS)
def test_every_page_is_whole(
    scene: Scene, name: str, language: Language, capfd: pytest.CaptureFixture[str]
) -> None:
    scene.show(name, language)
    if chosen := next((t for t in scene.bridge.targets if t.id == "field:chung_thuc"), None):
        x, y, width, height = chosen.rect
        scene.bridge.point(Pointing((x + 0.7 * width, y + 0.7 * height), chosen.id, 0.63))
        scene.settle()
    orientation = "portrait" if scene.stage.property("portrait") else "landscape"
    scene.window.grab(SCREENS / f"{name}-{language}-{orientation}.png")
    words = [item for item in scene.items() if _is_text(item)]
    assert len(words) > 8
    assert [t for t in words if _faults(scene, t)] == [], _report(scene, words)
    assert _overlaps(scene, words) == []
    assert _covered(scene) == []
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_is_wrong_with_the_picture_can_be_read_whole(
    scene: Scene, language: Language
) -> None:
    faults: dict[str, list[str]] = {}
    for flaw in FLAWS:
        shown = show(replace(VISITS["choose"], person=Person(1, near=True, flaw=flaw)), language)
        scene.bridge.show(shown)
        words = shown.feedback.text
        (told,) = (
            item
            for item in scene.settle().items()
            if _is_text(item) and item.property("text") == words
        )
        faults[words] = _faults(scene, told)
    assert not any(faults.values()), faults


def _is_text(item: QQuickItem) -> bool:
    return item.inherits("QQuickText") and bool(item.property("text"))


def _faults(scene: Scene, text: QQuickItem) -> list[str]:
    stage = QRectF(0, 0, *scene.bridge.stage)
    checks = {
        "cut off": text.property("truncated"),
        "too wide": text.property("contentWidth") > text.width() + 1,
        "too high": text.property("contentHeight") > text.height() + 1,
        "too small": _js(text, "fontInfo.pixelSize") < LEAST_PX,
        "off the stage": not stage.contains(_painted(scene, text)),
        "missing glyph": not _has_glyphs(text),
    }
    return [fault for fault, found in checks.items() if found]


def _js(item: QQuickItem, expression: str) -> float:
    """A number only QML can read."""
    found = QQmlExpression(QQmlEngine.contextForObject(item), item, expression).evaluate()
    return found[0] if isinstance(found, tuple) else found


def _has_glyphs(text: QQuickItem) -> bool:
    raw = QRawFont.fromFont(text.property("font"))
    return raw.familyName() == "Be Vietnam Pro" and all(
        raw.supportsCharacter(ord(letter)) for letter in text.property("text") if letter != "\n"
    )


def _painted(scene: Scene, text: QQuickItem) -> QRectF:
    """Where letters are, within the item."""
    place, width = scene.place(text), text.property("contentWidth")
    height = text.property("contentHeight")
    x = {Qt.AlignmentFlag.AlignRight.value: 1.0, Qt.AlignmentFlag.AlignHCenter.value: 0.5}.get(
        int(_js(text, "horizontalAlignment + 0")), 0.0
    )
    y = {Qt.AlignmentFlag.AlignBottom.value: 1.0, Qt.AlignmentFlag.AlignVCenter.value: 0.5}.get(
        int(_js(text, "verticalAlignment + 0")), 0.0
    )
    return QRectF(
        place.x() + x * (place.width() - width),
        place.y() + y * (place.height() - height),
        width,
        height,
    )


def _overlaps(scene: Scene, words: list[QQuickItem]) -> list[tuple[str, str]]:
    painted = [(text.property("text"), _painted(scene, text)) for text in words]
    return [
        (one, other)
        for (one, a), (other, b) in combinations(painted, 2)
        if min(a.intersected(b).width(), a.intersected(b).height()) > 6
    ]


def _covered(scene: Scene) -> list[str]:
    """Options that a notice lies on."""
    cards = [
        scene.place(item)
        for item in scene.items()
        if item.metaObject().className().startswith("NoticeCard")
    ]
    return [
        target.id
        for target in scene.bridge.targets
        if any(card.intersects(QRectF(*target.rect)) for card in cards)
    ]


def _report(scene: Scene, words: list[QQuickItem]) -> str:
    faulty = [(text.property("text"), _faults(scene, text)) for text in words]
    return "\n".join(f"{faults}: {text}" for text, faults in faulty if faults)


def test_every_text_colour_is_readable() -> None:
    look = theme(SETTINGS.screen)
    pairs = [
        (look.ink, look.paper), (look.ink, look.card), (look.ink, look.warm), (look.ink, look.foot),
        (look.muted, look.paper), (look.muted, look.card), (look.muted, look.warm),
        (look.inform, look.paper), (look.inform, look.card), (look.inform, look.warm),
        (look.on_band, look.band), (look.on_accent, look.accent),
        (look.good, look.shade), (look.hint, look.shade),
    ]  # fmt: skip
    assert min(contrast(text, ground) for text, ground in pairs) >= 7


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
    assert set(drawn) == {tile.id for tile in shown.tiles} | {"language"}
    assert {target.id: target.rect for target in scene.bridge.targets} == drawn
    wanted = {tile.id: (tile.digit, tile.grave) for tile in shown.tiles}
    for target in scene.bridge.targets:
        assert (target.digit, target.grave) == wanted.get(target.id, (None, False))


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
    assert [target.id for target in desk.bridge.targets] == ["language"]


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
    for _ in range(3):
        QTest.keyClick(desk.window.view, Qt.Key.Key_Tab)
        QTest.keyClick(desk.window.view, Qt.Key.Key_Return)
    chosen = {option for option, _ in desk.settle().picks}
    assert chosen == {"yes", "back", "language"}
    assert {way for _, way in desk.picks} == {Way.KEYPAD}


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
    for frame in range(20):
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
