from __future__ import annotations

import numpy as np

from kiosk.bench.card import PIXELS_A_MODULE, Tally, measure, summary
from kiosk.bench.cards import card_frame
from kiosk.idcard.qr import parse


def test_a_frame_is_a_function_of_its_seed() -> None:
    frame, again = (card_frame(3, 3.0, (640, 360)) for _ in range(2))
    assert frame.image.shape == (360, 640, 3)
    assert np.array_equal(frame.image, again.image)
    assert not np.array_equal(frame.image, card_frame(4, 3.0, (640, 360)).image)
    assert parse(frame.payload) == frame.document


def test_codes_large_enough_are_read_and_none_wrongly() -> None:
    tallies = measure(1, seed=0, advance=lambda: None)
    told = summary(tallies)["kiosk"]
    assert isinstance(told, dict)
    assert told["wrong"] == 0
    assert told["read_from_3px"] == 1.0
    assert set(tallies["opencv"]) == set(PIXELS_A_MODULE)


def test_a_wrong_text_is_not_a_read_one() -> None:
    tally = Tally()
    for text in ("right", "wrong", ""):
        tally.add(text, "right", 1.0)
    assert (tally.frames, tally.read, tally.wrong) == (3, 1, 1)
