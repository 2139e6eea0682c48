"""The one object between Python and QML: it shows values, reports choices and decides nothing."""

from __future__ import annotations

from dataclasses import asdict, fields, is_dataclass
from typing import TypedDict, cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QQmlPropertyMap

from kiosk.ui.pointer import Pointing, Target
from kiosk.ui.preview import PreviewSource, picture
from kiosk.ui.screen import Screen
from kiosk.ui.technician import TechnicianScreen
from kiosk.ui.theme import Theme, high_contrast
from kiosk.vision.percepts import Box
from kiosk.visit.events import Way


class _Placed(TypedDict):
    """A target as QML reports it."""

    id: str
    x: float
    y: float
    width: float
    height: float
    grave: bool
    digit: int | None


class Bridge(QObject):
    """What the screen shows (``show point preview``) and what people choose (``picked``)."""

    picked = Signal(str, object)
    """Option id and :class:`Way`."""
    pointing_changed = Signal()
    technician_knocked = Signal()
    technician_pressed = Signal(str)
    """A button of the technician's screen."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._previews = PreviewSource(self)
        self.targets: tuple[Target, ...] = ()
        """Where the options are on the stage, for :class:`~kiosk.ui.pointer.Selector`."""
        self.stage: tuple[float, float] = (1080.0, 1920.0)
        """Size of the stage in design pixels, for :class:`~kiosk.ui.reach.Reach`."""
        self._looks = (theme, high_contrast(theme))
        self._theme = QQmlPropertyMap.create(self)
        self._theme.insert(asdict(theme))
        self._shown: Screen | None = None
        self._screen = QQmlPropertyMap.create(self)
        self._pointing = Pointing()
        for field in fields(Screen):
            self._screen.insert(field.name, None)
        self._technician_shown: TechnicianScreen | None = None
        self._technician = QQmlPropertyMap.create(self)
        self.show_technician(TechnicianScreen())

    # ── from the application ──────────────────────────────────────────────────────────────────

    def show(self, screen: Screen) -> None:
        """Show ``screen``. Only what differs from the last one reaches QML."""
        if screen.contrast != (self._shown is not None and self._shown.contrast):
            self._theme.insert(asdict(self._looks[screen.contrast]))
        for field in fields(Screen):
            value = getattr(screen, field.name)
            if self._shown is None or getattr(self._shown, field.name) != value:
                self._screen.insert(field.name, _plain(value))
        self._shown = screen

    def show_technician(self, screen: TechnicianScreen) -> None:
        """Show the technician's screen over the citizen's, or take it away."""
        if screen != self._technician_shown:
            self._technician_shown = screen
            for field in fields(TechnicianScreen):
                self._technician.insert(field.name, _plain(getattr(screen, field.name)))

    def point(self, pointing: Pointing) -> None:
        """Move the pointer ring, and pass on what the hand chose."""
        if pointing != self._pointing:
            self._pointing = pointing
            self.pointing_changed.emit()
        if pointing.picked is not None:
            self.picked.emit(*pointing.picked)

    def preview(
        self, frame: NDArray[np.uint8] | None, face: Box | None = None, *, veiled: bool = False
    ) -> None:
        """Show a frame with the outline of ``face`` (its box in the same pixels); ``veiled``: too
        coarse for whoever stands behind to read a card that is held up.

        ``frame`` is (height, width, 4) uint8 (blue, green, red, 255), not mirrored, and at most
        640 wide to be cheap; ``None`` while there is no camera.
        """
        self._previews.show(None if frame is None else picture(frame, face, veiled=veiled))

    # ── from QML ──────────────────────────────────────────────────────────────────────────────

    @Slot(str, str)
    def pick(self, option: str, way: str) -> None:
        """Somebody touched, clicked or typed."""
        self.picked.emit(option, Way(way))

    @Slot()
    def technicianKnock(self) -> None:  # noqa: N802 -- called from QML
        """Somebody who knows how asks for the technician's screen."""
        self.technician_knocked.emit()

    @Slot(str)
    def technicianPress(self, button: str) -> None:  # noqa: N802 -- called from QML
        """A button of the technician's screen was pressed."""
        self.technician_pressed.emit(button)

    @Slot(float, float, "QVariantList")
    def setTargets(self, width: float, height: float, placed: list[_Placed]) -> None:  # noqa: N802 -- called from QML
        """The layout changed: the stage's size and where each option is on it."""
        self.stage = (width, height)
        self.targets = tuple(
            Target(
                at["id"],
                (at["x"], at["y"], at["width"], at["height"]),
                at["grave"],
                None if at["digit"] is None else int(at["digit"]),
            )
            for at in placed
        )

    # ── properties ────────────────────────────────────────────────────────────────────────────

    @Property(QObject, constant=True)
    def theme(self) -> QQmlPropertyMap:
        """See :class:`~kiosk.ui.theme.Theme`."""
        return self._theme

    @Property(QObject, constant=True)
    def previewSource(self) -> PreviewSource:  # noqa: N802 -- a QML property
        """Where the preview gets its pictures from."""
        return self._previews

    @Property(QObject, constant=True)
    def screen(self) -> QQmlPropertyMap:
        """One property for each field of :class:`~kiosk.ui.screen.Screen`."""
        return self._screen

    @Property(QObject, constant=True)
    def technician(self) -> QQmlPropertyMap:
        """One property for each field of :class:`~kiosk.ui.technician.TechnicianScreen`."""
        return self._technician

    @Property(bool, notify=pointing_changed)
    def pointing(self) -> bool:
        """Whether a hand is pointing at all."""
        return self._pointing.position is not None

    @Property(float, notify=pointing_changed)
    def pointerX(self) -> float:  # noqa: N802 -- a QML property
        """Stage pixels."""
        return self._pointing.position[0] if self._pointing.position else 0.0

    @Property(float, notify=pointing_changed)
    def pointerY(self) -> float:  # noqa: N802 -- a QML property
        """Stage pixels."""
        return self._pointing.position[1] if self._pointing.position else 0.0

    @Property(float, notify=pointing_changed)
    def progress(self) -> float:
        """0 … 1 of the ring."""
        return self._pointing.progress

    @Property(str, notify=pointing_changed)
    def target(self) -> str:
        """Option under the pointer, or empty."""
        return self._pointing.target or ""

    @Property(bool, notify=pointing_changed)
    def armed(self) -> bool:
        """False: the pointer must leave every target first."""
        return self._pointing.armed


def _plain(value: object) -> object:
    """Nested dataclasses and tuples as the maps and lists QML understands."""
    if isinstance(value, tuple):
        return [_plain(item) for item in cast("tuple[object, ...]", value)]
    if is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    return value
