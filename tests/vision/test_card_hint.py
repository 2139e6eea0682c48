"""How to hold a card whose code is seen and cannot be read."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from kiosk.bench.cards import card_frame
from kiosk.idcard.synthetic import payload, synthetic
from kiosk.vision.barcode import scan, view
from kiosk.vision.camera import Frame, Image
from kiosk.vision.card_finder import CardFinder
from kiosk.vision.stages import Stages
from tests.vision.test_barcode import code as drawn


def spoilt(module: int, *, wide: float = 1.0) -> Image:
    """A code whose middle is scratched, so that it is found and not read."""
    code = drawn(payload(synthetic(1)), module)
    height, width = code.shape[:2]
    code[height // 3 : 2 * height // 3, width // 3 : 2 * width // 3] = 128
    code = cv2.resize(code, (round(width * wide), height))
    frame = np.full((720, 1280, 3), 200, np.uint8)
    top, left = (720 - code.shape[0]) // 2, (1280 - code.shape[1]) // 2
    frame[top : top + code.shape[0], left : left + code.shape[1]] = code
    return frame


@pytest.mark.parametrize(
    ("frame", "hint"),
    [(spoilt(2), "closer"), (spoilt(6), "still"), (spoilt(5, wide=1.5), "tilt")],
    ids=["small", "large", "slanted"],
)
def test_the_hint(frame: Image, hint: str) -> None:
    assert scan(frame) == ()
    seen = view(frame)
    assert seen is not None
    assert seen.hint == hint
    x, y, width, height = seen.box
    assert 0 < x < x + width < 1280
    assert 0 < y < y + height < 720


def test_nothing_held_up_gives_no_hint() -> None:
    assert view(np.full((720, 1280, 3), 200, np.uint8)) is None


def test_a_code_too_small_for_the_small_picture_is_read_in_the_large_one() -> None:
    large = card_frame(3, 3.2, (1920, 1080))
    small = cv2.resize(large.image, (640, 360), interpolation=cv2.INTER_AREA).astype(np.uint8)
    finder = CardFinder(read_print=False)
    finder.wanted(on=True)
    assert finder.look(Frame(small, 0.0), 0, Stages())[0] == ()
    [code] = finder.look(Frame(small, 0.1, lambda: large.image), 2, Stages())[0]
    assert code.text == large.payload


def test_nothing_is_looked_for_unasked() -> None:
    frame = Frame(card_frame(3, 4.0, (1280, 720)).image, 0.0)
    finder = CardFinder(read_print=False)
    assert finder.look(frame, 0, Stages()) == ((), None, None)
    finder.wanted(on=True)
    assert finder.look(frame, 0, Stages())[0]
    finder.wanted(on=False)
    assert finder.look(frame, 0, Stages()) == ((), None, None)
