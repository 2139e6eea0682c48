from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.health.checks.gallery import CHECK, MEASURED, judge
from kiosk.health.finding import Level
from kiosk.store.database import Database
from kiosk.store.keys import key_for
from tests.health.kiosks import place


@pytest.mark.parametrize(
    ("templates", "level"),
    [
        (None, Level.ABSENT),
        (0, Level.GOOD),
        (MEASURED, Level.GOOD),
        (MEASURED + 1, Level.WATCH),
    ],
)
def test_edges(templates: int | None, level: Level) -> None:
    assert judge(templates).level is level


def test_a_kiosk_that_recognises_nobody(tmp_path: Path) -> None:
    here = place(tmp_path, recognition={"enabled": False})
    Database.open(here.settings.store.path, key_for(here.settings.store)).close()
    assert CHECK(here).level is Level.ABSENT


def test_an_empty_gallery_is_counted(tmp_path: Path) -> None:
    here = place(tmp_path)
    Database.open(here.settings.store.path, key_for(here.settings.store)).close()
    assert CHECK(here).figures["templates"] == 0
