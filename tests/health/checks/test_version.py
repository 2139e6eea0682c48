from __future__ import annotations

from pathlib import Path

import pytest

from kiosk import __version__
from kiosk.health.checks.version import CHECK, Releases, judge
from kiosk.health.finding import Level
from kiosk.store.database import Database
from kiosk.store.keys import key_for
from tests.health.kiosks import place


@pytest.mark.parametrize(
    ("releases", "level"),
    [
        (Releases("1.2.3"), Level.GOOD),
        (Releases("1.2.3", "1.2.9"), Level.GOOD),
        (Releases("1.2.3", "1.1.0"), Level.GOOD),
        (Releases("1.9.0", "1.10.0"), Level.WATCH),
        (Releases("1.2.3", "2.0.0"), Level.WATCH),
        (Releases("1.2.3", "of tomorrow"), Level.GOOD),
    ],
)
def test_edges(releases: Releases, level: Level) -> None:
    assert judge(releases).level is level


def test_what_central_last_said_is_compared(tmp_path: Path) -> None:
    here = place(tmp_path, sync={"url": "https://central.example.vn"})
    store = here.settings.store
    assert CHECK(here).figures == {"kiosk": __version__, "server": "–"}
    with Database.open(store.path, key_for(store)) as db:
        db.execute("UPDATE server SET release = '99.0.1'")
    assert CHECK(here).key == "health.version.older"
