"""Another embedding, named in the settings: its card, its file, its crops, its templates."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import tomli_w

from kiosk.errors import ConfigError, ModelError
from kiosk.vision.camera import Image
from kiosk.vision.embedding import Embedder, model_id
from kiosk.vision.embedding_card import FIVE_PLACES, card_of, shipped_card
from kiosk.vision.gallery import Gallery
from kiosk.vision.litert import Models
from kiosk.vision.sharing import AttachedGallery, SharedGallery
from kiosk.vision.still import StillFaces

Photo = Callable[[str], Image]
IMPOSTORS = {
    "location": 0.4,
    "scale": 0.05,
    "shape": -0.1,
    "people": 900,
    "comparisons": 400_000,
}


def write_card(folder: Path, models: Models, **changes: object) -> Path:
    """The model that ships, under another name and with a card of its own."""
    entry = models.files["face_embedding"]
    model = folder / "another.tflite"
    model.write_bytes(models.content("face_embedding"))
    table: dict[str, object] = {
        "name": "another",
        "sha256": entry.sha256,
        "dimensions": 192,
        "impostors": IMPOSTORS,
    }
    model.with_suffix(".toml").write_text(tomli_w.dumps({**table, **changes}))
    return model


def test_the_model_that_ships_unless_another_is_named() -> None:
    assert card_of(None) == shipped_card()
    assert card_of(None).file is None


def test_a_card_says_how_scores_are_distributed(tmp_path: Path, models: Models) -> None:
    tail = card_of(write_card(tmp_path, models)).tail
    assert (tail.location, tail.people) == (0.4, 900)
    with closing(SharedGallery(tail)) as gallery:
        told = gallery.set(["a"], np.eye(1, 192, dtype=np.float32))
        assert told.tail.location == 0.4


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"sha256": "abc"}, "sha256"),
        ({"sha256": ""}, "sha256"),
        ({"dimensions": 0}, "dimensions"),
        ({"places": [[1.0, 2.0]]}, "places"),
        ({"colours": "CMYK"}, "colours"),
        ({"scale": 0.0}, "scale"),
        ({"name": "Tên"}, "name"),
        ({"impostors": {**IMPOSTORS, "shape": 0.5}}, "impostors.shape"),
        ({"thresold": 0.5}, "thresold"),
    ],
)
def test_a_wrong_card_says_what_is_wrong(
    tmp_path: Path, models: Models, changes: dict[str, object], reason: str
) -> None:
    model = write_card(tmp_path, models, **changes)
    with pytest.raises(ConfigError) as caught:
        card_of(model)
    assert reason in caught.value.both()
    assert "another.toml" in caught.value.both()


def test_a_model_without_a_card_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be used"):
        card_of(tmp_path / "lonely.tflite")


def test_a_card_that_is_not_toml_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text("name = ")
    with pytest.raises(ConfigError, match="cannot be used"):
        card_of(tmp_path / "m.tflite")


def test_another_file_than_the_card_is_about_is_refused(tmp_path: Path, models: Models) -> None:
    model = write_card(tmp_path, models)
    model.write_bytes(model.read_bytes()[:-1] + b"x")
    with pytest.raises(ModelError, match="cannot be used: sha256"):
        Embedder(models, card_of(model))
    model.unlink()
    with pytest.raises(ModelError, match="cannot be used: No such"):
        Embedder(models, card_of(model))


def test_a_model_of_another_shape_is_refused(tmp_path: Path, models: Models, photo: Photo) -> None:
    with pytest.raises(ModelError, match="not what its card says"):
        Embedder(models, card_of(write_card(tmp_path, models, side=128)))
    embedder = Embedder(models, card_of(write_card(tmp_path, models, dimensions=128)))
    with pytest.raises(ModelError, match="not what its card says"):
        embedder(np.zeros((112, 112, 3), np.uint8))


def test_templates_of_another_model_are_never_compared(tmp_path: Path, models: Models) -> None:
    """Their ids differ, also when only the crops do."""
    cards = [
        shipped_card(),
        card_of(write_card(tmp_path, models)),
        card_of(write_card(tmp_path, models, mean=0.0)),
        card_of(write_card(tmp_path, models, places=[(x, y + 2) for x, y in FIVE_PLACES])),
    ]
    assert len({model_id(models, card) for card in cards}) == len(cards)


def test_the_distribution_of_scores_may_be_measured_again(tmp_path: Path, models: Models) -> None:
    first = card_of(write_card(tmp_path, models))
    again = card_of(write_card(tmp_path, models, impostors={**IMPOSTORS, "people": 5}))
    assert model_id(models, first) == model_id(models, again)


def test_the_same_model_embeds_a_face_alike(tmp_path: Path, models: Models, photo: Photo) -> None:
    """Only the length is another: this card makes nothing up for vague faces."""
    other = Embedder(models, card_of(write_card(tmp_path, models)))
    ours = StillFaces(models)(photo("astronaut"))
    theirs = StillFaces(models, embedder=other)(photo("astronaut"))
    assert ours is not None
    assert theirs is not None
    assert np.linalg.norm(theirs.embedding) == pytest.approx(1)
    cosine = ours.embedding @ theirs.embedding / np.linalg.norm(ours.embedding)
    assert cosine == pytest.approx(1, abs=1e-5)


def test_a_model_sees_the_crop_it_was_trained_on(
    tmp_path: Path, models: Models, photo: Photo
) -> None:
    lower = [(x, y + 8) for x, y in FIVE_PLACES]
    other = Embedder(models, card_of(write_card(tmp_path, models, places=lower)))
    face = StillFaces(models)(photo("astronaut"))
    assert face is not None
    view = other.view(photo("astronaut"), face.mesh, face.crop)
    assert np.abs(view[8:].astype(int) - face.crop[:-8]).mean() < 2
    assert Embedder(models).view(photo("astronaut"), face.mesh, face.crop) is face.crop


@pytest.mark.parametrize("dimensions", [64, 128, 512])
def test_a_gallery_of_any_dimension_is_shared_and_searched(dimensions: int) -> None:
    rows = np.random.default_rng(dimensions).standard_normal((50, dimensions)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    ids = [f"citizen-{row}" for row in range(len(rows))]
    with closing(SharedGallery()) as kept, closing(AttachedGallery()) as searched:
        gallery = searched.follow(kept.set(ids[:-1], rows[:-1]))
        gallery = searched.follow(kept.join(ids[-1], rows[-1]))
        for row in (0, 17, len(rows) - 1):
            assert gallery.nearest(rows[row])[0].citizen_id == ids[row]
        exact = Gallery.of(ids, rows)
        assert [each.score for each in gallery.nearest(rows[3])] == pytest.approx(
            [each.score for each in exact.nearest(rows[3])]
        )
        del gallery


def test_the_first_of_all_may_be_of_another_dimension() -> None:
    with closing(SharedGallery()) as kept:
        kept.set([], np.empty((0, 192), np.float32))
        told = kept.join("a", np.eye(1, 128, dtype=np.float32)[0])
        assert getattr(told, "dimensions", None) == 128
