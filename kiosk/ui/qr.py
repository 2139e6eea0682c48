"""QR codes for the screen, so that a telephone can keep the ticket when no paper comes."""

from __future__ import annotations

from urllib.parse import unquote

import qrcode
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage
from PySide6.QtQuick import QQuickImageProvider

_QUIET_ZONE = 4
"""Modules of white around the code (ISO/IEC 18004)."""


def modules(text: str) -> list[list[bool]]:
    """The code of ``text`` at level M with its quiet zone, row by row; ``True`` is dark."""
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=_QUIET_ZONE)
    code.add_data(text)
    return code.get_matrix()


class QrImages(QQuickImageProvider):
    """``image://qr/<percent-encoded text>``: one pixel a module, which QML enlarges."""

    def __init__(self) -> None:
        super().__init__(QQuickImageProvider.ImageType.Image)

    def requestImage(self, id: str, size: QSize, requestedSize: QSize) -> QImage:  # noqa: A002, ARG002, N802, N803 -- Qt's names
        """Called by Qt."""
        rows = modules(unquote(id))
        image = QImage(len(rows), len(rows), QImage.Format.Format_RGB32)
        for y, row in enumerate(rows):
            for x, dark in enumerate(row):
                image.setPixel(x, y, 0xFF1C1A17 if dark else 0xFFFFFFFF)
        return image
