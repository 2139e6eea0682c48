from __future__ import annotations

import numpy as np
import pytest
import qrcode

from kiosk.idcard.synthetic import payload, synthetic
from kiosk.vision.barcode import LIMIT_BYTES, scan
from kiosk.vision.camera import Image


def code(text: str | bytes, module: int = 4) -> Image:
    drawing = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M)
    drawing.add_data(text)
    drawing.make()
    matrix = np.array(drawing.get_matrix())
    grey = np.kron(np.where(matrix, 30, 230).astype(np.uint8), np.ones((module, module), np.uint8))
    return np.repeat(grey[..., None], 3, axis=2)


def placed(picture: Image, left: int, top: int) -> Image:
    frame = np.full((720, 1280, 3), 120, np.uint8)
    frame[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return frame


@pytest.mark.parametrize("seed", range(5))
def test_vietnamese_card_in_the_middle(seed: int) -> None:
    text = payload(synthetic(seed))
    (found,) = scan(placed(code(text), 500, 230))
    assert found.text == text
    assert found.format == "QRCode"


def test_card_in_a_corner() -> None:
    text = payload(synthetic(7))
    (found,) = scan(placed(code(text, 3), 5, 500))
    assert found.text == text


def test_text_that_is_not_utf_8_is_still_read() -> None:
    (found,) = scan(placed(code("Hộ tịch".encode("utf-16")), 600, 300))
    assert found.text


def test_payload_that_is_too_long_stays_outside() -> None:
    (found,) = scan(placed(code("x" * (LIMIT_BYTES + 1)), 400, 150))
    assert found.text == ""


def test_longest_payload_is_read() -> None:
    (found,) = scan(placed(code("x" * LIMIT_BYTES), 400, 150))
    assert len(found.text) == LIMIT_BYTES


def test_no_code() -> None:
    assert scan(placed(code("x"), 0, 0)[400:, 400:]) == ()


def test_repr_keeps_the_payload_to_itself() -> None:
    (found,) = scan(placed(code("secret"), 600, 300))
    assert "secret" not in repr(found)
