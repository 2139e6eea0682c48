"""The kiosk's camera driver and the real picamera2, on libcamera's virtual camera."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import libcamera  # pyright: ignore[reportMissingImports]
from picamera2 import Picamera2  # pyright: ignore
from picamera2.allocators import LibcameraAllocator  # pyright: ignore[reportMissingImports]

from kiosk.config import CameraSettings
from kiosk.vision.camera import Camera
from kiosk.vision.picamera import PiCamera

FRAMES_PER_S = 30.0
"""The virtual camera gives a frame as soon as there is a buffer for it; a sensor takes its time."""


class VirtualPicamera2(Picamera2):
    """picamera2 but for what a camera without a sensor cannot do."""

    def __init__(self) -> None:
        super().__init__()
        # picamera2's own buffers have one plane for luminance and colour, these two.
        self.allocator = LibcameraAllocator(self.camera)
        self._due = time.monotonic()

    def _get_raw_modes(self) -> list[dict[str, Any]]:
        """There is no raw stream to ask for modes."""
        offered = self.camera.generate_configuration([libcamera.StreamRole.VideoRecording]).at(0)
        size = (offered.size.width, offered.size.height)
        return [{"format": str(offered.pixel_format), "size": size}]

    def capture_request(self, *arguments: Any, **named: Any) -> Any:
        time.sleep(max(0.0, self._due - time.monotonic()))
        self._due = max(self._due, time.monotonic() - 1 / FRAMES_PER_S) + 1 / FRAMES_PER_S
        return super().capture_request(*arguments, **named)


def open_virtual(settings: CameraSettings, folder: Path) -> Camera:  # noqa: ARG001
    return PiCamera(settings, device=VirtualPicamera2)
