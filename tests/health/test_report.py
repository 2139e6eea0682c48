"""What central is told: in the contract's words, and only the newest."""

from __future__ import annotations

from pathlib import Path

from kiosk.health.doctor import examine
from kiosk.health.report import report, told
from kiosk.store import outbox
from kiosk.store.database import Database
from kiosk.store.keys import key_for
from tests.health.kiosks import NOW, parts, place
from wire import DeviceExamined, PrinterChanged


def test_every_finding_fits_the_contract(tmp_path: Path) -> None:
    examined = told(examine(place(tmp_path, parts(camera="stalled"))))
    again = DeviceExamined.model_validate_json(examined.model_dump_json())
    assert again == examined
    camera = examined.checks[0]
    assert (camera.check, camera.level) == ("camera", "bad")
    assert camera.name.vi == "Camera"
    assert camera.do.en.startswith("It is opened again")


def test_a_report_replaces_one_that_still_waits_and_nothing_else(tmp_path: Path) -> None:
    here = place(tmp_path)
    store = here.settings.store
    with Database.open(store.path, key_for(store)) as db:
        outbox.append(db, PrinterChanged(state="ok"), NOW)
    for _ in range(3):
        report(here.settings, examine(here), NOW)
    with Database.open(store.path, key_for(store)) as db:
        events = outbox.pending(db, 10)
    assert [event.body.kind for event in events] == ["printer_changed", "device_examined"]
    assert events[-1].seq == 4
