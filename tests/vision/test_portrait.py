"""Pictures on chips come from outside."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image as Pillow

from kiosk.config import RecognitionSettings
from kiosk.vision.gallery import Gallery
from kiosk.vision.portrait import portrait_pixels
from kiosk.vision.quality import Pose
from kiosk.vision.recognition import FaceImage, Recogniser
from kiosk.vision.templates import DIMENSIONS, Embedding
from kiosk.vision.tracking import Track


def encoded(kind: str, size: tuple[int, int] = (40, 50)) -> bytes:
    held = io.BytesIO()
    Pillow.new("RGB", size, (200, 100, 50)).save(held, kind)
    return held.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "JPEG2000"])
def test_both_kinds_of_picture_a_chip_may_hold(kind: str) -> None:
    image = portrait_pixels(encoded(kind))
    assert image is not None
    assert image.shape == (50, 40, 3)
    assert np.allclose(image[25, 20], (200, 100, 50), atol=6)


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xd8\xff", encoded("JPEG")[:90], encoded("PNG"), encoded("JPEG", (3000, 3000))],
    ids=["nothing", "a beginning", "cut", "another kind", "far too large"],
)
def test_what_is_no_portrait(content: bytes) -> None:
    assert portrait_pixels(content) is None


class OneFace:
    """An embedding that sees the same in every face."""

    model_id = "m"

    def __call__(self, crop: object) -> Embedding:
        return unit(0)


def unit(axis: int) -> Embedding:
    return np.eye(DIMENSIONS, dtype=np.float32)[axis]


@pytest.mark.parametrize(
    ("portrait", "alike"), [(unit(0), True), (unit(1), False), (np.zeros(DIMENSIONS), False)]
)
def test_the_face_in_front_is_compared_with_the_portrait(portrait: Embedding, alike: bool) -> None:
    recogniser = Recogniser(RecognitionSettings(enrol_frames=3), OneFace())
    recogniser.set_gallery(Gallery.of([], np.empty((0, DIMENSIONS), np.float32)))
    recogniser.start_enrolment(1, portrait.astype(np.float32))
    crop = np.zeros((112, 112, 3), np.uint8)
    done = None
    for frame in range(30):
        at = frame / 10
        track = Track(1, (0, 0, 100, 100), at, steady=True)
        face = FaceImage(crop, Pose(0, 0, 0), 0.8, at)
        if recogniser.wants(track, face):
            recogniser.take(track, face)
        done = recogniser.enrolment()
        if done:
            break
    assert done is not None
    assert done.portrait is not None
    assert (done.portrait < 1e-3) is alike
