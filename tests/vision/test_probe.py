from __future__ import annotations

import numpy as np

from kiosk.vision.gallery import Gallery
from kiosk.vision.probe import Probe
from kiosk.vision.templates import DIMENSIONS, Embedding


def axis(number: int) -> Embedding:
    vector = np.zeros(DIMENSIONS, np.float32)
    vector[number] = 1
    return vector


ALICE, BOB = axis(0), axis(1)
GALLERY = Gallery.of(["alice", "bob"], np.array([ALICE, BOB]))
EMPTY = Gallery.of([], np.empty((0, DIMENSIONS), np.float32))


def known(embedding: Embedding = ALICE) -> Probe:
    probe = Probe(3)
    probe.wants(steady=False)
    for _ in range(3):
        probe.add(embedding)
    return probe


def test_no_candidate_before_there_are_enough_frames() -> None:
    probe = Probe(3)
    probe.wants(steady=False)
    for frames in (1, 2):
        probe.add(ALICE)
        assert probe.candidate(GALLERY) is None, frames
    probe.add(ALICE)
    found = probe.candidate(GALLERY)
    assert found is not None
    assert (found.citizen_id, found.frames) == ("alice", 3)


def test_every_frame_is_wanted_until_there_are_enough_and_few_afterwards() -> None:
    probe = Probe(3)
    wanted = 0
    for frame in range(30):
        if probe.wants(steady=frame > 0):
            probe.add(ALICE)
            wanted += 1
    assert 3 < wanted <= 3 + 30 // 5


def test_a_face_that_jumped_is_doubted_until_embedded_again() -> None:
    probe = known()
    assert probe.wants(steady=False)
    assert probe.candidate(GALLERY) is None
    assert probe.add(ALICE)
    assert probe.candidate(GALLERY) is not None


def test_a_face_that_jumped_and_is_another_is_believed_at_once() -> None:
    probe = known()
    probe.wants(steady=False)
    assert not probe.add(BOB)


def test_one_misfit_is_doubted_and_a_second_believed() -> None:
    probe = known()
    assert probe.add(BOB)
    assert probe.candidate(GALLERY) is None
    assert probe.wants(steady=True)
    assert not probe.add(BOB)


def test_one_misfit_alone_changes_nothing() -> None:
    probe = known()
    probe.add(BOB)
    probe.add(ALICE)
    found = probe.candidate(GALLERY)
    assert found is not None
    assert found.citizen_id == "alice"
    assert found.score > 0.999


def test_candidate_follows_the_gallery() -> None:
    probe = known()
    assert probe.candidate(GALLERY) is not None
    assert probe.candidate(EMPTY) is None
    other = probe.candidate(Gallery.of(["bob"], BOB[None]))
    assert other is not None
    assert other.citizen_id == "bob"
    assert other.score < 0.01
