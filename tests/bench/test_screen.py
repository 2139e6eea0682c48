"""``kiosk bench screen`` draws the real window and counts what it promises."""

from __future__ import annotations

import json

import pytest
from PySide6.QtGui import QGuiApplication

from kiosk.bench.screen import main


@pytest.mark.slow
def test_frames_are_drawn_and_counted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setenv("QT_QUICK_BACKEND", "software")
    main(frames=3, as_json=True)
    drawing = json.loads(capsys.readouterr().out)
    assert (drawing["frames"], drawing["backend"]) == (3, "Software")
    assert drawing["platform"] == QGuiApplication.platformName()
    assert 0 < drawing["cpu_ms"]["median"] <= drawing["cpu_ms"]["p95"]
    assert drawing["wall_ms"]["median"] < 2000  # it was drawn, and did not wait in vain
