"""The optional detector: refused with a reason where it is missing, alike where it is there.

No fixtures: scripts/oracle.sh runs this file in the environment that has mediapipe.
"""

from __future__ import annotations

from importlib import metadata

import numpy as np
import pytest
from skimage import data

from kiosk.config import VisionSettings
from kiosk.errors import ModelError
from kiosk.vision.faces import FaceDetector
from kiosk.vision.litert import Models
from kiosk.vision.open import open_face_finder

MODELS = Models()
WANTED = VisionSettings(face_detector="mediapipe")


def usable() -> bool:
    try:
        return metadata.version("mediapipe").startswith("0.10.")
    except metadata.PackageNotFoundError:
        return False


def test_blazeface_unless_another_is_asked_for() -> None:
    assert isinstance(open_face_finder(VisionSettings(), MODELS), FaceDetector)


@pytest.mark.skipif(usable(), reason="mediapipe 0.10 is installed here")
def test_a_detector_that_is_not_installed_is_named() -> None:
    with pytest.raises(ModelError) as caught:
        open_face_finder(WANTED, MODELS)
    assert caught.value.key == "mediapipe_missing"


@pytest.mark.skipif(not usable(), reason="needs mediapipe 0.10.18: scripts/oracle.sh runs this")
def test_both_detectors_find_the_same_face() -> None:
    astronaut = np.asarray(data.astronaut(), np.uint8)
    (ours,) = open_face_finder(VisionSettings(), MODELS)(astronaut)
    (theirs,) = open_face_finder(WANTED, MODELS)(astronaut)
    eyes = np.linalg.norm(ours.keypoints[0] - ours.keypoints[1])
    assert np.abs(ours.keypoints - theirs.keypoints).max() < 0.05 * eyes
