"""Real pixels for the vision tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
import pytest
from PIL import Image as Pillow
from skimage import data

from kiosk.vision.camera import Frame, Image
from kiosk.vision.cutouts import media_folder
from kiosk.vision.faces import FaceDetection, FaceDetector
from kiosk.vision.litert import Models

Photo = Callable[[str], Image]
Portrait = Callable[..., Image]


@pytest.fixture(scope="session")
def models() -> Models:
    return Models()


@pytest.fixture(scope="session")
def detector(models: Models) -> FaceDetector:
    return FaceDetector(models)


@pytest.fixture(scope="session")
def photo() -> Photo:
    """A photograph by name: ``astronaut``, or one that scripts/media.sh fetches."""

    def read(name: str) -> Image:
        if name == "astronaut":
            return np.asarray(data.astronaut(), np.uint8)
        path = media_folder() / "face_recognition" / f"{name}.jpg"
        if not path.is_file():
            pytest.skip(f"{path} is not there: run scripts/media.sh")
        return np.asarray(Pillow.open(path).convert("RGB"), np.uint8)

    return read


@pytest.fixture(scope="session")
def face(photo: Photo, detector: FaceDetector) -> Callable[[str], tuple[Image, FaceDetection]]:
    """A photograph, shrunk so that the detector sees its face well, and that face."""

    def find(name: str) -> tuple[Image, FaceDetection]:
        whole = photo(name)
        top = np.ascontiguousarray(whole[: whole.shape[1]])
        best = max(detector(top), key=lambda found: found.box[2])
        return top, best

    return find


@pytest.fixture(scope="session")
def portrait(face: Callable[[str], tuple[Image, FaceDetection]]) -> Portrait:
    """A frame showing somebody's face, ``width`` px wide, centred at ``at``; None: nobody."""

    def compose(
        name: str | None,
        width: float = 110,
        at: tuple[float, float] = (320, 200),
        size: tuple[int, int] = (640, 480),
    ) -> Image:
        frame = np.full((size[1], size[0], 3), 150, np.uint8)
        if name is None:
            return frame
        image, found = face(name)
        x, y, across, down = found.box
        scale = width / across
        small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        left, top = at[0] - (x + across / 2) * scale, at[1] - (y + down / 2) * scale
        shift = np.array([[1, 0, left], [0, 1, top]])
        cv2.warpAffine(small, shift, size, dst=frame, borderMode=cv2.BORDER_TRANSPARENT)
        return frame

    return compose


def frames(images: Sequence[Image], start: float = 0.0, fps: float = 15.0) -> list[Frame]:
    return [Frame(image, start + number / fps) for number, image in enumerate(images)]
