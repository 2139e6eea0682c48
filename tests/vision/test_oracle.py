"""Our detectors agree with mediapipe 0.10.18, whose answers scripts/oracle.sh wrote down."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kiosk.vision.cutouts import media_folder
from kiosk.vision.litert import Models
from scripts.oracle import images
from scripts.oracle.agreement import Agreement, answers, compare

LEAST_SAME_FACE_COUNT = 0.95
MOST_HANDS_DISAGREE = 0.03
MOST_LANDMARK_DIFFERENCE = 0.05
"""Median, in palm lengths."""


def assert_agree(agreement: Agreement) -> None:
    said = agreement.table()
    assert agreement.face_counts_agree >= LEAST_SAME_FACE_COUNT, said
    assert agreement.hands_disagree <= MOST_HANDS_DISAGREE, said
    assert agreement.landmark_difference <= MOST_LANDMARK_DIFFERENCE, said
    assert agreement.same_side >= 0.95 * len(agreement.landmark_differences), said


@pytest.mark.slow
def test_published_pictures(models: Models) -> None:
    pictures = dict(images.published(media_folder() / "face_recognition"))
    assert {"astronaut", "open-right", "fist-left"} <= pictures.keys()
    theirs = answers("published")
    assert pictures.keys() <= theirs.keys(), "run scripts/oracle.sh"
    assert_agree(compare(models, pictures.items(), theirs))


@pytest.mark.slow
def test_private_pictures(models: Models) -> None:
    media = Path(os.environ.get("KIOSK_TEST_MEDIA", images.ROOT.parent / "shared" / "media"))
    if not media.is_dir():
        pytest.skip(f"{media} is not there: set KIOSK_TEST_MEDIA")
    theirs = answers("private")
    asked = [(name, image) for name, image in images.private(media) if name in theirs]
    if not asked:
        pytest.skip(f"mediapipe was not asked about {media}: run scripts/oracle.sh --media")
    assert_agree(compare(models, asked, theirs))
