"""The Raspberry Pi's camera, on a picamera2 of two streams that counts its buffers.

The real picamera2 is tried on libcamera's virtual camera by ``scripts/test-picamera2.sh``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from kiosk.config import CameraSettings
from kiosk.errors import CameraError
from kiosk.vision import picamera
from kiosk.vision.camera import Aim
from kiosk.vision.open import open_camera
from kiosk.vision.picamera import PiCamera

SETTINGS = CameraSettings(width=64, height=36, fine_width=128, fine_height=72)
STRIDE = 32
"""Bytes a row of the device is padded to a multiple of."""
RED = (81, 90, 240)
"""Y, Cb, Cr of pure red in BT.601, studio swing."""


def nv12(size: tuple[int, int]) -> np.ndarray:
    width, height = size
    padded = -(-width // STRIDE) * STRIDE
    picture = np.zeros((height * 3 // 2, padded), np.uint8)
    picture[:height, :width] = RED[0]
    picture[height:, 0:width:2], picture[height:, 1:width:2] = RED[1], RED[2]
    return picture


class Request:
    def __init__(self, device: Device) -> None:
        self._device: Device | None = device

    def make_array(self, stream: str) -> np.ndarray:
        assert self._device is not None, "used after release"
        return nv12(self._device.configuration[stream]["size"])

    def release(self) -> None:
        assert self._device is not None, "released twice"
        self._device.held -= 1
        self._device = None


class Device:
    """What is used of picamera2."""

    opened: list[Device]
    plugged = True
    has = ("AfMode", "AfRange", "AfSpeed", "AeExposureMode", "AeConstraintMode", "FrameRate")

    def __init__(self) -> None:
        if not self.plugged:
            raise IndexError("list index out of range")
        self.camera_controls = dict.fromkeys(self.has)
        self.configured = self.held = 0
        self.controls: dict[str, Any] = {}
        self.closed = self.stopped = False
        type(self).opened.append(self)

    def create_video_configuration(self, **configuration: Any) -> dict[str, Any]:
        return configuration

    def configure(self, configuration: dict[str, Any]) -> None:
        self.configured += 1
        self.configuration = configuration

    def set_controls(self, controls: dict[str, Any]) -> None:
        assert controls.keys() <= self.camera_controls.keys()
        self.controls |= controls

    def start(self) -> None:
        assert self.configured == 1

    def capture_request(self) -> Request:
        if self.stopped:
            raise RuntimeError("Camera frontend has timed out!")
        self.held += 1
        assert self.held < self.configuration["buffer_count"]
        return Request(self)

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def devices(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Device]]:
    picamera2, libcamera = ModuleType("picamera2"), ModuleType("libcamera")
    kind = type("Device", (Device,), {"opened": []})
    picamera2.Picamera2 = kind  # pyright: ignore[reportAttributeAccessIssue]
    libcamera.ColorSpace = SimpleNamespace(  # pyright: ignore[reportAttributeAccessIssue]
        Smpte170m=lambda: "smpte170m"
    )
    monkeypatch.setitem(sys.modules, "picamera2", picamera2)
    monkeypatch.setitem(sys.modules, "libcamera", libcamera)
    yield kind
    assert not any(device.held for device in kind.opened if device.closed)


def test_both_streams_show_the_same_red(devices: type[Device]) -> None:
    camera = PiCamera(SETTINGS, clock=lambda: 12.5)
    frame = camera.read()
    assert frame is not None
    assert frame.at == 12.5
    assert frame.image.shape == (36, 64, 3)
    assert np.abs(frame.image.astype(int) - (255, 0, 0)).max() <= 3
    fine = frame.fine()
    assert fine.shape == (72, 128, 3)
    assert np.abs(fine.astype(int) - (255, 0, 0)).max() <= 3
    camera.close()


def test_rows_are_read_without_their_padding(devices: type[Device]) -> None:
    odd = CameraSettings(width=40, height=30, fine_width=80, fine_height=60)
    camera = PiCamera(odd)
    frame = camera.read()
    assert frame is not None
    assert frame.image.shape == (30, 40, 3)
    assert frame.image[..., 0].min() >= 250
    assert frame.fine().shape == (60, 80, 3)
    camera.close()


def test_it_is_configured_once_and_holds_one_buffer_at_most(devices: type[Device]) -> None:
    camera = PiCamera(SETTINGS)
    for aim in (Aim.FACES, Aim.CARD) * 10:
        camera.aim(aim)
        camera.read()
    (device,) = devices.opened
    assert device.configured == 1
    assert device.held == 1
    camera.close()


def test_a_frame_that_is_over_cannot_be_read(devices: type[Device]) -> None:
    camera = PiCamera(SETTINGS)
    over = camera.read()
    camera.read()
    assert over is not None
    with pytest.raises(RuntimeError, match="next frame"):
        over.fine()
    camera.close()


def test_it_focuses_near_for_a_card_and_far_again_for_faces(devices: type[Device]) -> None:
    camera = PiCamera(SETTINGS)
    (device,) = devices.opened
    assert (device.controls["AfMode"], device.controls["AfRange"]) == (2, 0)
    camera.aim(Aim.CARD)
    assert (device.controls["AfRange"], device.controls["AeConstraintMode"]) == (1, 1)
    camera.aim(Aim.FACES)
    assert (device.controls["AfRange"], device.controls["AeConstraintMode"]) == (0, 2)
    camera.close()


def test_a_camera_is_told_only_what_it_understands(
    devices: type[Device], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "has", ("FrameRate",))
    camera = PiCamera(SETTINGS)
    camera.aim(Aim.CARD)
    assert devices.opened[0].controls == {"FrameRate": 15.0}
    camera.close()


def test_a_camera_that_stops_is_named(devices: type[Device]) -> None:
    camera = PiCamera(SETTINGS)
    camera.read()
    devices.opened[0].stopped = True
    with pytest.raises(CameraError) as caught:
        camera.read()
    assert caught.value.key == "camera_stopped"
    camera.close()


def test_an_unplugged_camera_is_named(
    devices: type[Device], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "plugged", False)
    with pytest.raises(CameraError) as caught:
        PiCamera(SETTINGS)
    assert caught.value.key == "camera_not_opened"


def test_a_camera_that_cannot_be_configured_is_let_go(
    devices: type[Device], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Device, configuration: dict[str, Any]) -> None:
        raise RuntimeError("Invalid camera configuration")

    monkeypatch.setattr(devices, "configure", refuse)
    with pytest.raises(CameraError) as caught:
        PiCamera(SETTINGS)
    assert caught.value.key == "camera_not_opened"
    assert devices.opened[0].closed


def test_a_missing_picamera2_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "picamera2", None)
    with pytest.raises(CameraError) as caught:
        PiCamera(SETTINGS)
    assert caught.value.key == "picamera2_missing"
    assert "apt install python3-picamera2" in caught.value.do("vi")


def test_auto_takes_the_pi_camera_when_there_is_one(
    devices: type[Device], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(picamera, "installed", lambda: True)
    assert isinstance(open_camera(CameraSettings(), tmp_path), PiCamera)
