"""From the settings to a camera and a face detector."""

from __future__ import annotations

from pathlib import Path

from kiosk.config import CameraSettings, VisionSettings
from kiosk.errors import CameraError
from kiosk.vision import picamera
from kiosk.vision.camera import Camera
from kiosk.vision.faces import FaceDetector, FaceFinder
from kiosk.vision.litert import Models
from kiosk.vision.mediapipe_faces import MediaPipeFaceDetector
from kiosk.vision.picamera import PiCamera
from kiosk.vision.webcam import Webcam


def open_camera(settings: CameraSettings, folder: Path) -> Camera:
    """The camera ``settings.source`` names; files are relative to ``folder``.

    Raises :class:`CameraError` when it cannot be opened.
    """
    kind, _, rest = settings.source.partition(":")
    if kind == "replay":
        # Imported late: a kiosk with a real camera never draws scenes.
        from kiosk.vision.replay import Playlist, ReplayCamera
        from kiosk.vision.scene import scene_path

        return Playlist([ReplayCamera(scene_path(name, folder)) for name in rest.split(",")])
    if settings.source == "none":
        raise CameraError("camera_not_opened", source="none")
    if settings.source == "picamera2" or (settings.source == "auto" and picamera.installed()):
        return PiCamera(settings)
    return Webcam(_webcam_source(settings.source, folder), settings)


def open_face_finder(settings: VisionSettings, models: Models) -> FaceFinder:
    """The face detector ``settings`` name.

    Raises :class:`ModelError` when its model is missing or its package is not installed.
    """
    if settings.face_detector == "mediapipe":
        return MediaPipeFaceDetector()
    return FaceDetector(models)


def is_scripted(source: str, folder: Path) -> bool:
    """Whether ``source`` names a scene or a file: frames then carry its time, not the wall's."""
    return source.startswith("replay:") or (folder / source).is_file()


def _webcam_source(source: str, folder: Path) -> str:
    if source == "auto":
        return "0"
    if source.isdecimal() or "://" in source:
        return source
    return str(folder / source)
