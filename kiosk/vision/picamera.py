"""The Raspberry Pi's camera through picamera2, which comes from apt, not from PyPI."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any

import cv2
import numpy as np

from kiosk.config import CameraSettings
from kiosk.errors import CameraError
from kiosk.vision.camera import Aim, Frame, Image

_BUFFERS = 4
"""One is held by whoever looks at the frame, one waits, two are being filled."""

_MAINS_PERIOD_US = 10_000
"""Lamps on 50 Hz mains flicker a hundred times a second; an exposure of whole periods shows no
bands."""

Controls = Mapping[str, int | float]

_ALWAYS: Controls = {
    "AeEnable": 1,
    "AeFlickerMode": 1,  # manual
    "AeFlickerPeriod": _MAINS_PERIOD_US,
    "AwbEnable": 1,
    "AfMode": 2,  # continuous: nobody is there to ask for it
    "AfSpeed": 1,  # fast
    "AeMeteringMode": 0,  # weighted towards the middle, where people stand
}
AIMS: dict[Aim, Controls] = {
    # A short exposure, because people move. Dark parts count, because the door is behind them.
    Aim.FACES: {"AfRange": 0, "AeExposureMode": 1, "AeConstraintMode": 2},
    # The card is nearer than the normal range, and its lamination reflects lamps.
    Aim.CARD: {"AfRange": 1, "AeExposureMode": 1, "AeConstraintMode": 1},
}
"""Values of libcamera's controls (``control_ids_core.yaml``): AfRange 0 normal, 1 macro;
AeExposureMode 1 short; AeConstraintMode 1 highlights, 2 shadows. A camera is only told of those
it has: Camera Module 2 does not focus, libcamera's virtual camera has none at all."""


def installed() -> bool:
    """Whether picamera2 can be imported."""
    return find_spec("picamera2") is not None


class PiCamera:
    """A :class:`~kiosk.vision.camera.Camera` on picamera2, two streams of each moment: one to
    look at all the time, a finer one to read cards on.

    It is configured once and never again: each reconfiguration leaks contiguous memory. Focus
    and exposure are controls, which travel with a frame. ``device`` makes the camera, by default
    the first one picamera2 finds. Raises :class:`CameraError` when picamera2 or the camera is
    missing.
    """

    scripted = False

    def __init__(
        self,
        settings: CameraSettings,
        clock: Callable[[], float] = time.monotonic,
        device: Callable[[], Any] | None = None,
    ) -> None:
        self._clock = clock
        self._size = (settings.width, settings.height)
        self._fine_size = (settings.fine_width, settings.fine_height)
        self._held: _Moment | None = None
        self._camera: Any = _opened(settings, device or _first_camera())

    def read(self) -> Frame | None:
        """The next frame, waiting for it. A camera that hangs hangs this call: the process is
        killed from outside."""
        self._let_go()
        try:
            moment = self._held = _Moment(self._camera.capture_request(), self._fine_size)
            image = moment.rgb("lores", self._size)
        except (OSError, RuntimeError) as error:
            raise CameraError("camera_stopped", source="picamera2") from error
        return Frame(image, self._clock(), moment.fine)

    def aim(self, aim: Aim) -> None:
        """Focus and expose for ``aim`` with the next frames."""
        self._camera.set_controls(_supported(self._camera, AIMS[aim]))

    def close(self) -> None:
        """Let go of the camera."""
        self._let_go()
        self._camera.close()

    def _let_go(self) -> None:
        if self._held is not None:
            self._held.release()
            self._held = None


class _Moment:
    """A picamera2 request that is held, so that its finer stream can still be asked for. Its
    buffers go back to the camera with :meth:`release`."""

    def __init__(self, request: Any, fine_size: tuple[int, int]) -> None:
        self._request: Any = request
        self._fine_size = fine_size

    def rgb(self, stream: str, size: tuple[int, int]) -> Image:
        """A stream, (height, width, 3)."""
        width, height = size
        rows = np.asarray(self._request.make_array(stream), np.uint8)
        nv12 = rows.reshape(height * 3 // 2, -1)[:, :width]
        return np.asarray(cv2.cvtColor(nv12, cv2.COLOR_YUV2RGB_NV12), np.uint8)

    def fine(self) -> Image:
        """The main stream. Raises :class:`RuntimeError` after release."""
        if self._request is None:
            raise RuntimeError("the next frame has been read: this one's buffers are gone")
        return self.rgb("main", self._fine_size)

    def release(self) -> None:
        """Give the buffers back."""
        request, self._request = self._request, None
        request.release()


def _first_camera() -> Callable[[], Any]:
    try:
        from picamera2 import Picamera2  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise CameraError("picamera2_missing", reason=error) from error
    return Picamera2


def _opened(settings: CameraSettings, device: Callable[[], Any]) -> Any:
    try:
        camera = device()
    except (IndexError, OSError, RuntimeError) as error:  # no camera: picamera2 says IndexError
        raise CameraError("camera_not_opened", source="picamera2") from error
    try:
        camera.configure(
            camera.create_video_configuration(
                # The sensor's mode follows the larger stream. NV12 is the one format that both
                # streams have on every Raspberry Pi, and half the bytes of RGB.
                main={"size": (settings.fine_width, settings.fine_height), "format": "NV12"},
                lores={"size": (settings.width, settings.height), "format": "NV12"},
                raw=None,
                colour_space=_colour_space(),
                buffer_count=_BUFFERS,
            )
        )
        first = {**_ALWAYS, **AIMS[Aim.FACES], "FrameRate": settings.fps}
        camera.set_controls(_supported(camera, first))
        camera.start()
    except (OSError, RuntimeError) as error:
        camera.close()
        raise CameraError("camera_not_opened", source="picamera2") from error
    return camera


def _colour_space() -> Any:
    """What OpenCV takes NV12 to be: BT.601, studio swing."""
    from libcamera import ColorSpace  # pyright: ignore[reportMissingImports]

    return ColorSpace.Smpte170m()


def _supported(camera: Any, controls: Controls) -> dict[str, int | float]:
    return {name: value for name, value in controls.items() if name in camera.camera_controls}
