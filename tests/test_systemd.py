"""Telling systemd how we are never gets in the way."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from kiosk.systemd import notify


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> socket.socket:
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    channel.bind(str(tmp_path / "notify"))
    channel.setblocking(False)
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    return channel


def test_is_heard(manager: socket.socket) -> None:
    with manager:
        notify("READY=1")
        assert manager.recv(64) == b"READY=1"


def test_a_manager_that_does_not_read_stops_nothing(manager: socket.socket) -> None:
    with manager:
        for _ in range(5000):
            notify("WATCHDOG=1")


def test_nobody_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    notify("READY=1")
