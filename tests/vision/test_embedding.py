from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from kiosk.vision.align import VERSION
from kiosk.vision.calibration import shipped
from kiosk.vision.camera import Image
from kiosk.vision.embedding import Embedder, fuse, model_id
from kiosk.vision.litert import Models
from kiosk.vision.still import StillFaces
from kiosk.vision.templates import DIMENSIONS, Embedding

Embed = Callable[[str], Embedding]
THRESHOLD = shipped().threshold(1e-5)


@pytest.fixture(scope="module")
def embed(models: Models, photo: Callable[[str], Image]) -> Embed:
    still = StillFaces(models)

    def of(name: str) -> Embedding:
        found = still(photo(name))
        assert found is not None
        return found.embedding

    return of


def test_embedding_is_a_point_on_the_unit_sphere(embed: Embed) -> None:
    vector = embed("astronaut")
    assert vector.shape == (DIMENSIONS,)
    assert vector.dtype == np.float32
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("other", ["obama2", "obama3"])
def test_another_photograph_of_the_same_person_is_near(embed: Embed, other: str) -> None:
    assert float(embed("obama") @ embed(other)) > THRESHOLD


@pytest.mark.parametrize("other", ["biden", "astronaut"])
def test_another_person_is_far(embed: Embed, other: str) -> None:
    assert float(embed("obama") @ embed(other)) < THRESHOLD / 2


def test_fused_photographs_are_nearer_than_the_farthest(embed: Embed) -> None:
    a, b, c = (embed(name) for name in ("obama", "obama2", "obama3"))
    fused = fuse([a, b])
    assert np.linalg.norm(fused) == pytest.approx(1, abs=1e-5)
    assert float(fused @ c) >= min(float(a @ c), float(b @ c))


def test_model_is_named_by_its_content_and_the_alignment(models: Models) -> None:
    assert model_id(models) == Embedder(models).model_id
    assert models.files["face_embedding"].sha256[:12] in model_id(models)
    assert model_id(models).endswith(f"-a{VERSION}")
