"""A camera through OpenCV: USB, a video file, or an RTSP stream."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from kiosk.config import CameraSettings
from kiosk.errors import CameraError
from kiosk.vision.camera import Aim, Frame

_OPEN_MS = 5000
_READ_MS = 2500
"""A stream that gives nothing for so long is reported before the watchdog kills the process."""
_FAILURES = 10
"""A live source may lose single frames; so many in a row and it is gone."""


class Webcam:
    """A :class:`~kiosk.vision.camera.Camera` on ``cv2.VideoCapture``.

    ``source`` is a device number, a device path, a video file, or an address such as
    ``rtsp://…``. A file is scripted: its frames carry the file's time. Raises
    :class:`CameraError` when it cannot be opened.
    """

    def __init__(
        self,
        source: str,
        settings: CameraSettings,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = source
        self._clock = clock
        self._at = 0.0
        self.scripted = Path(source).is_file()
        self._capture = _opened(source, settings, live=not self.scripted)

    def read(self) -> Frame | None:
        """The next frame; ``None`` at the end of a file. Raises :class:`CameraError` when a
        live source stopped."""
        for _ in range(1 if self.scripted else _FAILURES):
            ok, picture = self._capture.read()
            if ok:
                image = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)
                return Frame(image, self._time())
        if self.scripted:
            return None
        raise CameraError("camera_stopped", source=public_name(self._source))

    def aim(self, aim: Aim) -> None:
        """A webcam aims by itself."""

    def close(self) -> None:
        """Let go of the device."""
        self._capture.release()

    def _time(self) -> float:
        now = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000 if self.scripted else self._clock()
        self._at = max(self._at, now)  # some containers step back by a frame
        return self._at


def public_name(source: str) -> str:
    """``source`` without the user and password an address may hold: it reaches the log."""
    scheme, separator, rest = source.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}" if separator else source


def _opened(source: str, settings: CameraSettings, *, live: bool) -> cv2.VideoCapture:
    device = source.removeprefix("/dev/video")
    if device.isdecimal():
        capture = cv2.VideoCapture(int(device), cv2.CAP_ANY)
    elif "://" in source:
        timeouts = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, _OPEN_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC]
        capture = cv2.VideoCapture(source, cv2.CAP_FFMPEG, [*timeouts, _READ_MS])
    else:
        capture = cv2.VideoCapture(source)
    if not capture.isOpened():
        raise CameraError("camera_not_opened", source=public_name(source))
    if live:
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, settings.width)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, settings.height)
        capture.set(cv2.CAP_PROP_FPS, settings.fps)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # the newest picture matters, not the oldest
    return capture
