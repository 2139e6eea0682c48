"""The same eyes and the same rules on photographs and films of real hands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from kiosk.bench.booth import Booth, Layout
from kiosk.config import Settings
from kiosk.errors import CameraError
from kiosk.vision.camera import Image
from kiosk.vision.cutouts import as_bytes
from kiosk.vision.litert import Models

_FPS = 15
_HELD_S = 2.0
"""How long a photograph is held before the camera: long enough for a hand to be engaged."""
_SIZE = (1280, 720)


@dataclass(frozen=True, slots=True)
class Clip:
    """One film or photograph."""

    name: str
    frames: int
    face: float
    """Share of the frames in which somebody was seen."""
    hand: float
    """Share in which a hand of theirs was."""
    engaged_s: float | None
    """Seconds until a hand was engaged; ``None``: never."""
    picks: int


@dataclass(frozen=True, slots=True)
class Seen:
    """All of them."""

    films: list[Clip]
    photographs: list[Clip]


def measure(settings: Settings, folder: Path, layout: Layout) -> Seen:
    """``folder/video/*.mp4``, and ``folder/kiosk-distance/*.jpg`` held still.

    Raises :class:`CameraError` when there are none.
    """
    models = Models()
    films = [
        _clip(settings, models, layout, path, _film(path))
        for path in sorted((folder / "video").glob("*.mp4"))
    ]
    photographs = [
        _clip(settings, models, layout, path, _still(path))
        for path in sorted((folder / "kiosk-distance").glob("*.jpg"))
    ]
    if not films and not photographs:
        raise CameraError("photo_missing", photo=folder)
    return Seen(films, photographs)


def _clip(
    settings: Settings, models: Models, layout: Layout, path: Path, pictures: Iterator[Image]
) -> Clip:
    booth = Booth(settings, models, layout)
    frames = faces = hands = picks = 0
    engaged: float | None = None
    for number, picture in enumerate(pictures):
        at = number / _FPS
        pointing, picked = booth.look(picture, at)
        frames += 1
        faces += booth.percept is not None and booth.percept.subject_face() is not None
        hands += booth.percept is not None and bool(booth.percept.hands)
        picks += picked is not None
        if pointing.hand == "engaged" and engaged is None:
            engaged = round(at, 2)
    shown = max(frames, 1)
    return Clip(path.name, frames, round(faces / shown, 3), round(hands / shown, 3), engaged, picks)


def _film(path: Path) -> Iterator[Image]:
    """Every second frame: films have thirty a second."""
    film = cv2.VideoCapture(str(path))
    for number in range(int(film.get(cv2.CAP_PROP_FRAME_COUNT))):
        read, picture = film.read()
        if not read:
            break
        if number % 2 == 0:
            yield _fitted(as_bytes(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)))
    film.release()


def _still(path: Path) -> Iterator[Image]:
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise CameraError("photo_missing", photo=path)
    fitted = _fitted(as_bytes(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)))
    for _ in range(round(_HELD_S * _FPS)):
        yield fitted


def _fitted(picture: Image) -> Image:
    """As the kiosk's camera would have it: 1280 × 720, upright pictures between grey."""
    height, width = picture.shape[:2]
    scale = min(_SIZE[0] / width, _SIZE[1] / height)
    small = as_bytes(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    spare = _SIZE[0] - small.shape[1], _SIZE[1] - small.shape[0]
    left, top = spare[0] // 2, spare[1] // 2
    framed = np.full((_SIZE[1], _SIZE[0], 3), 128, np.uint8)
    framed[top : top + small.shape[0], left : left + small.shape[1]] = small
    return framed
