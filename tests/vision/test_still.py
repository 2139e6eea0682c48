from __future__ import annotations

import csv
import os
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.vision.calibration import shipped
from kiosk.vision.camera import Image
from kiosk.vision.cutouts import read_photo
from kiosk.vision.litert import Models
from kiosk.vision.still import StillFaces
from kiosk.vision.templates import DIMENSIONS

LFW = Path(os.environ.get("KIOSK_TEST_MEDIA", Path(__file__).parents[3] / "shared/media")) / "lfw"
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


def test_photographs_of_other_days(still: StillFaces) -> None:
    """Every twentieth pair of the half of the public face set on which nothing was chosen."""
    if not LFW.is_dir():
        pytest.skip(f"{LFW} is not there")
    with (LFW / "pairs.tsv").open(encoding="utf-8") as lines:
        pairs = [row for row in csv.DictReader(lines, delimiter="\t") if int(row["fold"]) >= 5]
    wrong = 0
    threshold = shipped().threshold(1e-3)
    for row in pairs[::20]:
        one, other = (still(read_photo(str(LFW / "images" / row[side]), LFW)) for side in "ab")
        assert one is not None
        assert other is not None
        alike = float(one.embedding @ other.embedding) >= threshold
        wrong += alike != (row["mated"] == "1")
    assert len(pairs[::20]) == 100
    assert wrong <= 2
