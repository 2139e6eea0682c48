"""The Raspberry Pi's camera through picamera2, which comes from apt, not from PyPI."""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

from kiosk.config import CameraSettings
from kiosk.errors import CameraError
from kiosk.vision.camera import Frame


def installed() -> bool:
    """Whether picamera2 can be imported."""
    return find_spec("picamera2") is not None


class PiCamera:
    """A :class:`~kiosk.vision.camera.Camera` on picamera2.

    It is configured once and never again: each reconfiguration leaks contiguous memory. Raises
    :class:`CameraError` when picamera2 or the camera is missing.
    """

    scripted = False

    def __init__(
        self, settings: CameraSettings, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._camera: Any = _opened(settings)

    def read(self) -> Frame | None:
        """The next frame, waiting for it. A camera that hangs hangs this call: the process is
        killed from outside."""
        try:
            bgr = self._camera.capture_array("main")
        except (OSError, RuntimeError) as error:
            raise CameraError("camera_stopped", source="picamera2") from error
        return Frame(np.ascontiguousarray(bgr[..., ::-1]), self._clock())

    def close(self) -> None:
        """Let go of the camera."""
        self._camera.close()


def _opened(settings: CameraSettings) -> Any:
    try:
        from picamera2 import Picamera2  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise CameraError("picamera2_missing", reason=error) from error
    try:
        camera = Picamera2()
        camera.configure(
            camera.create_video_configuration(
                # libcamera names formats from the low byte up: its RGB888 is B, G, R in memory.
                main={"size": (settings.width, settings.height), "format": "RGB888"},
                controls={"FrameRate": settings.fps},
                buffer_count=3,
            )
        )
        camera.start()
    except (IndexError, OSError, RuntimeError) as error:  # no camera: picamera2 says IndexError
        raise CameraError("camera_not_opened", source="picamera2") from error
    return camera
