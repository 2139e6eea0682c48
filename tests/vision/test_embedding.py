from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from kiosk.vision.align import VERSION
from kiosk.vision.calibration import shipped
from kiosk.vision.camera import Image
from kiosk.vision.embedding import Embedder, fuse, model_id
from kiosk.vision.litert import Models
from kiosk.vision.still import StillFaces
from kiosk.vision.templates import DIMENSIONS, Embedding

Photo = Callable[[str], Image]
Embed = Callable[[str], Embedding]
THRESHOLD = shipped().threshold(1e-5)


@pytest.fixture(scope="module")
def embed(models: Models, photo: Photo) -> Embed:
    still = StillFaces(models)

    def of(name: str) -> Embedding:
        found = still(photo(name))
        assert found is not None
        return found.embedding

    return of


def test_embedding_is_about_as_long_as_one(embed: Embed) -> None:
    vector = embed("astronaut")
    assert vector.shape == (DIMENSIONS,)
    assert vector.dtype == np.float32
    assert 0.94 < np.linalg.norm(vector) < 1.09


@pytest.mark.parametrize("name", ["astronaut", "obama", "biden"])
def test_a_vague_face_gets_an_allowance(models: Models, photo: Photo, name: str) -> None:
    found = StillFaces(models)(photo(name))
    assert found is not None
    embedder = Embedder(models)
    blurred = [np.asarray(cv2.GaussianBlur(found.crop, (0, 0), s), np.uint8) for s in (2, 4)]
    lengths = [np.linalg.norm(embedder(crop)) for crop in (found.crop, *blurred)]
    assert lengths[0] < lengths[1] < lengths[2] < 1.09


def test_no_crop_gets_more_than_the_allowance(models: Models) -> None:
    for crop in (np.zeros((112, 112, 3), np.uint8), np.full((112, 112, 3), 255, np.uint8)):
        assert 0.94 < np.linalg.norm(Embedder(models)(crop)) < 1.09


@pytest.mark.parametrize("other", ["obama2", "obama3"])
def test_another_photograph_of_the_same_person_is_near(embed: Embed, other: str) -> None:
    assert float(embed("obama") @ embed(other)) > THRESHOLD


@pytest.mark.parametrize("other", ["biden", "astronaut"])
def test_another_person_is_far(embed: Embed, other: str) -> None:
    assert float(embed("obama") @ embed(other)) < THRESHOLD / 2


def test_fused_photographs_are_nearer_than_the_farthest(embed: Embed) -> None:
    a, b, c = (embed(name) for name in ("obama", "obama2", "obama3"))
    fused = fuse([a, b])
    lengths = [np.linalg.norm(embedding) for embedding in (a, b)]
    assert np.linalg.norm(fused) == pytest.approx(np.mean(lengths), abs=1e-5)
    assert float(fused @ c) >= min(float(a @ c), float(b @ c))


def test_model_is_named_by_its_content_and_the_alignment(models: Models) -> None:
    assert model_id(models) == Embedder(models).model_id
    assert models.files["face_embedding"].sha256[:12] in model_id(models)
    assert model_id(models).endswith(f"-a{VERSION}")
