"""Cameras and a pipeline without models, importable by a spawned process."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np

from kiosk.config import CameraSettings, Settings
from kiosk.errors import CameraError, ModelError
from kiosk.vision.camera import Aim, Frame
from kiosk.vision.gallery import Gallery
from kiosk.vision.percepts import Enrolment, Percept

OFFICE = {"name": {"vi": "Phường Mẫu"}, "unit": {"vi": "Một cửa"}}
FIELD = {"id": "a", "prefix": "A", "name": {"vi": "A"}, "examples": {"vi": "a"}}


def settings(source: str = "auto") -> Settings:
    return Settings.model_validate(
        {"office": OFFICE, "fields": [FIELD], "camera": {"source": source}}
    )


class FakeLooker:
    """Says in ``stages_ms`` what it was told; enrols on the frame after it was asked."""

    model_id = "fake"

    def __init__(self) -> None:
        self._frame = 0
        self._card = False
        self._templates = 0
        self._enrol: int | None = None

    def look(self, frame: Frame) -> Percept:
        number, self._frame = self._frame, self._frame + 1
        height, width = frame.image.shape[:2]
        told = {"card": float(self._card), "templates": float(self._templates)}
        return Percept(frame=number, at=frame.at, size=(width, height), stages_ms=told)

    def set_gallery(self, gallery: Gallery) -> None:
        self._templates = len(gallery)

    def look_for_card(self, on: bool) -> None:
        self._card = on

    def start_enrolment(self, track_id: int, portrait: bytes = b"") -> None:
        self._enrol = track_id

    def enrolment(self) -> Enrolment | None:
        track, self._enrol = self._enrol, None
        return None if track is None else Enrolment(track, b"template", "fake", 1.0, 5)


def looker(settings: Settings) -> FakeLooker:
    return FakeLooker()


def broken_looker(settings: Settings) -> FakeLooker:
    raise ModelError("model_missing", file="face.tflite", command="scripts/models.sh")


class FiveFrames:
    """A scripted camera: frame *n* is grey *n*, a second after the one before."""

    scripted = True

    def __init__(self, settings: CameraSettings, folder: Path) -> None:
        self._next = 0

    def read(self) -> Frame | None:
        if self._next == 5:
            return None
        number, self._next = self._next, self._next + 1
        return Frame(np.full((48, 64, 3), number, np.uint8), float(number))

    def aim(self, aim: Aim) -> None:
        pass

    def close(self) -> None:
        pass


class LiveFrames:
    """A live camera that paces itself, gives nothing while ``folder/unplugged`` exists, and
    hangs while ``folder/hanging`` exists."""

    scripted = False

    def __init__(self, settings: CameraSettings, folder: Path) -> None:
        self._folder = folder
        self._next = 0
        self._pace = threading.Event()
        self._refuse_if_unplugged()

    def read(self) -> Frame | None:
        self._refuse_if_unplugged()
        self._pace.wait(None if (self._folder / "hanging").exists() else 0.005)
        number, self._next = self._next, self._next + 1
        return Frame(np.zeros((48, 64, 3), np.uint8), float(number))

    def aim(self, aim: Aim) -> None:
        pass

    def close(self) -> None:
        pass

    def _refuse_if_unplugged(self) -> None:
        if (self._folder / "unplugged").exists():
            raise CameraError("camera_not_opened", source="fake")
