from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.vision.camera import Image
from kiosk.vision.gallery import Gallery
from kiosk.vision.percepts import Candidate
from kiosk.vision.probe import Probe
from kiosk.vision.templates import DIMENSIONS, Embedding


def axis(number: int) -> Embedding:
    vector = np.zeros(DIMENSIONS, np.float32)
    vector[number] = 1
    return vector


def face(seed: int) -> Image:
    """A crop that looks like nobody else's."""
    blocks = np.random.default_rng(seed).integers(0, 255, (14, 14, 1), np.uint8)
    return np.ascontiguousarray(np.kron(blocks, np.ones((8, 8, 3), np.uint8)))


def between(one: Embedding, other: Embedding, cosine: float) -> Embedding:
    """As near to ``one`` as ``cosine`` says, the rest towards ``other``."""
    return (cosine * one + np.sqrt(1 - cosine**2) * other).astype(np.float32)


ALICE, BOB, NOBODY = axis(0), axis(1), axis(2)
ALICES, BOBS = face(1), face(2)
GALLERY = Gallery.of(["alice", "bob"], np.array([ALICE, BOB]))
EMPTY = Gallery.of([], np.empty((0, DIMENSIONS), np.float32))
FRAME_S = 1 / 15


def never(candidate: Candidate) -> bool:
    return False


class Door:
    """A probe and a clock: faces in, whom they are taken for out."""

    def __init__(self, frames: int = 3, sure: bool = False) -> None:
        self.probe = Probe(frames, (lambda _: True) if sure else never)
        self.frame = 0
        self.wanted = 0
        self.taken = True

    def show(
        self, embedding: Embedding, crop: Image = ALICES, *, steady: bool = True, good: bool = True
    ) -> str | None:
        """One frame; ``good`` whether it can be embedded."""
        self.frame += 1
        if self.probe.wants(crop, self.frame * FRAME_S, steady and self.frame > 1) and good:
            self.wanted += 1
            self.taken = self.probe.add(embedding)
        found = self.probe.candidate(GALLERY) if self.taken else None
        return found and found.citizen_id


@pytest.fixture
def door() -> Door:
    """Alice stands there and is known."""
    opened = Door()
    assert [opened.show(ALICE) for _ in range(3)][-1] == "alice"
    return opened


def test_no_candidate_before_there_are_enough_frames() -> None:
    door = Door()
    assert [door.show(ALICE) for _ in range(4)] == [None, None, "alice", "alice"]
    found = door.probe.candidate(GALLERY)
    assert found is not None
    assert found.frames == 3


def test_one_frame_is_enough_to_be_sure() -> None:
    door = Door(sure=True)
    assert door.show(ALICE) == "alice"
    assert [door.show(ALICE) for _ in range(5)] == ["alice"] * 5
    assert door.wanted == 3  # the probe grows all the same


def test_every_frame_is_wanted_until_there_are_enough_and_few_afterwards() -> None:
    door = Door()
    for _ in range(60):
        door.show(ALICE)
    assert 3 < door.wanted <= 3 + 60 // 6


def test_a_face_that_jumped_is_doubted_until_embedded_again(door: Door) -> None:
    assert door.show(ALICE, steady=False, good=False) is None
    assert door.show(ALICE, good=False) is None
    assert door.show(ALICE) == "alice"


def test_a_face_that_looks_different_is_embedded_in_that_very_frame(door: Door) -> None:
    assert door.show(BOB, BOBS) is None
    assert door.taken
    assert door.show(BOB, BOBS) is None
    assert not door.taken


def test_a_face_that_looks_different_and_cannot_be_embedded_is_nobody(door: Door) -> None:
    assert [door.show(BOB, BOBS, good=False) for _ in range(30)] == [None] * 30
    assert door.show(ALICE, ALICES) == "alice"


def test_a_face_that_jumped_and_is_another_is_believed_at_once(door: Door) -> None:
    door.show(BOB, steady=False)
    assert not door.taken


def test_one_misfit_alone_changes_nothing(door: Door) -> None:
    assert door.show(BOB, BOBS) is None
    assert door.show(ALICE) == "alice"
    found = door.probe.candidate(GALLERY)
    assert found is not None
    assert found.score > 0.999


def test_a_half_covered_face_is_doubted_but_not_another_person_yet(door: Door) -> None:
    covered = between(ALICE, NOBODY, 0.42)
    assert [door.show(covered, BOBS) for _ in range(14)] == [None] * 14
    assert door.taken
    assert door.show(ALICE) == "alice"
    for _ in range(17):
        door.show(covered, BOBS)
    assert not door.taken  # a doubt that lasts is believed


def test_candidate_follows_the_gallery(door: Door) -> None:
    assert door.probe.candidate(EMPTY) is None
    other = door.probe.candidate(Gallery.of(["bob"], BOB[None]))
    assert other is not None
    assert other.citizen_id == "bob"
    assert other.score < 0.01


PEOPLE = {"alice": (ALICE, ALICES), "bob": (BOB, BOBS), "nobody": (NOBODY, face(3))}
_frames = st.lists(
    st.tuples(
        st.sampled_from(sorted(PEOPLE)),
        st.integers(1, 12),
        st.booleans(),
        st.floats(0.75, 1.0),
        st.sampled_from([1.0, 0.7, 0.2]),
    ),
    min_size=1,
    max_size=12,
)


@given(_frames, st.sampled_from([1, 3, 5]), st.booleans(), st.integers(0, 2**32 - 1))
def test_nobody_is_ever_taken_for_who_stood_there_before(
    stretches: Sequence[tuple[str, int, bool, float, float]], frames: int, sure: bool, seed: int
) -> None:
    """Whoever comes and goes in the place of one track, for however many frames, steadily or
    not, however like their other frames, and however few of these can be embedded: the candidate
    of a frame is the person in it or nobody, and nobody at all before enough of their frames."""
    random = np.random.default_rng(seed)
    door, own = Door(frames, sure), 0
    last = None
    for name, length, jumps, likeness, good in stretches:
        own = own if name == last else 0
        last = name
        for number in range(length):
            embedding, crop = PEOPLE[name]
            noisy = between(embedding, axis(10 + int(random.integers(100))), likeness)
            before = door.wanted
            named = door.show(
                noisy, crop, steady=number > 0 or not jumps, good=bool(random.random() < good)
            )
            own += door.wanted - before
            if not door.taken:  # the track got a new id: so does the probe
                door, own = Door(frames, sure), 0
            elif name == "nobody":
                assert named is None or frames_agree(door, own)
            else:
                assert named in (None, name)
                assert named is None or own >= 1


def frames_agree(door: Door, own: int) -> bool:
    """A stranger's nearest citizen is told too, for the policy to refuse: at a score of chance."""
    found = door.probe.candidate(GALLERY)
    return found is not None and own >= 1 and found.false_match_probability > 0.05
