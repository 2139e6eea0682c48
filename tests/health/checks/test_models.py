from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kiosk.health.checks.models import CHECK
from kiosk.health.finding import Level
from kiosk.vision.litert import default_folder
from tests.health.kiosks import place


def test_the_models_that_ship_are_whole(tmp_path: Path) -> None:
    assert CHECK(place(tmp_path)).key == "health.models.good"


@pytest.mark.parametrize(
    ("damage", "key"), [("flip", "error.model_corrupt"), ("remove", "error.model_missing")]
)
def test_one_wrong_file_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str, key: str
) -> None:
    folder = tmp_path / "models"
    shutil.copytree(default_folder(), folder)
    monkeypatch.setenv("KIOSK_MODELS", str(folder))
    last = max(folder.glob("*.tflite"))
    if damage == "remove":
        last.unlink()
    else:
        content = bytearray(last.read_bytes())
        content[1000] ^= 1
        last.write_bytes(content)
    finding = CHECK(place(tmp_path))
    assert (finding.key, finding.level) == (key, Level.BAD)
    assert last.name in finding.what("vi")
