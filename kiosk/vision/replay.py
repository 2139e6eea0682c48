"""The virtual camera: a scripted scene turned into pixels.

Photographs of people, rendered hands and cards are composited along the scene's timeline. Frame
*n* is a function of the scene and *n* alone, so that a test, the demo and a technician see the
same pixels. A frame costs a few milliseconds.
"""

from __future__ import annotations

import math
import os
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import PIL.Image
import qrcode
from numpy.typing import ArrayLike, NDArray

from kiosk.errors import CameraError
from kiosk.vision.camera import Aim, Frame, Image
from kiosk.vision.scene import (
    Card,
    Person,
    Portrait,
    Pose,
    Scene,
    Stand,
    load_portrait,
    load_scene,
    value_at,
)

SPRITES = Path(__file__).parent / "sprites"
_HAND_METRES = 0.185
"""Wrist to tip of the middle finger of the mesh the sprites were rendered from."""
_CARD_SLIDE_S = 0.4
_SOFT_EDGE = 3
"""Rows at the bottom of a picture that may be half transparent."""
_GRAIN_ROOM = 64

Bytes = NDArray[np.uint8]
Place = tuple[float, float, float]
"""Centre and width of a face, pixels."""


def _bytes(array: ArrayLike) -> Bytes:
    """OpenCV says less about what it returns than it keeps."""
    return np.asarray(array, np.uint8)


@dataclass(frozen=True)
class Layer:
    """A cut-out to be drawn at any size: RGBA with premultiplied alpha, halved again and again
    so that a small copy does not flicker, and the point by which it is held."""

    levels: tuple[Bytes, ...]
    anchor: tuple[float, float]
    unit: float
    """Pixels of level 0 in one unit of drawing (a face width, a hand length)."""

    @classmethod
    def cut(cls, rgb: Image, alpha: Bytes, anchor: tuple[float, float], unit: float) -> Layer:
        """A layer of a picture and its straight alpha. What is at the bottom goes on downwards
        for thrice the height, so that nobody ends in mid-air."""
        colour = cv2.multiply(rgb, cv2.merge([alpha] * 3), scale=1 / 255)
        layer = np.dstack([colour, alpha])[:-_SOFT_EDGE]
        height = layer.shape[0]
        layer = cv2.copyMakeBorder(layer, 0, 3 * height, 0, 0, cv2.BORDER_REPLICATE)
        levels = [_bytes(layer)]
        while min(levels[-1].shape[:2]) > 32:
            levels.append(
                _bytes(cv2.resize(levels[-1], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
            )
        return cls(tuple(levels), anchor, unit)

    def draw(self, picture: Image, at: tuple[float, float], unit: float) -> None:
        """Draw on ``picture`` with the anchor at ``at`` and a unit of ``unit`` pixels."""
        scale = unit / self.unit
        level = min(max(int(math.log2(1 / scale)), 0) if scale < 1 else 0, len(self.levels) - 1)
        source = self.levels[level]
        height, width = picture.shape[:2]
        left, top = at[0] - self.anchor[0] * scale, at[1] - self.anchor[1] * scale
        shrunk = scale * 2**level
        x0, y0 = max(math.floor(left), 0), max(math.floor(top), 0)
        x1 = min(math.ceil(left + source.shape[1] * shrunk), width)
        y1 = min(math.ceil(top + source.shape[0] * shrunk), height)
        if x0 >= x1 or y0 >= y1:
            return
        matrix = np.array([[shrunk, 0, left - x0], [0, shrunk, top - y0]])
        placed = cv2.warpAffine(source, matrix, (x1 - x0, y1 - y0), flags=cv2.INTER_LINEAR)
        _blend(picture[y0:y1, x0:x1], _bytes(placed))


def _blend(under: Image, over: Bytes) -> None:
    """Premultiplied ``over`` upon ``under``, in place."""
    behind = cv2.multiply(under, cv2.merge([255 - over[..., 3]] * 3), scale=1 / 255)
    cv2.add(behind, cv2.cvtColor(over, cv2.COLOR_RGBA2RGB), dst=under)


def media_folder() -> Path:
    """Where ``media:`` photographs are: ``$KIOSK_MEDIA``, or ``.cache/media`` of the clone."""
    named = os.environ.get("KIOSK_MEDIA")
    return Path(named) if named else Path(__file__).parents[2] / ".cache/media"


def read_photo(name: str, folder: Path) -> Image:
    """The photograph a portrait names. Raises :class:`CameraError` when it is not there."""
    kind, _, rest = name.partition(":")
    if kind == "skimage":
        return _from_skimage(rest)
    path = media_folder() / rest if kind == "media" else folder / name
    if not path.is_file():
        raise CameraError("photo_missing", photo=path)
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise CameraError("photo_missing", photo=path)
    return _bytes(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))


def _from_skimage(name: str) -> Image:
    try:
        from skimage import data  # an extra: only replay scenes need it
    except ImportError as error:
        raise CameraError("photo_missing", photo=f"skimage:{name}") from error
    if name != "astronaut":  # the only photograph of a person that the package itself holds
        raise CameraError("photo_missing", photo=f"skimage:{name}")
    return _bytes(data.astronaut())


def _portrait_layer(path: Path, largest_face: float) -> Layer:
    portrait = load_portrait(path)
    photo = read_photo(portrait.photo, path.parent)
    shrink = min(1.0, largest_face / portrait.face[2])
    rgb = cv2.resize(photo, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    if portrait.outline:
        rgb = rgb[: int(max(y for _, y in portrait.outline) * shrink) - 2]
    alpha = _cut_out(portrait, (rgb.shape[0], rgb.shape[1]), shrink)
    x, y, width = (value * shrink for value in portrait.face)
    return Layer.cut(_bytes(rgb), alpha, (x, y), width)


def _cut_out(portrait: Portrait, size: tuple[int, int], scale: float) -> Bytes:
    if not portrait.outline:
        return np.full(size, 255, np.uint8)
    alpha = np.zeros(size, np.uint8)
    sixteenths = (np.array(portrait.outline) * scale * 16).round().astype(np.int32)
    cv2.fillPoly(alpha, [sixteenths], 255, cv2.LINE_AA, shift=4)
    softness = 0.012 * portrait.face[2] * scale
    return _bytes(cv2.GaussianBlur(alpha, (0, 0), softness, borderType=cv2.BORDER_REPLICATE))


@cache
def _hand_layer(pose: Pose, side: str) -> Layer:
    rgba = np.asarray(PIL.Image.open(SPRITES / f"{pose}.png").convert("RGBA"))
    table = tomllib.loads((SPRITES / "tips.toml").read_text(encoding="utf-8"))
    x, y = table["tips"][pose]
    if side == "left":
        x, rgba = rgba.shape[1] - x, np.ascontiguousarray(rgba[:, ::-1])
    length = _HAND_METRES * table["pixels_per_metre"]
    return Layer.cut(np.ascontiguousarray(rgba[..., :3]), rgba[..., 3].copy(), (x, y), length)


def _card_picture(card: Card) -> Image:
    code = qrcode.QRCode(border=4, error_correction=qrcode.ERROR_CORRECT_M)
    code.add_data(card.text)
    code.make()
    modules = np.where(np.array(code.get_matrix()), 25, 245).astype(np.uint8)
    grey = np.kron(modules, np.ones((card.module, card.module), np.uint8))
    return _bytes(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB))


class Stage:
    """A scene ready to be drawn: photographs loaded, cut out and shrunk."""

    def __init__(self, scene: Scene, folder: Path) -> None:
        self._scene = scene
        self._people = {
            person.name: _portrait_layer(folder / person.portrait, max(k.face for k in person.path))
            for person in scene.person
        }
        self._cards = [_card_picture(card) for card in scene.card]
        self._wall = self._painted_wall()
        self._grain = self._sensor_noise()

    def picture(self, number: int) -> Image:
        """Frame ``number`` (from 0), RGB."""
        at = number / self._scene.fps
        picture = self._wall.copy()
        there = [
            (stand, index, person)
            for index, person in enumerate(self._scene.person)
            if (stand := value_at(person.path, at))
        ]
        for stand, index, person in sorted(there, key=lambda who: who[0].face):
            self._draw_person(picture, person, self._place(stand, index, at), at)
        for card, image in zip(self._scene.card, self._cards, strict=True):
            self._draw_card(picture, card, image, at)
        return self._exposed(picture, number, at)

    def _place(self, stand: Stand, index: int, at: float) -> Place:
        """Nobody stands still: a hundredth of a face width or two, each in their own time."""
        side = math.sin(1.3 * at + index) + 0.5 * math.sin(2.9 * at + 2 * index)
        nod = math.sin(1.7 * at + 3 * index)
        x = stand.x * self._scene.width + 0.015 * side * stand.face
        return x, stand.y * self._scene.height + 0.01 * nod * stand.face, stand.face

    def _draw_person(self, picture: Image, person: Person, face: Place, at: float) -> None:
        x, y, width = face
        self._people[person.name].draw(picture, (x, y), width)
        for hand in self._scene.hand:
            gesture = value_at(hand.path, at) if hand.person == person.name else None
            if gesture:
                dx, dy = gesture.tip
                trembling = dx + 0.008 * math.sin(9.1 * at), dy + 0.008 * math.sin(7.3 * at + 1)
                tip = x + trembling[0] * width, y + trembling[1] * width
                _hand_layer(gesture.pose, hand.side).draw(picture, tip, hand.length * width)

    def _draw_card(self, picture: Image, card: Card, image: Image, at: float) -> None:
        if not card.start <= at <= card.end:
            return
        height, width = picture.shape[:2]
        hidden = max(0.0, 1 - min(at - card.start, card.end - at) / _CARD_SLIDE_S) ** 2
        left = round(card.x * width - image.shape[1] / 2)
        top = round((card.y + hidden) * height - image.shape[0] / 2)
        x0, y0 = max(left, 0), max(top, 0)
        x1, y1 = min(left + image.shape[1], width), min(top + image.shape[0], height)
        if x0 < x1 and y0 < y1:
            picture[y0:y1, x0:x1] = image[y0 - top : y1 - top, x0 - left : x1 - left]

    def _exposed(self, picture: Image, number: int, at: float) -> Image:
        """Brightness, tint and noise of the sensor."""
        path = self._scene.light
        light = value_at(path, min(max(at, path[0].at), path[-1].at)) or path[-1]
        gains = np.array(light.tint) * light.level
        if not np.array_equal(gains, [1, 1, 1]):
            levels = np.arange(256)[:, None] * gains
            table = levels.clip(0, 255).round().astype(np.uint8)[None]
            picture = _bytes(cv2.LUT(picture, table))
        return _grainy(picture, *self._grain, number) if self._grain else picture

    def _painted_wall(self) -> Image:
        scene = self._scene
        top, bottom = (
            np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], float)
            for colour in scene.wall
        )
        share = np.linspace(0, 1, scene.height)[:, None, None]
        rows = (top + (bottom - top) * share).round().astype(np.uint8)
        return np.ascontiguousarray(np.broadcast_to(rows, (scene.height, scene.width, 3)))

    def _sensor_noise(self) -> tuple[Bytes, Bytes] | None:
        scene = self._scene
        if not scene.noise:
            return None
        size = (scene.height + _GRAIN_ROOM, scene.width + _GRAIN_ROOM, 3)
        noise = np.random.default_rng(scene.seed).normal(0, scene.noise, size).round()
        return noise.clip(0, 255).astype(np.uint8), (-noise).clip(0, 255).astype(np.uint8)


def _grainy(picture: Image, brighter: Bytes, darker: Bytes, number: int) -> Image:
    """Noise cut from two larger sheets at offsets that hardly repeat (the plastic number's
    low-discrepancy sequence): the grain never lies still, and frame ``number`` needs no other."""
    height, width = picture.shape[:2]
    y, x = int(number * 0.754877 % 1 * _GRAIN_ROOM), int(number * 0.569840 % 1 * _GRAIN_ROOM)
    here = slice(y, y + height), slice(x, x + width)
    return _bytes(cv2.subtract(cv2.add(picture, brighter[here]), darker[here]))


class ReplayCamera:
    """A :class:`~kiosk.vision.camera.Camera` that plays a scene once, as fast as it is read."""

    scripted = True

    def __init__(self, path: Path) -> None:
        """Load the scene at ``path``. Raises :class:`CameraError` when it cannot be played."""
        self.scene = load_scene(path)
        self._stage = Stage(self.scene, path.parent)
        self._next = 0

    def read(self) -> Frame | None:
        """The next frame, timed by the scene; ``None`` at its end."""
        if self._next >= self.scene.frames:
            return None
        number = self._next
        self._next += 1
        return Frame(self._stage.picture(number), number / self.scene.fps)

    def aim(self, aim: Aim) -> None:
        """A scene is sharp everywhere."""

    def close(self) -> None:
        """Nothing to let go of."""


class Playlist:
    """Scenes one after the other, their times added up: visitors who follow each other."""

    scripted = True

    def __init__(self, cameras: Sequence[ReplayCamera]) -> None:
        self._left = list(cameras)
        self._before_s = 0.0

    def read(self) -> Frame | None:
        """The next frame of the scene being played, or the first of the next scene."""
        while self._left:
            frame = self._left[0].read()
            if frame is not None:
                return Frame(frame.image, self._before_s + frame.at)
            self._before_s += self._left.pop(0).scene.duration
        return None

    def aim(self, aim: Aim) -> None:
        """A scene is sharp everywhere."""

    def close(self) -> None:
        """Nothing to let go of."""
