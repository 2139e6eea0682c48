"""A window drawn for real, without a display, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRectF
from PySide6.QtGui import QGuiApplication
from PySide6.QtQuick import QQuickItem
from skimage import data

from kiosk.locale import Language
from kiosk.ui.bridge import Bridge
from kiosk.ui.pointer import Pointing
from kiosk.ui.theme import theme
from kiosk.ui.window import KioskWindow
from kiosk.visit.events import Way

from .pages import SETTINGS, Look, page

SIZES = {"portrait": (1080, 1920), "landscape": (1920, 1080)}
ASTRONAUT_FACE = (175.0, 70.0, 110.0, 120.0)


def _astronaut() -> np.ndarray:
    picture = data.astronaut()
    return np.dstack([picture[..., ::-1], np.full(picture.shape[:2], 255, np.uint8)])


ASTRONAUT = _astronaut()


@dataclass
class Scene:
    """A window with its bridge, and what was picked in it."""

    application: QGuiApplication
    bridge: Bridge
    window: KioskWindow
    picks: list[tuple[str, Way]] = field(default_factory=list)

    def show(self, name: str, language: Language = "vi", look: Look = "normal") -> Scene:
        self.bridge.point(Pointing())
        self.bridge.preview(None if "no-camera" in name else ASTRONAUT, ASTRONAUT_FACE)
        self.bridge.show(page(name, language, look))
        return self.settle()

    def point_at(self, option: str) -> Scene:
        """Rest the hand on an option, where there is one, with the ring half full."""
        target = next((t for t in self.bridge.targets if t.id == option), None)
        if target is not None:
            x, y, width, height = target.rect
            self.bridge.point(Pointing((x + 0.7 * width, y + 0.7 * height), option, 0.63))
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
        """Everything that is visible, in the order in which it is painted."""
        item = item or self.stage
        if item.isVisible():
            yield item
            for child in sorted(item.childItems(), key=QQuickItem.z):
                yield from self.items(child)

    def place(self, item: QQuickItem) -> QRectF:
        return item.mapRectToItem(self.stage, QRectF(0, 0, item.width(), item.height()))

    def middle(self, option: str) -> QPoint:
        """Of an option, in window pixels."""
        x, y, width, height = next(t.rect for t in self.bridge.targets if t.id == option)
        factor = self.window.view.width() / self.bridge.stage[0]
        return QPointF((x + width / 2) * factor, (y + height / 2) * factor).toPoint()


def build(application: QGuiApplication, size: tuple[int, int], *, still: bool = True) -> Scene:
    """Open a window of ``size`` pixels; ``still``: with reduced motion."""
    settings = SETTINGS.screen.model_copy(update={"reduced_motion": still})
    bridge = Bridge(theme(settings))
    scene = Scene(application, bridge, KioskWindow(settings, bridge))
    bridge.picked.connect(lambda option, way: scene.picks.append((option, way)))
    scene.window.view.resize(*size)
    scene.window.show()
    return scene.settle()
