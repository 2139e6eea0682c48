"""The virtual camera: a scripted scene turned into pixels.

Photographs of people, rendered hands and cards are composited along the scene's timeline. Frame
*n* is a function of the scene and *n* alone, so that a test, the demo and a technician see the
same pixels. A frame costs a few milliseconds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import qrcode

from kiosk.vision.camera import Aim, Frame, Image
from kiosk.vision.cutouts import as_bytes, hand_layer, portrait_layer
from kiosk.vision.scene import Card, Person, Scene, Stand, load_scene, value_at

_CARD_SLIDE_S = 0.4
_GRAIN_ROOM = 64

Place = tuple[float, float, float]
"""Centre and width of a face, pixels."""


def _card_picture(card: Card) -> Image:
    code = qrcode.QRCode(border=4, error_correction=qrcode.ERROR_CORRECT_M)
    code.add_data(card.text)
    code.make()
    modules = np.where(np.array(code.get_matrix()), 25, 245).astype(np.uint8)
    grey = np.kron(modules, np.ones((card.module, card.module), np.uint8))
    return as_bytes(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB))


class Stage:
    """A scene ready to be drawn: photographs loaded, cut out and shrunk."""

    def __init__(self, scene: Scene, folder: Path) -> None:
        self._scene = scene
        self._people = {
            person.name: portrait_layer(folder / person.portrait, max(k.face for k in person.path))
            for person in scene.person
        }
        self._cards = [_card_picture(card) for card in scene.card]
        self._wall = self._painted_wall()
        self._grain = (
            Grain(scene.width, scene.height, scene.noise, scene.seed) if scene.noise else None
        )

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
                hand_layer(gesture.pose, hand.side).draw(picture, tip, hand.length * width)

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
            picture = as_bytes(cv2.LUT(picture, table))
        return self._grain.on(picture, number) if self._grain else picture

    def _painted_wall(self) -> Image:
        scene = self._scene
        top, bottom = (
            np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], float)
            for colour in scene.wall
        )
        share = np.linspace(0, 1, scene.height)[:, None, None]
        rows = (top + (bottom - top) * share).round().astype(np.uint8)
        return np.ascontiguousarray(np.broadcast_to(rows, (scene.height, scene.width, 3)))


class Grain:
    """A sensor's noise: normal, with a standard deviation of ``noise`` grey levels of 255.

    It is cut from two larger sheets at offsets that hardly repeat (the plastic number's
    low-discrepancy sequence): the grain never lies still, and a frame needs no other before it.
    """

    def __init__(self, width: int, height: int, noise: float, seed: int) -> None:
        size = (height + _GRAIN_ROOM, width + _GRAIN_ROOM, 3)
        levels = np.random.default_rng(seed).normal(0, noise, size).round()
        self._brighter = levels.clip(0, 255).astype(np.uint8)
        self._darker = (-levels).clip(0, 255).astype(np.uint8)

    def on(self, picture: Image, number: int) -> Image:
        """``picture`` as frame ``number`` of the sensor."""
        height, width = picture.shape[:2]
        y, x = int(number * 0.754877 % 1 * _GRAIN_ROOM), int(number * 0.569840 % 1 * _GRAIN_ROOM)
        here = slice(y, y + height), slice(x, x + width)
        return as_bytes(cv2.subtract(cv2.add(picture, self._brighter[here]), self._darker[here]))


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
