from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.errors import SyncError
from kiosk.health.checks.server import CHECK, judge
from kiosk.health.finding import Level
from tests.health.kiosks import place


@pytest.mark.parametrize(
    ("seen", "key", "level"),
    [
        (None, "health.server.none", Level.ABSENT),
        ("0.1.0", "health.server.good", Level.GOOD),
        (
            SyncError("sync_unreachable", url="https://x", reason="ConnectTimeout"),
            "error.sync_unreachable",
            Level.WATCH,
        ),
        (SyncError("sync_fault", url="https://x", status=503), "error.sync_fault", Level.WATCH),
        (SyncError("sync_revoked", url="https://x"), "error.sync_revoked", Level.BAD),
        (SyncError("sync_not_trusted", url="https://x"), "error.sync_not_trusted", Level.BAD),
        (SyncError("sync_garbled", url="https://x"), "error.sync_garbled", Level.BAD),
    ],
)
def test_edges(seen: str | SyncError | None, key: str, level: Level) -> None:
    finding = judge(seen)
    assert (finding.key, finding.level) == (key, level)
    assert finding.what("vi")


def test_a_kiosk_that_is_not_enrolled_is_told_so(tmp_path: Path) -> None:
    sync = {"url": "http://127.0.0.1:9", "device_file": tmp_path / "device.json"}
    assert CHECK(place(tmp_path, sync=sync)).key == "error.sync_not_enrolled"
