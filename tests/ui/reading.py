"""What keeps a text on the screen from being read, found by walking the scene."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QRawFont
from PySide6.QtQml import QQmlEngine, QQmlExpression
from PySide6.QtQuick import QQuickItem

from kiosk.ui.fonts import FAMILY
from kiosk.ui.theme import LEAST_CONTRAST, contrast

from .scene import Scene

LEAST_PX = 26
_SLACK = 3.0
"""Stage pixels by which rounding may move an edge."""
_OVERLAP = 6.0


@dataclass(frozen=True)
class Letters:
    """A text as it is painted."""

    item: QQuickItem
    text: str
    place: QRectF
    """Where its letters are, in stage pixels."""
    size: float
    """Pixels, as rendered: after shrinking to fit."""
    ground: QRectF | None
    """The opaque surface right under it."""
    on: str
    """Colour of that surface."""
    pictured: bool
    """A picture lies between the text and its surface, or on the text."""
    crossed: bool
    """The frame of something else goes through it."""

    @property
    def colour(self) -> str:
        return self.item.property("color").name()

    @property
    def contrast(self) -> float:
        return contrast(self.colour, self.on)


def read(scene: Scene) -> list[Letters]:
    """Every text on the screen, in the order in which it is painted."""
    stage = scene.stage
    painted = [item for item in scene.items() if not _within(item, "PointerRing")]
    grounds = [
        (index, scene.place(item), item.property("color").name())
        for index, item in enumerate(painted)
        if item.inherits("QQuickRectangle") and _is_opaque(item, stage)
    ]
    pictures = [
        (index, scene.place(item))
        for index, item in enumerate(painted)
        if item.inherits("QQuickShape") or item.inherits("QQuickImage")
    ]
    frames = [
        _unclipped(scene, item)
        for item in painted
        if item.inherits("QQuickRectangle") and _number(item, "border.width") > 1
    ]
    return [
        _letters(scene, index, item, grounds, pictures, frames)
        for index, item in enumerate(painted)
        if item.inherits("QQuickText") and item.property("text")
    ]


def _letters(
    scene: Scene,
    index: int,
    item: QQuickItem,
    grounds: list[tuple[int, QRectF, str]],
    pictures: list[tuple[int, QRectF]],
    frames: list[QRectF],
) -> Letters:
    place = _painted(scene, item)
    under = [each for each in grounds if each[0] < index and _meet(each[1], place) > _SLACK]
    depth, ground, on = under[-1] if under else (-1, None, "#808080")
    pictured = any(at > depth and _meet(where, place) > _OVERLAP for at, where in pictures)
    size = _number(item, "fontInfo.pixelSize")
    crossed = any(
        _meet(frame, place) > _OVERLAP and not _grown(frame).contains(place) for frame in frames
    )
    return Letters(item, item.property("text"), place, size, ground, on, pictured, crossed)


def faults(scene: Scene, letters: Letters, least_px: float = LEAST_PX) -> list[str]:
    """Why this text cannot be read, or not by everybody."""
    item = letters.item
    ground = letters.ground
    stage = QRectF(0, 0, *scene.bridge.stage)
    checks = {
        "cut off": item.property("truncated"),
        "too wide": item.property("contentWidth") > item.width() + 1,
        "too high": item.property("contentHeight") > item.height() + 1,
        "too small": letters.size < least_px,
        "off the stage": not stage.contains(letters.place),
        "out of its surface": ground is None or not _grown(ground).contains(letters.place),
        "on a picture": letters.pictured,
        "crossed by a frame": letters.crossed,
        "missing glyph": not _has_glyphs(item.property("font"), letters.text),
        f"contrast {letters.contrast:.1f}": letters.contrast < LEAST_CONTRAST,
    }
    return [fault for fault, found in checks.items() if found]


def overlaps(read: list[Letters]) -> list[tuple[str, str]]:
    """Texts that lie on one another."""
    return [
        (one.text, other.text)
        for one, other in combinations(read, 2)
        if _meet(one.place, other.place) > _OVERLAP
    ]


def pixel_contrast(image: QImage, place: QRectF) -> float:
    """The same contrast from what was really painted: the commonest colour under the letters
    against the one farthest from it."""
    crop = image.copy(place.toRect()).convertToFormat(QImage.Format.Format_RGB32)
    seen: dict[int, int] = {}
    for y in range(0, crop.height(), 2):
        for x in range(crop.width()):
            colour = crop.pixel(x, y)
            seen[colour] = seen.get(colour, 0) + 1
    ground = QColor(max(seen, key=seen.__getitem__)).name()
    return max(contrast(QColor(colour).name(), ground) for colour in seen)


def _unclipped(scene: Scene, item: QQuickItem) -> QRectF:
    """As much of an item's place as is not clipped off."""
    place, above = scene.place(item), item.parentItem()
    while above is not None:
        if above.clip():
            place = place.intersected(scene.place(above))
        above = above.parentItem()
    return place


def _is_opaque(item: QQuickItem, stage: QQuickItem) -> bool:
    if item.property("color").alpha() < 255:
        return False
    above: QQuickItem | None = item
    while above is not None and above is not stage:
        if above.opacity() < 1:
            return False
        above = above.parentItem()
    return True


def _within(item: QQuickItem, name: str) -> bool:
    above: QQuickItem | None = item
    while above is not None:
        if above.metaObject().className().startswith(f"{name}_"):
            return True
        above = above.parentItem()
    return False


def _painted(scene: Scene, item: QQuickItem) -> QRectF:
    place = scene.place(item)
    width, height = item.property("contentWidth"), item.property("contentHeight")
    across = {Qt.AlignmentFlag.AlignRight.value: 1.0, Qt.AlignmentFlag.AlignHCenter.value: 0.5}
    down = {Qt.AlignmentFlag.AlignBottom.value: 1.0, Qt.AlignmentFlag.AlignVCenter.value: 0.5}
    x = across.get(int(_number(item, "horizontalAlignment + 0")), 0.0)
    y = down.get(int(_number(item, "verticalAlignment + 0")), 0.0)
    left = place.x() + x * (place.width() - width)
    return QRectF(left, place.y() + y * (place.height() - height), width, height)


def _number(item: QQuickItem, expression: str) -> float:
    """A number only QML can read."""
    found = QQmlExpression(QQmlEngine.contextForObject(item), item, expression).evaluate()
    return found[0] if isinstance(found, tuple) else found


def _has_glyphs(font: QFont, text: str) -> bool:
    raw = _raw(font.toString(), font)
    return raw.familyName() == FAMILY and all(
        raw.supportsCharacter(ord(letter)) for letter in text if letter != "\n"
    )


_raws: dict[str, QRawFont] = {}


def _raw(key: str, font: QFont) -> QRawFont:
    if key not in _raws:
        _raws[key] = QRawFont.fromFont(font)
    return _raws[key]


def _meet(one: QRectF, other: QRectF) -> float:
    """How far two places overlap, by the smaller of the two directions."""
    met = one.intersected(other)
    return min(met.width(), met.height())


def _grown(place: QRectF) -> QRectF:
    return place.adjusted(-_SLACK, -_SLACK, _SLACK, _SLACK)
