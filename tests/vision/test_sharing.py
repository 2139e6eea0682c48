from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.vision.messages import Forget, Join, SetGallery
from kiosk.vision.sharing import AttachedGallery, SharedGallery
from kiosk.vision.templates import DIMENSIONS, Embedding, Templates

PEOPLE = np.random.default_rng(0).standard_normal((300, DIMENSIONS)).astype(np.float32)
PEOPLE /= np.linalg.norm(PEOPLE, axis=1, keepdims=True)


@pytest.fixture
def kept() -> Iterator[SharedGallery]:
    with closing(SharedGallery()) as gallery:
        yield gallery


@pytest.fixture
def searched() -> Iterator[AttachedGallery]:
    with closing(AttachedGallery()) as gallery:
        yield gallery


def nearest(gallery: AttachedGallery, probe: Embedding) -> str | None:
    """Who is recognised, after a command that changes nothing."""
    found = gallery.follow(Forget("nobody")).nearest(probe)
    return found[0].citizen_id if found and found[0].score > 0.9 else None


def test_what_one_end_writes_the_other_finds(
    kept: SharedGallery, searched: AttachedGallery
) -> None:
    assert kept.announcement() is None
    searched.follow(kept.set(["a", "b"], PEOPLE[:2]))
    assert nearest(searched, PEOPLE[1]) == "b"
    joined = kept.join("c", PEOPLE[2])
    assert joined == Join("c")
    searched.follow(joined)
    assert nearest(searched, PEOPLE[2]) == "c"
    assert nearest(searched, PEOPLE[3]) is None


def test_a_forgotten_citizen_is_found_no_more_even_before_the_other_end_is_told(
    kept: SharedGallery, searched: AttachedGallery
) -> None:
    searched.follow(kept.set(["a", "b"], PEOPLE[:2]))
    told = kept.forget("a")
    assert nearest(searched, PEOPLE[0]) is None
    assert told is not None
    assert told == Forget("a")
    assert len(searched.follow(told)) == 1
    assert kept.forget("a") is None


def test_it_moves_when_there_is_no_room_left(
    kept: SharedGallery, searched: AttachedGallery
) -> None:
    first = kept.set([], PEOPLE[:0])
    searched.follow(first)
    moves = 0
    for number, person in enumerate(PEOPLE):
        command = kept.join(f"citizen-{number}", person)
        moves += isinstance(command, SetGallery)
        searched.follow(command)
    assert 0 < moves < 6
    assert [nearest(searched, person) for person in PEOPLE[::60]] == [
        f"citizen-{number}" for number in range(0, 300, 60)
    ]
    announced = kept.announcement()
    assert announced is not None
    assert announced.name != first.name
    assert announced.tail.people > first.tail.people


def test_an_end_that_is_late_waits_for_where_the_gallery_moved_to(
    kept: SharedGallery, searched: AttachedGallery
) -> None:
    late = [kept.set(["a"], PEOPLE[:1]), kept.join("b", PEOPLE[1])]
    moved = kept.set(["a", "b", "c"], PEOPLE[:3])
    for command in late:
        assert len(searched.follow(command)) == 0
    searched.follow(moved)
    assert nearest(searched, PEOPLE[1]) == "b"


def test_the_other_end_reads_only(kept: SharedGallery) -> None:
    command = kept.set(["a"], PEOPLE[:1])
    templates = Templates.attached(command.name, command.capacity)
    with closing(templates), pytest.raises(ValueError, match="read-only"):
        templates.erase(0)


def test_nothing_is_left_in_shared_memory(searched: AttachedGallery) -> None:
    kept = SharedGallery()
    command = kept.set(["a"], PEOPLE[:1])
    searched.follow(command)
    kept.close()
    with pytest.raises(FileNotFoundError):
        Templates.attached(command.name, command.capacity)


CHANGES = st.lists(
    st.tuples(st.sampled_from(["join", "forget", "set"]), st.integers(0, 7)), max_size=30
)


@settings(max_examples=30)
@given(CHANGES, st.integers(0, 3))
def test_both_ends_agree_after_any_changes(changes: list[tuple[str, int]], behind: int) -> None:
    """Whatever happens, and however late the other end is: nobody is taken for another, and
    once it has heard everything it knows exactly who is enrolled."""
    enrolled: set[int] = set()
    waiting: list[SetGallery | Join | Forget] = []
    with closing(SharedGallery()) as kept, closing(AttachedGallery()) as searched:
        for change, person in changes:
            command = None
            if change == "forget":
                command = kept.forget(str(person))
                enrolled.discard(person)
            elif change == "join" and person not in enrolled:
                command = kept.join(str(person), PEOPLE[person])
                enrolled.add(person)
            elif change == "set":
                enrolled = set(range(person))
                command = kept.set([str(n) for n in range(person)], PEOPLE[:person])
            waiting += [command] if command else []
            while len(waiting) > behind:
                searched.follow(waiting.pop(0))
            for number in range(8):
                assert nearest(searched, PEOPLE[number]) in (None, str(number))
        for command in waiting:
            searched.follow(command)
        known = {number for number in range(8) if nearest(searched, PEOPLE[number])}
        assert known == enrolled
