"""End to end: real models, database, printer, server and processes; drawn offscreen."""

from __future__ import annotations

import os

import pytest

from kiosk.vision.cutouts import media_folder

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["QT_QUICK_BACKEND"] = "software"


@pytest.fixture(autouse=True, scope="session")
def _photographs() -> None:
    if not (media_folder() / "face_recognition" / "obama2.jpg").exists():
        pytest.skip("the photographs are not here: run scripts/media.sh")
