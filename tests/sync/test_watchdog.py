"""Each pause of the sync process tells systemd's watchdog that the loop goes round."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from kiosk.sync.service import watched


def test_each_pause_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    paused: list[float | None] = []

    def wait(seconds: float | None) -> bool:
        paused.append(seconds)
        return len(paused) == 2

    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        still = watched(wait)
        assert not still(5.0)
        assert still(None)
        assert [manager.recv(64), manager.recv(64)] == [b"WATCHDOG=1", b"WATCHDOG=1"]
    assert paused == [5.0, None]
