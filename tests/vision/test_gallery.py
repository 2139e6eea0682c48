from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.vision.embedding import DIMENSIONS, Embedding
from kiosk.vision.gallery import NO_OTHER, Gallery, assemble


def sphere(rows: int, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(rows, DIMENSIONS))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def near(vector: Embedding, seed: int = 1, noise: float = 0.02) -> Embedding:
    moved = vector + np.random.default_rng(seed).normal(0, noise, DIMENSIONS)
    return (moved / np.linalg.norm(moved)).astype(np.float32)


def test_nobody_enrolled() -> None:
    assert Gallery([], np.empty((0, DIMENSIONS), np.float32)).candidate(sphere(1)[0]) is None


def test_one_citizen_has_no_other_behind() -> None:
    templates = sphere(1)
    found = Gallery(["a"], templates).candidate(templates[0])
    assert found == ("a", pytest.approx(1, abs=1e-5), NO_OTHER)


def test_several_templates_of_one_citizen_are_no_rivals() -> None:
    a, b = sphere(2)
    gallery = Gallery(["a", "a", "b"], np.array([a, near(a), b]))
    found = gallery.candidate(a)
    assert found is not None
    assert found[0] == "a"
    assert found[2] == pytest.approx(1 - float(a @ b), abs=1e-4)


def test_twins_leave_no_margin() -> None:
    a = sphere(1)[0]
    found = Gallery(["a", "b"], np.array([a, near(a)])).candidate(near(a, 3))
    assert found is not None
    assert found[2] < 0.05


@given(st.integers(2, 40), st.integers(1, 8), st.integers(0, 10_000))
def test_agrees_with_comparing_one_by_one(rows: int, citizens: int, seed: int) -> None:
    matrix = sphere(rows, seed)
    names = [f"c{i % citizens}" for i in range(rows)]
    probe = sphere(1, seed + 1)[0]
    best: dict[str, float] = {}
    for name, template in zip(names, matrix, strict=True):
        best[name] = max(best.get(name, -2.0), float(np.dot(template, probe)))
    ranked = sorted(best.items(), key=lambda item: -item[1])
    found = Gallery(names, matrix).candidate(probe)
    assert found is not None
    assert found[1] == pytest.approx(ranked[0][1], abs=1e-5)
    margin = ranked[0][1] - ranked[1][1] if len(ranked) > 1 else NO_OTHER
    assert found[2] == pytest.approx(margin, abs=1e-5)


def test_ids_and_templates_must_match_in_number() -> None:
    with pytest.raises(ValueError, match="1 ids for 2 templates"):
        Gallery(["a"], sphere(2))


def test_assembling_leaves_out_what_must_not_be_compared() -> None:
    a, b = sphere(2)
    broken = a.copy()
    broken[5] = np.nan
    ids, matrix = assemble(
        [
            ("a", "m1", a.tobytes()),
            ("b", "m2", b.tobytes()),
            ("c", "m1", b.tobytes()[:-4]),
            ("d", "m1", broken.tobytes()),
            ("e", "m1", bytes(4 * DIMENSIONS)),
            ("f", "m1", (3 * b).tobytes()),
        ],
        "m1",
    )
    assert ids == ["a", "f"]
    assert np.linalg.norm(matrix, axis=1) == pytest.approx([1, 1], abs=1e-5)
    assert matrix.dtype == np.float32


def test_assembling_nothing_makes_an_empty_gallery() -> None:
    assert len(Gallery(*assemble([], "m1"))) == 0
