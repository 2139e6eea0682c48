"""From ``camera.source`` to a camera."""

from __future__ import annotations

from pathlib import Path

from kiosk.config import CameraSettings
from kiosk.errors import CameraError
from kiosk.vision import picamera
from kiosk.vision.camera import Camera
from kiosk.vision.picamera import PiCamera
from kiosk.vision.webcam import Webcam


def open_camera(settings: CameraSettings, folder: Path) -> Camera:
    """The camera ``settings.source`` names; files are relative to ``folder``.

    Raises :class:`CameraError` when it cannot be opened.
    """
    kind, _, rest = settings.source.partition(":")
    if kind == "replay":
        # Imported late: a kiosk with a real camera never draws scenes.
        from kiosk.vision.replay import ReplayCamera
        from kiosk.vision.scene import scene_path

        return ReplayCamera(scene_path(rest, folder))
    if settings.source == "none":
        raise CameraError("camera_not_opened", source="none")
    if settings.source == "picamera2" or (settings.source == "auto" and picamera.installed()):
        return PiCamera(settings)
    return Webcam(_webcam_source(settings.source, folder), settings)


def _webcam_source(source: str, folder: Path) -> str:
    if source == "auto":
        return "0"
    if source.isdecimal() or "://" in source:
        return source
    return str(folder / source)
