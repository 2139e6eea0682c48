from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.health.checks.records import CHECK, Waiting, judge
from kiosk.health.finding import Level
from kiosk.store import outbox
from kiosk.store.database import Database
from kiosk.store.keys import key_for
from tests.health.kiosks import NOW, place
from wire import PrinterChanged

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("waiting", "key", "level"),
    [
        (None, "none", Level.ABSENT),
        (Waiting(0, timedelta(0), 0), "good", Level.GOOD),
        (Waiting(500, DAY, 0), "good", Level.GOOD),
        (Waiting(1, DAY + SECOND, 0), "late", Level.WATCH),
        (Waiting(1, 7 * DAY, 0), "late", Level.WATCH),
        (Waiting(1, 7 * DAY + SECOND, 0), "stuck", Level.BAD),
        (Waiting(0, timedelta(0), 1), "parked", Level.WATCH),
    ],
)
def test_edges(waiting: Waiting | None, key: str, level: Level) -> None:
    finding = judge(waiting)
    assert (finding.key, finding.level) == (f"health.records.{key}", level)


def test_the_oldest_tells_the_age(tmp_path: Path) -> None:
    here = place(tmp_path, sync={"url": "https://central.example.vn"})
    store = here.settings.store
    with Database.open(store.path, key_for(store)) as db:
        for hours in (50, 2):
            outbox.append(db, PrinterChanged(state="ok"), NOW - timedelta(hours=hours))
    assert CHECK(here).figures == {"events": 2, "hours": 50}


def test_a_clock_that_went_back_makes_nothing_old(tmp_path: Path) -> None:
    here = place(tmp_path, sync={"url": "https://central.example.vn"})
    store = here.settings.store
    with Database.open(store.path, key_for(store)) as db:
        outbox.append(db, PrinterChanged(state="ok"), NOW + DAY)
    assert CHECK(here).figures == {"events": 1, "hours": 0}
