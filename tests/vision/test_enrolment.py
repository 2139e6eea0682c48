from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.vision.enrolment import Enroller, Sample, chosen
from kiosk.vision.quality import Pose
from kiosk.vision.templates import DIMENSIONS, Embedding

FRONTAL = Pose(0, 0, 0)


def vector(number: int) -> Embedding:
    """One person's frame, a little to the side that ``number`` says."""
    drawn = np.zeros(DIMENSIONS, np.float32)
    drawn[0], drawn[1 + number] = np.sqrt(0.75), 0.5
    return drawn


def offer(enroller: Enroller, qualities: list[float], fps: float = 15.0) -> None:
    for number, quality in enumerate(qualities):
        if enroller.wants(quality, number / fps):
            enroller.add(Sample(number / fps, quality, FRONTAL, vector(number)))


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
    assert np.flatnonzero(template).tolist() == [0, 1 + 10, 1 + 20]
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


def posed(*poses: tuple[float, float]) -> list[Sample]:
    return [Sample(0.0, 0.9, Pose(yaw, pitch, 0), vector(0)) for yaw, pitch in poses]


def test_frames_are_diverse_in_pose() -> None:
    turns = posed((0, 0), (1, 0), (2, 1), (18, 0), (-17, 0), (0, 14))
    picked = {(sample.pose.yaw, sample.pose.pitch) for sample in chosen(turns, 4)}
    assert picked == {(0, 0), (18, 0), (-17, 0), (0, 14)}


def test_quality_comes_before_another_pose() -> None:
    good = [Sample(0.0, 0.9, Pose(yaw, 0, 0), vector(0)) for yaw in (0, 1, 2)]
    poor = [Sample(0.0, 0.2, Pose(25, 0, 0), vector(0))]
    assert poor[0] not in chosen([*poor, *good], 3)


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(-45, 45), st.floats(-40, 40)), max_size=12),
    st.integers(1, 6),
)
def test_chosen_are_some_of_the_samples_and_the_best_is_among_them(
    offered: list[tuple[float, float, float]], count: int
) -> None:
    samples = [
        Sample(0.0, quality, Pose(yaw, pitch, 0), vector(0)) for quality, yaw, pitch in offered
    ]
    picked = chosen(samples, count)
    assert len(picked) == min(count, len(samples))
    assert len({id(sample) for sample in picked}) == len(picked)
    if samples:
        assert picked[0].quality == max(sample.quality for sample in samples)


def test_a_hand_before_the_face_is_no_part_of_it() -> None:
    enroller = Enroller(1, frames=3)
    hand = np.zeros(DIMENSIONS, np.float32)
    hand[0], hand[100] = 0.5, np.sqrt(0.75)
    for number in range(14):
        at = 0.2 * number
        seen = hand if number in (3, 4, 5) else vector(number)
        enroller.add(Sample(at, 1.0 if number in (3, 4, 5) else 0.9, FRONTAL, seen))
    done = enroller.template("m")
    assert done is not None
    assert np.frombuffer(done.template, "<f4")[100] == 0


def test_nothing_is_made_of_frames_that_do_not_agree() -> None:
    enroller = Enroller(1, frames=3)
    for number in range(20):
        apart = np.zeros(DIMENSIONS, np.float32)
        apart[number] = 1
        enroller.add(Sample(0.2 * number, 0.9, FRONTAL, apart))
    assert enroller.template("m") is None
