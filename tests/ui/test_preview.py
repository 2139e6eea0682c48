"""While a card is held up, the picture shows where it is and not what it says."""

from __future__ import annotations

import cv2
import numpy as np
from PySide6.QtGui import QGuiApplication

from kiosk.bench.cards import card_frame
from kiosk.ui.preview import Picture, picture
from kiosk.vision.barcode import scan
from kiosk.vision.camera import Image

FACE = (250.0, 40.0, 100.0, 120.0)


def frame() -> Image:
    held = card_frame(2, 4.0, (1280, 720)).image
    small = cv2.resize(held, (640, 360), interpolation=cv2.INTER_AREA)
    return np.dstack([small[..., ::-1], np.full((360, 640), 255, np.uint8)]).astype(np.uint8)


def pixels(shown: Picture) -> Image:
    image = shown.image
    content = np.frombuffer(image.constBits(), np.uint8)
    return content.reshape(image.height(), image.width(), 4)[..., 2::-1].copy()


def test_a_card_that_is_held_up_cannot_be_read_off_the_screen(
    application: QGuiApplication,
) -> None:
    whole = pixels(picture(frame(), FACE))
    veiled = pixels(picture(frame(), FACE, veiled=True))
    twice = cv2.resize(veiled, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    assert scan(veiled) == scan(twice.astype(np.uint8)) == ()
    x, y, width, height = (int(value) for value in FACE)
    here = slice(y, y + height), slice(x, x + width)
    assert np.array_equal(veiled[here], whole[here])
    outside = np.ones(whole.shape[:2], bool)
    outside[here] = False
    assert len(np.unique(veiled[outside], axis=0)) <= (640 // 20) * (360 // 20) + 1


def test_a_face_at_the_edge_is_no_trouble(application: QGuiApplication) -> None:
    for box in ((-20.0, -20.0, 60.0, 60.0), (620.0, 350.0, 80.0, 80.0), None):
        assert picture(frame(), box, veiled=True).image.width() == 640
