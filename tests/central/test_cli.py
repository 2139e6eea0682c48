"""``central device …`` as an administrator types it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from central.db.engine import Database
from central.services.devices import device_of

Central = Callable[..., "subprocess.CompletedProcess[str]"]
ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


@pytest.fixture
def central(url: str) -> Central:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", "from central.cli import main; main()", *arguments],
            env={**os.environ, "PYTHONPATH": str(ROOT), "CENTRAL_DATABASE": url},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_a_device_from_birth_to_revocation(central: Central, url: str) -> None:
    added = central("device", "add", "K1")
    assert added.returncode == 0, added.stderr
    token = added.stdout.strip()
    assert len(token) == 43
    central("device", "add", "Quầy", "--role", "office")
    database = Database.open(url)
    with database.reading() as session:
        device = device_of(session, token)
        assert device is not None
        assert (device.name, device.role) == ("K1", "kiosk")
    database.close()
    assert central("device", "revoke", "K1").returncode == 0
    listed = central("device", "list").stdout.splitlines()
    assert [line.split("\t")[:2] for line in listed] == [["K1", "kiosk"], ["Quầy", "office"]]
    assert "revoked" in listed[0]
    assert token not in "".join(listed)


def test_mistakes_are_sentences(central: Central) -> None:
    central("device", "add", "K1")
    for arguments in (
        ("device", "add", "K1"),
        ("device", "revoke", "K2"),
        ("device", "list", "--database", "sqlite:////proc/nowhere/central.db"),
    ):
        result = central(*arguments)
        assert result.returncode == 1
        assert "Traceback" not in result.stderr
        assert len(result.stderr.strip().splitlines()) == 2
