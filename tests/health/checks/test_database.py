from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.errors import StoreError
from kiosk.health.checks.database import CHECK, judge
from kiosk.health.finding import Level
from kiosk.health.place import Place
from kiosk.store.database import Database
from kiosk.store.keys import key_for
from tests.health.kiosks import place


@pytest.mark.parametrize(
    ("seen", "key", "level"),
    [
        (None, "health.database.none", Level.UNKNOWN),
        (0.1, "health.database.good", Level.GOOD),
        (StoreError("store_busy", file="kiosk.db"), "error.store_busy", Level.WATCH),
        (StoreError("store_full", file="kiosk.db"), "error.store_full", Level.BAD),
    ],
)
def test_edges(seen: StoreError | float | None, key: str, level: Level) -> None:
    finding = judge(seen)
    assert (finding.key, finding.level) == (key, level)


def made(folder: Path) -> Place:
    here = place(folder)
    Database.open(here.settings.store.path, key_for(here.settings.store)).close()
    return here


def test_looking_makes_no_database(tmp_path: Path) -> None:
    assert CHECK(place(tmp_path)).key == "health.database.none"
    assert not (tmp_path / "kiosk.db").exists()


def test_a_sound_one(tmp_path: Path) -> None:
    assert CHECK(made(tmp_path)).level is Level.GOOD


def test_one_flipped_bit_is_found(tmp_path: Path) -> None:
    here = made(tmp_path)
    path = here.settings.store.path
    content = bytearray(path.read_bytes())
    content[len(content) - 2000] ^= 1
    path.write_bytes(content)
    assert CHECK(here).level is Level.BAD


def test_another_key_is_named(tmp_path: Path) -> None:
    here = made(tmp_path)
    here.settings.store.key_file.write_text("0" * 64, encoding="ascii")
    assert CHECK(here).key == "error.store_key_mismatch"


def test_a_key_that_others_can_read_is_named(tmp_path: Path) -> None:
    here = made(tmp_path)
    here.settings.store.key_file.chmod(0o644)
    assert CHECK(here).key == "error.store_key_mode"


def test_a_key_that_is_gone_is_named(tmp_path: Path) -> None:
    here = made(tmp_path)
    here.settings.store.key_file.unlink()
    assert CHECK(here).key == "error.store_key_missing"
