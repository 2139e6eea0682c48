"""What the running kiosk says of its parts, and who asks while none runs."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.health import parts as parts_module
from kiosk.health.parts import read_parts, write_parts
from kiosk.health.trying import try_parts
from kiosk.printer.faults import Fault
from kiosk.printer.virtual import VirtualPrinter
from tests.health.kiosks import NOW, parts, settings


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "run" / "parts.json"
    write_parts(path, parts(printer_reason="printer_near_end"))
    assert read_parts(path, NOW) == parts(printer_reason="printer_near_end")
    assert [each.name for each in path.parent.iterdir()] == ["parts.json"]


@pytest.mark.parametrize(("seconds", "read"), [(0, True), (20, True), (21, False), (-21, False)])
def test_old_news_is_no_news(tmp_path: Path, seconds: float, read: bool) -> None:
    path = tmp_path / "parts.json"
    write_parts(path, parts())
    assert (read_parts(path, NOW + timedelta(seconds=seconds)) is not None) is read


@pytest.mark.parametrize("content", ["", "{}", '{"at": "soon"}', "\x00"])
def test_a_broken_file_is_no_news(tmp_path: Path, content: str) -> None:
    path = tmp_path / "parts.json"
    path.write_text(content, encoding="ascii")
    assert read_parts(path, NOW) is None


def test_a_kiosk_that_cannot_write_goes_on(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a file where the folder should be", encoding="ascii")
    write_parts(tmp_path / "run" / "parts.json", parts())


def test_on_a_device_it_lies_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    health = settings(tmp_path).health
    monkeypatch.setattr(parts_module, "IN_MEMORY", tmp_path / "run")
    assert parts_module.parts_path(health) == tmp_path / "parts.json"
    (tmp_path / "run").mkdir()
    assert parts_module.parts_path(health) == tmp_path / "run" / "parts.json"


@pytest.mark.slow
def test_parts_are_tried_while_no_kiosk_runs(tmp_path: Path) -> None:
    with VirtualPrinter("127.0.0.1", 0, tmp_path / "tickets") as printer:
        printer.set_fault(Fault.NEAR_END)
        here = settings(
            tmp_path,
            camera={"source": "replay:first_visit"},
            printer={"device": f"network:127.0.0.1:{printer.port}"},
        )
        told = try_parts(here, tmp_path, NOW)
    assert (told.camera, told.running) == ("working", False)
    assert told.view is not None
    assert (told.printer, told.printer_reason) == ("ok", "printer_near_end")


@pytest.mark.slow
def test_what_is_missing_is_named(tmp_path: Path) -> None:
    here = settings(tmp_path, camera={"source": "gone.mp4"}, printer={"device": "none"})
    told = try_parts(here, tmp_path, NOW)
    assert (told.camera, told.camera_reason) == ("stalled", "camera_not_opened")
    assert told.printer_reason == "printer_none"
