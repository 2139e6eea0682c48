"""What leaves the building in a file of logs, and what must not."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from kiosk.health.doctor import examine
from kiosk.health.export import cut, export
from tests.health.kiosks import place


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("card 001190012345 read", "card [number] read"),
        ("old 012345678.", "old [number]."),
        ("call 0912345678", "call [number]"),
        ("Bearer eyJhbGciOi.J9eyJpc3.sig-_x", "[token]"),
        ("key 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "key [key]"),
        ("rtsp://user:secret@10.0.0.2/1", "rtsp://[user]@10.0.0.2/1"),
        ("mail a.b@example.vn now", "mail [address] now"),
        ("hello NGUYỄN VĂN AN there", "hello [name] there"),
        ("WARNING kiosk.vision: slow", "WARNING kiosk.vision: slow"),
        (
            "event 01933f4e-7d2a-7c3b-8f00-123456789012 is parked",
            "event 01933f4e-7d2a-7c3b-8f00-123456789012 is parked",
        ),
    ],
)
def test_personal_and_secret_things_are_cut(line: str, left: str) -> None:
    assert cut(line) == left


def test_the_file_has_log_examination_and_settings(tmp_path: Path) -> None:
    log = "2026-11-26 kiosk[1]: card 001190012345 of NGUYỄN VĂN AN"
    here = place(tmp_path, run=lambda *_: log)
    file = export(tmp_path / "export", here, examine(here, checks=()))
    assert file.name == "kiosk-K1-20261126-030000.zip"
    with zipfile.ZipFile(file) as archive:
        told = {name: archive.read(name).decode() for name in archive.namelist()}
    assert told["log.txt"] == "2026-11-26 kiosk[1]: card [number] of [name]"
    assert json.loads(told["settings.json"])["office"]["kiosk"] == "K1"
    assert "contact" not in told["settings.json"]
    assert json.loads(told["doctor.json"])["running"] is True
