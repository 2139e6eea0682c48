from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from kiosk.vision.camera import Image
from kiosk.vision.litert import Models
from kiosk.vision.still import StillFaces
from kiosk.vision.templates import DIMENSIONS

Photo = Callable[[str], Image]


@pytest.fixture(scope="module")
def still(models: Models) -> StillFaces:
    return StillFaces(models)


def test_a_portrait(still: StillFaces, photo: Photo) -> None:
    found = still(photo("astronaut"))
    assert found is not None
    assert found.crop.shape == (112, 112, 3)
    assert found.mesh.presence > 0.99
    assert found.quality.value > 0.5
    assert abs(found.pose.yaw) < 30
    assert found.embedding.shape == (DIMENSIONS,)


def test_nobody(still: StillFaces) -> None:
    assert still(np.full((240, 320, 3), 90, np.uint8)) is None


def test_the_large_central_face_is_meant(still: StillFaces, photo: Photo) -> None:
    alone = still(photo("astronaut"))
    crowd = photo("astronaut").copy()
    crowd[:170, :150] = cv2.resize(photo("astronaut")[:340, 170:470], (150, 170))
    found = still(crowd)
    assert alone is not None
    assert found is not None
    assert float(found.embedding @ alone.embedding) > 0.9
    assert found.detection.box == pytest.approx(alone.detection.box, abs=4)
