"""The office of the image's test is one that flash.sh and the kiosk take."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk import config
from kiosk.vision.scene import load_scene
from scripts.flash import site
from scripts.image import newer, scene


def test_an_emulated_kiosk_is_given_time(tmp_path: Path) -> None:
    path = scene.site(
        tmp_path, key=newer.PUBLIC, changes={"timezone": '"Etc/GMT-5"'}, emulated=True
    )
    assert site.load(path).release_key == newer.PUBLIC
    settings = config.load(tmp_path / "config.toml")
    assert settings.office.timezone == "Etc/GMT-5"
    assert settings.camera.source == "replay:scene.toml"
    assert settings.vision.start_s > config.VisionSettings().start_s
    load_scene(tmp_path / "scene.toml")


def test_a_setting_that_is_no_longer_there_is_noticed(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="0 lines gone"):
        scene.site(tmp_path, changes={"gone": "1"})
