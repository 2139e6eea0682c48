"""The vision process: camera → pipeline → pipe, until it is told to stop.

It lives in a process of its own because a camera driver or a model may hang or crash, and the
screen must not. Signs of life come from the frame loop alone, so that a camera that hangs is
noticed. With a scripted camera every frame waits until the one before was dealt with; with a
live one, frames that nobody has time for are dropped.
"""

from __future__ import annotations

import ctypes
import logging
import signal
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from kiosk.config import CameraSettings, Settings
from kiosk.errors import CameraError, KioskError
from kiosk.vision.camera import Aim, Camera, Frame
from kiosk.vision.gallery import Gallery
from kiosk.vision.messages import (
    Command,
    EnrolmentReady,
    Forget,
    Heartbeat,
    Join,
    LookForCard,
    Message,
    Next,
    Ready,
    SceneEnded,
    Seen,
    SetGallery,
    StartEnrolment,
    Stop,
    Trouble,
)
from kiosk.vision.open import open_camera
from kiosk.vision.percepts import Enrolment, Percept
from kiosk.vision.ring import Ring
from kiosk.vision.sharing import AttachedGallery

_log = logging.getLogger(__name__)

_BEAT_S = 1.0
_FIRST_RETRY_S, _LAST_RETRY_S = 1.0, 10.0
_LIVE_CREDIT = 2
"""Percepts under way at most, so that the process can look at one while another is dealt with
and a reader that is busy never finds a long queue."""
_PR_SET_PDEATHSIG = 1


class Looker(Protocol):
    """The part of :class:`kiosk.vision.pipeline.Pipeline` that is used here."""

    @property
    def model_id(self) -> str | None:
        """Which embedding makes the templates, ``None`` when none is made."""
        ...

    def look(self, frame: Frame) -> Percept:
        """What is in ``frame``."""
        ...

    def set_gallery(self, gallery: Gallery) -> None:
        """Replace the templates faces are compared with."""
        ...

    def look_for_card(self, on: bool) -> None:
        """Start or stop looking for barcodes."""
        ...

    def start_enrolment(self, track_id: int, portrait: bytes = b"") -> None:
        """Collect a template of one track and compare it with ``portrait``."""
        ...

    def enrolment(self) -> Enrolment | None:
        """The template, handed over once."""
        ...


def load_pipeline(settings: Settings) -> Looker:
    """The real pipeline with the models that ship."""
    from kiosk.vision.litert import Models  # here: only the vision process loads the runtime
    from kiosk.vision.pipeline import Pipeline

    return Pipeline(settings, Models())


@dataclass(frozen=True, slots=True)
class Job:
    """What a vision process is to do. It is pickled: both functions must be importable."""

    settings: Settings
    folder: Path
    """Files that ``camera.source`` names are relative to it."""
    pipeline: Callable[[Settings], Looker] = load_pipeline
    camera: Callable[[CameraSettings, Path], Camera] = open_camera


def main(pipe: Connection, ring: str, job: Job) -> None:
    """Body of the process. Returns when told to stop, at the scene's end, or when whoever
    started it is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which says Stop
    _die_with_parent()
    cv2.setNumThreads(1)
    with closing(Ring(ring)) as pictures, closing(AttachedGallery()) as enrolled:
        try:
            _Worker(pipe, pictures, enrolled, job).run()
        except (EOFError, ConnectionError):
            _log.info("nobody is listening any more")


def _die_with_parent() -> None:
    """A camera that hangs never notices that the pipe was closed: ask the kernel (prctl(2))."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class _Worker:
    def __init__(self, pipe: Connection, ring: Ring, enrolled: AttachedGallery, job: Job) -> None:
        self._pipe = pipe
        self._ring = ring
        self._enrolled = enrolled
        self._job = job
        self._looker: Looker
        self._camera: Camera | None = None
        self._aim = Aim.FACES
        self._credit: int | None = None
        self._stopped = False
        self._retry_s = _FIRST_RETRY_S
        self._said_at = time.monotonic()

    def run(self) -> None:
        try:
            self._looker = self._job.pipeline(self._job.settings)
        except KioskError as error:
            self._say(Trouble.of(error))
            return
        self._say(Ready(_versions(), self._looker.model_id))
        while not self._stopped:
            try:
                self._watch()
            except CameraError as error:
                self._camera = None
                self._say(Trouble.of(error))
                self._pause()

    def _watch(self) -> None:
        with closing(self._job.camera(self._job.settings.camera, self._job.folder)) as camera:
            self._camera = camera
            camera.aim(self._aim)
            if self._credit is None:
                self._credit = 1 if camera.scripted else _LIVE_CREDIT
            while self._may_read(camera) and not self._stopped:
                frame = camera.read()
                if frame is None:
                    self._say(SceneEnded())
                    self._stopped = True
                else:
                    self._retry_s = _FIRST_RETRY_S
                    self._deal_with(frame)

    def _may_read(self, camera: Camera) -> bool:
        """Obey what was said meanwhile; before a scripted frame, wait until it is wanted."""
        self._obey(0)
        while camera.scripted and not self._credit and not self._stopped:
            self._obey(_BEAT_S)
            self._beat()
        return True

    def _deal_with(self, frame: Frame) -> None:
        if not self._credit:
            self._beat()
            return
        self._credit -= 1
        percept = self._looker.look(frame)
        self._say(Seen(percept, *self._ring.write(frame.image)))
        enrolment = self._looker.enrolment()
        if enrolment:
            self._say(EnrolmentReady(enrolment))

    def _obey(self, wait_s: float) -> None:
        while not self._stopped and self._pipe.poll(wait_s):
            self._carry_out(self._pipe.recv())
            wait_s = 0

    def _carry_out(self, command: Command) -> None:
        match command:
            case Next():
                self._credit = (self._credit or 0) + 1
            case Stop():
                self._stopped = True
            case LookForCard(on):
                self._looker.look_for_card(on)
                self._aim_at(Aim.CARD if on else Aim.FACES)
            case SetGallery() | Join() | Forget():
                self._looker.set_gallery(self._enrolled.follow(command))
            case StartEnrolment(track_id, portrait):
                self._looker.start_enrolment(track_id, portrait)

    def _aim_at(self, aim: Aim) -> None:
        self._aim = aim
        if self._camera is not None:
            self._camera.aim(aim)

    def _pause(self) -> None:
        """Wait before the camera is opened again, longer each time."""
        until = time.monotonic() + self._retry_s
        self._retry_s = min(2 * self._retry_s, _LAST_RETRY_S)
        while not self._stopped and (left := until - time.monotonic()) > 0:
            self._obey(min(left, _BEAT_S))
            self._beat()

    def _beat(self) -> None:
        if time.monotonic() - self._said_at >= _BEAT_S:
            self._say(Heartbeat())

    def _say(self, message: Message) -> None:
        self._pipe.send(message)
        self._said_at = time.monotonic()


def _versions() -> dict[str, str]:
    found: dict[str, str] = {"opencv": cv2.__version__, "numpy": np.__version__}
    for package in ("ai-edge-litert", "tflite-runtime"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
