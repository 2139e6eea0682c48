"""Be Vietnam Pro, loaded from its files: the screen never depends on a system font."""

from __future__ import annotations

import fontpkg_be_vietnam_pro
from PySide6.QtGui import QFontDatabase

FAMILY = "Be Vietnam Pro"
_WEIGHTS = ("Regular", "Medium", "SemiBold", "Bold")


def load_fonts() -> None:
    """Make the family known to Qt. Needs a QGuiApplication.

    Raises :class:`RuntimeError` when a file is missing: the package was not installed whole.
    """
    for weight in _WEIGHTS:
        path = fontpkg_be_vietnam_pro.ROOT / "files" / f"BeVietnamPro-{weight}.ttf"
        if QFontDatabase.addApplicationFont(str(path)) < 0:
            raise RuntimeError(f"font {path} cannot be loaded; run: uv sync")
