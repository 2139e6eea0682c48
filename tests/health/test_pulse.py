"""What the running kiosk writes, and when."""

from __future__ import annotations

from pathlib import Path

from kiosk.health.parts import EVERY_S, read_parts
from kiosk.health.pulse import Pulse
from kiosk.printer.status import PrinterStatus
from kiosk.vision.link import State, VisionLink
from kiosk.vision.percepts import Percept, View
from kiosk.vision.worker import Job
from tests.health.kiosks import NOW, settings


def percept(view: View | None = None) -> Percept:
    return Percept(0, 0.0, (1280, 720), view=view)


def test_frames_view_and_printer_every_five_seconds(tmp_path: Path) -> None:
    seconds = 0.0
    here = settings(tmp_path)
    link = VisionLink(Job(here, tmp_path))  # never started: its state is set by hand
    link.state = State.WORKING
    path = tmp_path / "parts.json"
    pulse = Pulse(path, link, lambda: seconds, lambda: NOW)
    pulse.printer(PrinterStatus("ok", "printer_near_end"))
    for _ in range(59):
        pulse.saw(percept())
    pulse.saw(percept(View(100.0, 0.0, 1.1)))
    seconds = EVERY_S - 0.1
    pulse.beat()
    assert read_parts(path, NOW) is None
    seconds = EVERY_S
    pulse.beat()
    told = read_parts(path, NOW)
    link.stop()
    assert told is not None
    assert (told.camera, told.frames_per_s, told.running) == ("working", 12.0, True)
    assert told.view == View(100.0, 0.0, 1.1)
    assert (told.printer, told.printer_reason) == ("ok", "printer_near_end")


def test_a_kiosk_without_a_camera(tmp_path: Path) -> None:
    pulse = Pulse(tmp_path / "parts.json", None, lambda: 0.0, lambda: NOW)
    assert pulse.parts().camera == "none"
