"""The mirrored picture of the person in front, with their outline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Property, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen, QTransform
from PySide6.QtQuick import QQuickItem, QQuickPaintedItem

from kiosk.vision.percepts import Box

_VEIL = 20
"""Pixels of a frame 640 wide: twice the height of a card's letters when the card fills it."""
_RADIUS = 28.0
_RIM = QColor("#DDD3BF")
_EMPTY = QColor("#3A352D")
_ABSENT = QColor("#6A6153")
_OUTLINE = QColor("#4CC38A")


@dataclass(frozen=True, slots=True)
class Picture:
    """One frame to show, and the face in it that is being served (frame pixels)."""

    image: QImage
    face: Box | None


def picture(frame: NDArray[np.uint8], face: Box | None, *, veiled: bool = False) -> Picture:
    """A picture of ``frame``, which is copied: the caller may reuse its memory. ``veiled``: in
    blocks of :data:`_VEIL` pixels but for the face, so that a card that is held up can be aimed
    and not be read, wherever it is and whether or not it was found.

    ``frame`` is (height, width, 4) uint8 in the order blue, green, red, 255 (Qt's RGB32).
    """
    height, width, channels = frame.shape
    if channels != 4:
        raise ValueError(f"a preview frame has 4 channels, not {channels}")
    packed = np.ascontiguousarray(_veiled(frame, face) if veiled else frame)
    image = QImage(packed.data, width, height, 4 * width, QImage.Format.Format_RGB32)
    return Picture(image.copy(), face)


def _veiled(frame: NDArray[np.uint8], face: Box | None) -> NDArray[np.uint8]:
    height, width, _ = frame.shape
    coarse = frame[_VEIL // 2 :: _VEIL, _VEIL // 2 :: _VEIL]
    veil = coarse.repeat(_VEIL, axis=0).repeat(_VEIL, axis=1)
    whole = np.pad(veil, ((0, _VEIL), (0, _VEIL), (0, 0)), "edge")[:height, :width].copy()
    if face is not None:
        x, y, wide, high = (round(value) for value in face)
        here = slice(max(y, 0), max(y + high, 0)), slice(max(x, 0), max(x + wide, 0))
        whole[here] = frame[here]
    return whole


class PreviewSource(QObject):
    """Hands the latest picture to whoever draws it."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.picture: Picture | None = None

    def show(self, shown: Picture | None) -> None:
        """Replace the picture; ``None`` while there is no camera."""
        self.picture = shown
        self.changed.emit()


class PreviewItem(QQuickPaintedItem):
    """Draws the middle of the picture, mirrored, in a rounded frame."""

    source_changed = Signal()

    def __init__(self, parent: QQuickItem | None = None) -> None:
        super().__init__(parent)
        self._source: PreviewSource | None = None

    def _get_source(self) -> QObject | None:
        return self._source

    def _set_source(self, source: PreviewSource) -> None:
        self._source = source
        source.changed.connect(self.update)
        self.source_changed.emit()

    source = Property(QObject, _get_source, _set_source, notify=source_changed)

    def paint(self, painter: QPainter) -> None:
        """Called by Qt for each frame that changed."""
        frame = QRectF(0, 0, self.width(), self.height())
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        painter.setPen(QPen(_RIM, 6))
        shown = self._source.picture if self._source else None
        if shown is None:
            painter.setBrush(_EMPTY)
            painter.drawRoundedRect(frame.adjusted(3, 3, -3, -3), _RADIUS, _RADIUS)
            _nobody(painter, frame)
            return
        placed = mirrored(shown.image.width(), shown.image.height(), frame)
        brush = QBrush(shown.image)
        brush.setTransform(placed)
        painter.setBrush(brush)  # a brush, because clipping to round corners is not antialiased
        painter.drawRoundedRect(frame.adjusted(3, 3, -3, -3), _RADIUS, _RADIUS)
        if shown.face is not None:
            _outline(painter, placed.mapRect(QRectF(*shown.face)), frame)


def mirrored(width: int, height: int, frame: QRectF) -> QTransform:
    """From picture to item pixels: fills ``frame`` from the middle, left and right swapped."""
    scale = max(frame.width() / width, frame.height() / height)
    placed = QTransform()
    placed.translate(frame.center().x(), frame.center().y())
    placed.scale(-scale, scale)
    placed.translate(-width / 2, -height / 2)
    return placed


def _nobody(painter: QPainter, frame: QRectF) -> None:
    """Head and shoulders where a person would be."""
    size = frame.width()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_ABSENT)
    painter.drawEllipse(QRectF(0.38 * size, 0.2 * size, 0.24 * size, 0.27 * size))
    painter.drawChord(QRectF(0.24 * size, 0.5 * size, 0.52 * size, 0.6 * size), 0, 180 * 16)


def _outline(painter: QPainter, face: QRectF, frame: QRectF) -> None:
    """A head-and-hair capsule around the face, not a policeman's box."""
    head = face.adjusted(
        -0.12 * face.width(), -0.3 * face.height(), 0.12 * face.width(), 0.14 * face.height()
    ).intersected(frame.adjusted(10, 10, -10, -10))
    radius = min(head.width(), head.height()) / 2
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(_OUTLINE, 6))
    painter.drawRoundedRect(head, radius, radius)
