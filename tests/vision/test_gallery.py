from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.vision.gallery import NOBODY, Gallery, comparable
from kiosk.vision.templates import DIMENSIONS, Embedding, Templates


def sphere(rows: int, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(rows, DIMENSIONS))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def near(vector: Embedding, seed: int = 1, noise: float = 0.02) -> Embedding:
    moved = vector + np.random.default_rng(seed).normal(0, noise, DIMENSIONS)
    return (moved / np.linalg.norm(moved)).astype(np.float32)


def as_stored(vectors: np.ndarray) -> np.ndarray:
    return vectors.astype(np.float16).astype(np.float32)


def names(gallery: Gallery, probe: Embedding) -> list[str]:
    return [found.citizen_id for found in gallery.nearest(probe)]


def never(enrolled: int) -> float:
    return 1e-30


def a_thousandth(enrolled: int) -> float:
    return 1e-3 / enrolled


def test_nobody_enrolled() -> None:
    gallery = Gallery.of([], NOBODY)
    assert len(gallery) == 0
    assert gallery.candidate(sphere(1)[0]) is None
    assert gallery.nearest(sphere(1)[0]) == []
    assert gallery.lookalikes(sphere(1)[0], a_thousandth) == []


def test_one_citizen_has_no_rival() -> None:
    templates = sphere(1)
    found = Gallery.of(["a"], templates).candidate(templates[0], frames=4)
    assert found is not None
    assert (found.citizen_id, found.enrolled, found.frames) == ("a", 1, 4)
    assert found.score == pytest.approx(1, abs=1e-3)
    assert found.false_match_probability < 1e-9
    assert found.rival_probability == 1


def test_several_templates_of_one_citizen_are_no_rivals() -> None:
    a, b = sphere(2)
    gallery = Gallery.of(["a", "a", "b"], np.array([a, near(a), b]))
    assert names(gallery, a) == ["a", "b"]
    found = gallery.candidate(a)
    assert found is not None
    assert found.enrolled == 3
    assert found.rival_probability == gallery.tail.false_match_probability(
        max(float(as_stored(b) @ other) for other in (a, as_stored(a)))
    )


def test_whoever_is_as_near_to_the_template_as_to_the_probe_is_a_rival() -> None:
    a = sphere(1)[0]
    probe, twin = near(a, 3, 0.05), near(a, 4, 0.04)
    found = Gallery.of(["a", "twin", "other"], np.array([a, twin, sphere(1, 5)[0]])).candidate(
        probe
    )
    assert found is not None
    assert found.citizen_id == "a"
    assert float(probe @ twin) < float(a @ twin)
    assert found.rival_probability < 1e-8


@given(st.integers(2, 40), st.integers(1, 8), st.integers(0, 10_000), st.floats(0, 0.3))
def test_agrees_with_comparing_one_by_one(
    rows: int, citizens: int, seed: int, spread: float
) -> None:
    # From a crowd of near-identical templates to random directions.
    matrix = sphere(rows, seed) * spread + sphere(1, seed + 2) * (1 - spread)
    lengths = np.random.default_rng(seed).uniform(0.9, 1.1, (rows, 1))
    matrix = (matrix / np.linalg.norm(matrix, axis=1, keepdims=True) * lengths).astype(np.float32)
    ids = [f"c{i % citizens}" for i in range(rows)]
    probe = near(sphere(1, seed + 2)[0], seed)
    best: dict[str, float] = {}
    for name, template in zip(ids, as_stored(matrix), strict=True):
        best[name] = max(best.get(name, -2.0), float(np.dot(template, probe)))
    ranked = sorted(best.values(), reverse=True)[:2]
    found = Gallery.of(ids, matrix).nearest(probe)
    assert [each.score for each in found] == pytest.approx(ranked, abs=1e-6)
    for each in found:
        assert best[each.citizen_id] == pytest.approx(each.score, abs=1e-6)


@pytest.mark.parametrize("axis", [0, 191])
def test_exact_also_for_vectors_that_int8_cannot_hold(axis: int) -> None:
    corner = np.zeros(DIMENSIONS, np.float32)
    corner[axis] = 1  # cut off at 0.6
    matrix = np.array([corner, near(corner), near(corner, 2)])
    assert names(Gallery.of(["a", "b", "c"], matrix), corner)[0] == "a"


def test_forgetting_and_joining_leave_the_others_alone() -> None:
    a, b, c = sphere(3)
    templates = Templates(3)
    gallery = Gallery(templates, [], Gallery.of([], NOBODY).tail)
    for row, (name, vector) in enumerate({"a": a, "b": b}.items()):
        templates.write(row, vector[np.newaxis])
        gallery = gallery.joined(name)
    templates.erase(0)
    gallery = gallery.without("a")
    assert len(gallery) == 1
    assert names(gallery, a) == ["b"]
    templates.write(2, c[np.newaxis])
    gallery = gallery.joined("a")
    assert names(gallery, c)[0] == "a"
    ids, matrix = gallery.content()
    assert ids == ["b", "a"]
    assert matrix == pytest.approx(np.array([b, c]), abs=1e-3)


def test_an_erased_row_is_found_by_nobody_even_before_its_owner_is_struck_off() -> None:
    a, b = sphere(2)
    templates = Templates(2)
    templates.write(0, np.array([a, b]))
    gallery = Gallery(templates, ["a", "b"], Gallery.of([], NOBODY).tail)
    templates.erase(0)
    found = gallery.candidate(a)
    assert found is not None
    assert found.score < 0.3


def test_lookalikes_are_those_whom_chance_does_not_explain() -> None:
    a, b = sphere(2)
    gallery = Gallery.of(["a", "a", "twin", "b"], np.array([a, near(a), near(a, 3), b]))
    assert gallery.lookalikes(near(a, 4), a_thousandth) == ["a", "twin"]
    assert gallery.lookalikes(near(b, 4), a_thousandth) == ["b"]
    assert gallery.lookalikes(sphere(1, 9)[0], a_thousandth) == []
    assert gallery.lookalikes(near(a, 4, 0.05), never) == []


def test_ids_and_templates_must_match_in_number() -> None:
    with pytest.raises(ValueError, match="1 ids for 2 templates"):
        Gallery.of(["a"], sphere(2))


def test_what_means_nothing_is_not_compared() -> None:
    a, b = sphere(2)
    broken = a.copy()
    broken[5] = np.nan
    rows = np.stack([a, broken, np.zeros_like(a), 3 * b, b * np.float32(0.9)])
    ids, matrix = comparable(["a", "b", "c", "d", "e"], rows)
    assert ids == ["a", "e"]
    assert (matrix == [a, b * np.float32(0.9)]).all()
    assert matrix.dtype == np.float32


def test_of_nothing_nothing_is_comparable() -> None:
    ids, matrix = comparable([], NOBODY)
    assert len(Gallery.of(ids, matrix)) == 0


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None cannot be used up there")
def test_a_search_uses_up_no_none() -> None:
    gallery = Gallery.of(["a"], np.eye(1, DIMENSIONS, dtype=np.float32))
    before = sys.getrefcount(None)
    for _ in range(500):
        gallery.candidate(np.eye(1, DIMENSIONS, dtype=np.float32)[0])
    assert sys.getrefcount(None) > before - 100
