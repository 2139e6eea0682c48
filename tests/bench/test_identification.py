"""Open-set searches whose answers are known: faces are axes, similarity is what they share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kiosk.bench.dataset import DataSet, Sighting
from kiosk.bench.identification import KioskMatcher, Vector, identify, identify_fused
from kiosk.vision.templates import DIMENSIONS


def axis(number: int, likeness: float = 1.0, other: int = DIMENSIONS - 1) -> Vector:
    """A unit vector whose cosine with the axis ``number`` is ``likeness``."""
    vector = np.zeros(DIMENSIONS, np.float32)
    vector[number] = likeness
    vector[other] += np.sqrt(1 - likeness**2)
    return vector


def data(sightings: list[tuple[str, str, str]]) -> DataSet:
    return DataSet(Path(), (), tuple(Sighting(*each) for each in sightings))


def test_one_picture_each() -> None:
    made = data(
        [
            ("gallery", "A", "a0"),
            ("gallery", "B", "b0"),
            ("gallery", "C", "c0"),  # no face: not enrolled
            ("mated", "A", "a1"),
            ("mated", "A", "a2"),
            ("mated", "B", "b1"),
            ("mated", "B", "b2"),
            ("mated", "C", "c1"),
            ("nonmated", "X", "x"),
            ("nonmated", "Y", "y"),
        ]
    )
    embeddings: dict[str, Vector | None] = {
        "a0": axis(0),
        "b0": axis(1),
        "c0": None,
        "a1": axis(0, 0.9),
        "a2": axis(0, 0.4),
        "b1": axis(1, 0.6, other=0),  # nearer to A, at 0.8
        "b2": None,
        "c1": axis(2),
        "x": axis(0, 0.5),
        "y": None,
    }
    found = identify(made, embeddings, KioskMatcher())
    assert found.gallery == 3
    assert found.trials.mated == pytest.approx([0.9, 0.4, -np.inf, -np.inf, -np.inf], abs=1e-3)
    assert found.trials.nonmated == pytest.approx([0.5, -np.inf], abs=1e-3)
    assert found.trials.mated_people.tolist() == [0, 0, 1, 1, 2]
    assert found.rank1.share == pytest.approx(2 / 5)
    assert found.trials.misses_at(0.0).share == pytest.approx(4 / 5)
    assert found.trials.misses_at(0.5).share == pytest.approx(3 / 5)


def person(name: str, pictures: int) -> list[tuple[str, str, str]]:
    mated = [("mated", name, f"{name}{number}") for number in range(1, pictures)]
    return [("gallery", name, f"{name}0"), *mated]


def test_three_pictures_are_fused_in_the_order_of_the_file() -> None:
    people = [*person("A", 6), *person("B", 4), *person("C", 2), ("nonmated", "X", "x")]
    embeddings: dict[str, Vector | None] = {
        f"{name}{number}": axis("ABC".index(name)) for name in "ABC" for number in range(6)
    }
    embeddings |= {
        "A0": axis(0, 0.6),
        "A1": axis(0, 0.6, other=7),
        "A2": None,
        "x": axis(1, 0.3, other=9),
    }
    found = identify_fused(data(people), embeddings, KioskMatcher())
    assert found is not None
    assert found.one.gallery == found.fused.gallery == 2  # C has too few pictures
    assert len(found.one.trials.mated) == 4  # A3 A4 A5 B3
    assert len(found.fused.trials.mated) == 1
    # A's template is the normalised mean of A0 and A1: (1.2, .8, .8) through its length.
    cosine = 1.2 / np.sqrt(1.2**2 + 2 * 0.8**2)
    assert found.fused.trials.mated == pytest.approx([cosine], abs=1e-3)
    assert found.one.trials.nonmated == pytest.approx([0.3], abs=1e-3)
    # Threes of A, A again and B, each searched as if that person were not enrolled.
    assert found.fused.trials.nonmated == pytest.approx([0.0, 0.0, 0.0], abs=1e-3)


def test_too_few_pictures_to_fuse() -> None:
    people = [*person("A", 5), ("nonmated", "X", "x")]
    embeddings: dict[str, Vector | None] = {f"A{number}": axis(0) for number in range(5)}
    assert identify_fused(data(people), embeddings | {"x": axis(1)}, KioskMatcher()) is None
