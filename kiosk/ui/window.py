"""The window that shows the kiosk's screen."""

from __future__ import annotations

import logging
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtQml import QQmlError, qmlRegisterType
from PySide6.QtQuick import QQuickView

from kiosk.config import ScreenSettings
from kiosk.ui.bridge import Bridge
from kiosk.ui.fonts import load_fonts
from kiosk.ui.preview import PreviewItem
from kiosk.ui.qr import QrImages
from kiosk.ui.theme import PAPER

_log = logging.getLogger(__name__)

MAIN = Path(__file__).parent / "qml" / "Main.qml"
PORTRAIT = (1080, 1920)


class KioskWindow:
    """Loads the QML once; from then on the bridge drives it. Needs a QGuiApplication.

    What QML complains about goes to the log. A Python handler for all of Qt's messages would be
    called from QML's loader thread while this one waits for it with Python's lock held, and
    neither would ever go on; Qt's own messages therefore stay on standard error. Raises
    :class:`RuntimeError` when the QML cannot be loaded: the installation is broken.
    """

    def __init__(self, settings: ScreenSettings, bridge: Bridge) -> None:
        load_fonts()
        qmlRegisterType(PreviewItem, "Kiosk", 1, 0, "PreviewItem")  # type: ignore[call-overload]
        self._settings = settings
        self._view = QQuickView()
        self._view.engine().setOutputWarningsToStandardError(False)
        self._view.engine().warnings.connect(_warn)
        self._view.engine().addImageProvider("qr", QrImages())
        self._view.rootContext().setContextProperty("bridge", bridge)
        self._view.setResizeMode(QQuickView.ResizeMode.SizeRootObjectToView)
        self._view.setColor(PAPER)
        self._view.resize(self._natural_size())
        self._view.setSource(QUrl.fromLocalFile(str(MAIN)))
        if self._view.status() is not QQuickView.Status.Ready:
            raise RuntimeError("\n".join(error.toString() for error in self._view.errors()))

    @property
    def view(self) -> QQuickView:
        """Qt's own window."""
        return self._view

    @property
    def seen(self) -> bool:
        """Whether there is a display that somebody could look at."""
        return QGuiApplication.platformName() != "offscreen"

    def show(self) -> None:
        """Open the window: the whole display, or a window on a desk."""
        if self._settings.fullscreen:
            self._view.setCursor(Qt.CursorShape.BlankCursor)
            self._view.showFullScreen()
        else:
            self._view.show()

    def grab(self, path: Path) -> None:
        """Save what is shown now as PNG. Raises :class:`OSError` when it cannot be written."""
        path.parent.mkdir(parents=True, exist_ok=True)
        if not self._view.grabWindow().save(str(path)):
            raise OSError(f"cannot write {path}")

    def close(self) -> None:
        """Close the window and free the scene."""
        self._view.setSource(QUrl())
        self._view.close()
        self._view.deleteLater()

    def _natural_size(self) -> QSize:
        size = QSize(*PORTRAIT)
        return size if self._settings.orientation == "portrait" else size.transposed()


def _warn(errors: list[QQmlError]) -> None:
    for error in errors:
        _log.warning("%s", error.toString())
