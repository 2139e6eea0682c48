"""Only the model the manifest names is ever run."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from kiosk.errors import ModelError
from kiosk.vision.litert import Models, default_folder

FACE = "face_detection"


@pytest.fixture
def copied(tmp_path: Path, models: Models) -> Path:
    """A models folder a test may damage."""
    folder = tmp_path / "models"
    folder.mkdir()
    for name in ("manifest.toml", models.files[FACE].file):
        shutil.copy(models.folder / name, folder)
    return folder


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_runs_a_verified_model(models: Models) -> None:
    net = models.net(FACE)
    outputs = net(np.zeros(net.shape, np.float32))
    assert net.shape == (128, 128, 3)
    assert {name: o.shape for name, o in outputs.items()} == {
        "regressors": (896, 16),
        "classificators": (896, 1),
    }


def test_same_input_same_output(models: Models) -> None:
    tensor = np.random.default_rng(0).uniform(-1, 1, (128, 128, 3)).astype(np.float32)
    one, two = models.net(FACE)(tensor), models.net(FACE)(tensor)
    assert all(np.array_equal(one[name], two[name]) for name in one)


def test_outputs_outlive_the_next_run(models: Models) -> None:
    net = models.net(FACE)
    first = net(np.zeros(net.shape, np.float32))["regressors"]
    before = first.copy()
    net(np.ones(net.shape, np.float32))
    assert np.array_equal(first, before)


@pytest.mark.parametrize(
    "tensor",
    [
        np.zeros((128, 128, 4), np.float32),
        np.zeros((1, 128, 128, 3), np.float32),
        np.zeros((128, 128, 3), np.float64),
        np.zeros((128, 128, 3), np.uint8),
    ],
    ids=["channels", "batched", "double", "bytes"],
)
def test_refuses_another_shape_or_type(models: Models, tensor: np.ndarray) -> None:
    with pytest.raises(ValueError, match="want float32"):
        models.net(FACE)(tensor)


def test_corrupt_file_is_never_run(copied: Path, models: Models) -> None:
    path = copied / models.files[FACE].file
    damage(path)
    with pytest.raises(ModelError) as caught:
        Models(copied).net(FACE)
    assert caught.value.key == "model_corrupt"
    both = caught.value.both()
    assert both.count(str(path)) == 2
    assert both.count("scripts/models.sh") == 2


def test_missing_file(copied: Path, models: Models) -> None:
    path = copied / models.files[FACE].file
    path.unlink()
    with pytest.raises(ModelError) as caught:
        Models(copied).net(FACE)
    assert caught.value.key == "model_missing"
    both = caught.value.both()
    assert both.count(str(path)) == 2
    assert both.count("scripts/models.sh") == 2


def test_verify_finds_what_no_part_asked_for(copied: Path) -> None:
    with pytest.raises(ModelError) as caught:
        Models(copied).verify()
    assert caught.value.key == "model_missing"


def test_manifest_without_the_model(copied: Path, models: Models) -> None:
    manifest = copied / "manifest.toml"
    manifest.write_text(manifest.read_text().replace(f'"{FACE}"', '"another"'))
    with pytest.raises(ModelError) as caught:
        Models(copied).net(FACE)
    assert caught.value.fields["file"] == manifest


def test_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        Models(tmp_path / "nowhere")
    assert caught.value.key == "model_missing"
    assert caught.value.fields["file"] == tmp_path / "nowhere" / "manifest.toml"


@pytest.mark.parametrize(
    "text",
    ["[[model", "", "[[model]]\nid = 'x'\n", "model = 3\n", "model = ['x']\n", b"\xff\xfe"],
    ids=["syntax", "empty", "keys", "number", "strings", "encoding"],
)
def test_damaged_manifest(copied: Path, text: str | bytes) -> None:
    content = text.encode() if isinstance(text, str) else text
    (copied / "manifest.toml").write_bytes(content)
    with pytest.raises(ModelError) as caught:
        Models(copied)
    assert caught.value.key == "model_corrupt"


def test_folder_beside_the_package_unless_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("KIOSK_MODELS", raising=False)
    assert (default_folder() / "manifest.toml").is_file()
    monkeypatch.setenv("KIOSK_MODELS", str(tmp_path))
    assert default_folder() == tmp_path


def test_loading_is_silent(models: Models, capfd: pytest.CaptureFixture[str]) -> None:
    models.net(FACE)
    assert capfd.readouterr() == ("", "")
