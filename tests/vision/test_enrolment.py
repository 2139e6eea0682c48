from __future__ import annotations

import numpy as np
import pytest

from kiosk.vision.enrolment import Enroller
from kiosk.vision.templates import DIMENSIONS, Embedding


def vector(number: int) -> Embedding:
    drawn = np.zeros(DIMENSIONS, np.float32)
    drawn[number] = 1
    return drawn


def offer(enroller: Enroller, qualities: list[float], fps: float = 15.0) -> None:
    for number, quality in enumerate(qualities):
        if enroller.wants(quality, number / fps):
            enroller.add(vector(number), quality, number / fps)


def test_needs_enough_frames_and_enough_time() -> None:
    enroller = Enroller(7, frames=5)
    offer(enroller, [0.9] * 15)
    assert enroller.template("m") is None  # 1 s: nothing to choose from yet
    offer(enroller, [0.9] * 26)
    done = enroller.template("m")
    assert done is not None
    assert (done.track_id, done.model_id, done.frames) == (7, "m", 5)


def test_few_frames_are_not_enough_however_long_it_takes() -> None:
    enroller = Enroller(7, frames=5)
    offer(enroller, [0.9] * 4, fps=1.0)
    assert enroller.template("m") is None


def test_template_is_the_fused_best() -> None:
    enroller = Enroller(1, frames=2)
    qualities = [0.5] * 30
    qualities[10], qualities[20] = 0.95, 0.9
    offer(enroller, qualities)
    done = enroller.template("m")
    assert done is not None
    assert done.quality == pytest.approx(0.925)
    template = np.frombuffer(done.template, "<f4")
    assert template.shape == (DIMENSIONS,)
    assert np.flatnonzero(template).tolist() == [10, 20]
    assert np.linalg.norm(template) == pytest.approx(1, abs=1e-6)


def test_frames_are_spread_over_time() -> None:
    enroller = Enroller(1, frames=5)
    offer(enroller, [0.9] * 60, fps=60.0)
    assert enroller.template("m") is None  # a second of many frames is still a second
    embedded = sum(enroller.wants(0.9, number / 60) for number in range(60))
    assert embedded == 0


def test_template_is_not_shown_by_repr() -> None:
    enroller = Enroller(1, frames=1)
    offer(enroller, [0.9] * 30)
    assert "template=" not in repr(enroller.template("m"))
