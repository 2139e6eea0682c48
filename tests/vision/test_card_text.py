"""Print on cards, read by the real tesseract."""

from __future__ import annotations

import shutil
from threading import Event

import numpy as np
import pytest

from kiosk.bench.card_print import measure
from kiosk.bench.card_sides import side_frame
from kiosk.errors import CardError
from kiosk.idcard import mrz
from kiosk.idcard.synthetic import synthetic
from kiosk.vision.camera import Frame
from kiosk.vision.card_finder import CardFinder
from kiosk.vision.card_text import CardReader, grey_of, read_zone
from kiosk.vision.stages import Stages

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract is not installed"),
]
SIZE = (1280, 720)


def test_the_zone_on_the_back_is_read_to_the_letter() -> None:
    tally = measure(4, 7, 10.0, lambda: None, printed_side=False)
    assert dict(tally.counts) == {"exact": 4}


def test_the_printed_side_gives_what_the_citizen_is_asked_about() -> None:
    tally = measure(3, 7, 14.0, lambda: None, printed_side=True)
    assert tally.counts["wrong"] == 0
    assert tally.counts["exact"] + tally.counts["fields"] >= 2


def test_a_zone_upside_down_or_none_at_all_proves_nothing() -> None:
    back = side_frame(1, synthetic(1), 10.0, SIZE, back=True)
    for image in (np.rot90(back, 2), np.full_like(back, 128)):
        text = read_zone(grey_of(np.ascontiguousarray(image)))
        if text is not None:
            with pytest.raises(CardError):
                mrz.parse("\n".join(text.lines))


def test_a_card_held_up_is_read_while_frames_go_by() -> None:
    """The reader works beside the frames: they do not wait for it."""
    finder = CardFinder(read_print=True)
    back = side_frame(2, synthetic(2), 10.0, SIZE, back=True)
    finder.wanted(on=True)
    text = None
    for number in range(2000):
        codes, _, text = finder.look(Frame(back, number / 15), number, Stages())
        assert codes == ()
        if text is not None:
            break
        _a_moment()
    assert text is not None
    assert mrz.parse("\n".join(text.lines)).number == synthetic(2).number


def test_what_was_being_read_when_the_card_was_taken_away_is_dropped() -> None:
    reader = CardReader.installed()
    assert reader is not None
    back = side_frame(2, synthetic(2), 10.0, SIZE, back=True)
    reader.offer(back, printed=False)
    reader.forget()
    for _ in range(2000):
        assert reader.take() is None
        if not reader.busy:
            return
        _a_moment()
    pytest.fail("it never ended")


def _a_moment() -> None:
    """Let the reader's thread have the processor."""
    Event().wait(0.02)
