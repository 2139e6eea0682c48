from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.health.checks.identity import CHECK, Known, judge
from kiosk.health.finding import Level
from kiosk.sync.identity import Identity, keep_identity
from tests.health.kiosks import NOW, place

SERVER = {"url": "https://central.example.vn"}


@pytest.mark.parametrize(
    ("known", "level"),
    [
        (None, Level.ABSENT),
        (Known("K1", 0), Level.GOOD),
        (Known("K1", 1095), Level.GOOD),
        (Known("K1", 1096), Level.WATCH),
    ],
)
def test_edges(known: Known | None, level: Level) -> None:
    assert judge(known).level is level


def test_one_that_was_made_a_year_ago(tmp_path: Path) -> None:
    file = tmp_path / "device.json"
    here = place(tmp_path, sync=SERVER | {"device_file": file})
    assert CHECK(here).key == "error.sync_not_enrolled"
    keep_identity(file, Identity(uuid4(), "K1", Ed25519PrivateKey.generate()))
    made = (NOW - timedelta(days=365)).timestamp()
    os.utime(file, (made, made))
    assert CHECK(here).figures == {"name": "K1", "days": 365}
    file.chmod(0o640)
    assert (CHECK(here).key, CHECK(here).level) == ("error.sync_key_mode", Level.BAD)
