"""A technician at the running kiosk: the PIN, the examination, a real test ticket, the log taken
away; and nothing of it a citizen's."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest
import tomli_w
from PySide6.QtQml import QQmlPropertyMap

from kiosk.config import Settings
from kiosk.locale import text
from kiosk.printer.virtual import Fault, VirtualPrinter
from kiosk.sync.identity import load_identity
from kiosk.technician_pin import TechnicianPin
from kiosk.visit.state import Phase
from tests.e2e.door import Door, Steps, run_kiosk
from tests.e2e.test_trouble import but, tickets
from tests.e2e.test_trouble import printer as printer  # fixtures
from tests.e2e.test_trouble import settings as settings
from tests.sync.conftest import Server
from tests.sync.conftest import server as server

pytestmark = pytest.mark.slow
PIN = "271828"


@pytest.fixture
def kept(tmp_path: Path, settings: Settings) -> Settings:
    """With a PIN, and what is written kept in this test's folder."""
    health = {
        "parts_file": tmp_path / "parts.json",
        "pin_file": tmp_path / "technician.json",
        "export_folder": tmp_path / "export",
    }
    kept = but(settings, health=health)
    TechnicianPin(kept.health.pin_file, lambda: datetime.now(UTC)).set(PIN)
    return kept


def shown(door: Door, name: str) -> object:
    return cast(QQmlPropertyMap, door.kiosk.bridge.technician).value(name)


def press(door: Door, *buttons: str) -> None:
    for button in buttons:
        door.kiosk.bridge.technicianPress(button)


def said(key: str) -> str:
    return text("vi", f"technician.{key}")


def test_a_technician_at_the_kiosk(
    kept: Settings, printer: VirtualPrinter, tmp_path: Path, expected_warnings: list[str]
) -> None:
    expected_warnings += ["technician's test: failed printer_paper_out", "printer bad"]

    def technician(door: Door) -> Steps:
        yield lambda: door.is_at(Phase.ATTRACT) and door.visit.machine.printer == "ok"
        press(door, "print")
        assert shown(door, "page") == "closed", "nothing before the PIN"
        door.kiosk.bridge.technicianKnock()
        assert shown(door, "page") == "pin"
        press(door, *"000000")
        assert (shown(door, "page"), shown(door, "told")) == ("pin", said("pin_wrong"))
        press(door, *PIN)
        assert shown(door, "page") == "health"
        # The examination runs beside, and its answer comes to the screen by itself.
        yield lambda: bool(shown(door, "rows")) and shown(door, "told") != said("examining")
        press(door, "print")
        assert shown(door, "told") == said("printing")
        yield lambda: shown(door, "told") == said("printed")
        printer.set_fault(Fault.PAPER_OUT)
        press(door, "print")
        yield lambda: shown(door, "told") not in (said("printing"), said("printed"))
        assert text("vi", "error.printer_paper_out.what") in str(shown(door, "told"))
        printer.set_fault(Fault.PAPER_OUT, on=False)
        press(door, "export")
        yield lambda: ".zip" in str(shown(door, "told"))
        press(door, "close")
        assert shown(door, "page") == "closed"
        assert not door.phases, "the visit saw none of it"

    run_kiosk(kept, tmp_path, technician)
    assert tickets(kept) == [], "a test ticket takes no number and is no record"
    assert printer.tickets >= 1
    (archive,) = (tmp_path / "export").iterdir()
    with zipfile.ZipFile(archive) as file:
        assert {"doctor.json", "settings.json", "log.txt"} == set(file.namelist())


def test_a_code_held_up_to_the_camera_enrols_the_kiosk(
    kept: Settings, tmp_path: Path, server: Server
) -> None:
    """From pixels: the token's code as central shows it, before a camera that sees nobody."""
    scene = tmp_path / "code.toml"
    card = {"text": server.invitation("K7"), "start": 0.0, "end": 60.0}
    scene.write_text(tomli_w.dumps({"duration": 60.0, "card": [card]}), encoding="utf-8")
    there = but(
        kept,
        camera={"source": f"replay:{scene}"},
        sync={"url": server.url, "device_file": tmp_path / "device.json"},
    )

    def technician(door: Door) -> Steps:
        yield lambda: door.is_at(Phase.ATTRACT) and door.visit.machine.camera
        door.kiosk.bridge.technicianKnock()
        press(door, *PIN, "enrol")
        assert shown(door, "page") == "enrol"
        yield lambda: "K7" in str(shown(door, "told"))
        press(door, "close")

    run_kiosk(there, tmp_path, technician)
    assert load_identity(there.sync.device_file).name == "K7"
