from __future__ import annotations

from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.config import CameraSettings
from kiosk.errors import CameraError
from kiosk.vision.open import open_camera
from kiosk.vision.webcam import Webcam, public_name

SETTINGS = CameraSettings()


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """Ten frames at 25 a second, redder and redder."""
    path = tmp_path / "video.avi"
    fourcc = cv2.VideoWriter.fourcc(*"MJPG")
    writer = cv2.VideoWriter(str(path), fourcc, 25, (160, 120))
    for number in range(10):
        frame = np.zeros((120, 160, 3), np.uint8)
        frame[..., 2] = 20 * number
        writer.write(frame)
    writer.release()
    return path


def test_a_video_file_is_played_to_its_end(video: Path) -> None:
    camera = Webcam(str(video), SETTINGS)
    frames = list(iter(camera.read, None))
    camera.close()
    assert camera.scripted
    assert len(frames) == 10
    assert [frame.at for frame in frames] == pytest.approx([n / 25 for n in range(10)], abs=0.041)
    assert sorted(frame.at for frame in frames) == [frame.at for frame in frames]


def test_frames_are_red_green_blue(video: Path) -> None:
    camera = Webcam(str(video), SETTINGS)
    last = list(iter(camera.read, None))[-1]
    camera.close()
    assert last.image.shape == (120, 160, 3)
    assert last.image[60, 80].tolist() == pytest.approx([180, 0, 0], abs=6)


@pytest.mark.parametrize("source", ["nothing.avi", "rtsp://me:secret@127.0.0.1:9/stream", "97"])
def test_a_camera_that_cannot_be_opened_is_named(tmp_path: Path, source: str) -> None:
    with pytest.raises(CameraError) as caught:
        open_camera(CameraSettings(source=source), tmp_path)
    assert caught.value.key == "camera_not_opened"
    assert "secret" not in str(caught.value)


def test_a_file_that_is_no_video_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("not a video")
    with pytest.raises(CameraError, match="cannot be opened"):
        open_camera(CameraSettings(source="text.mp4"), tmp_path)


def test_a_password_never_leaves() -> None:
    assert public_name("rtsp://me:p@ss@host:554/x") == "rtsp://host:554/x"
    assert public_name("/dev/video0") == "/dev/video0"


def test_files_are_relative_to_the_settings(video: Path) -> None:
    camera = open_camera(CameraSettings(source=video.name), video.parent)
    assert camera.read() is not None
    camera.close()


def test_a_scene_is_played(tmp_path: Path) -> None:
    (tmp_path / "scene.toml").write_text("duration = 1")
    own = open_camera(CameraSettings(source="replay:scene.toml"), tmp_path)
    assert own.scripted
    assert len(list(iter(own.read, None))) == 15
    shipped = open_camera(CameraSettings(source="replay:scene.toml,idle"), tmp_path)
    times = [frame.at for frame in islice(iter(shipped.read, None), 16)]
    assert times[15] == 1.0  # the second scene begins where the first ends


def test_no_camera_is_no_camera(tmp_path: Path) -> None:
    with pytest.raises(CameraError):
        open_camera(CameraSettings(source="none"), tmp_path)
