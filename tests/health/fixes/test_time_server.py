from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.health.fixes.time_server import FIX
from tests.health.kiosks import place


@pytest.mark.parametrize(
    ("state", "set_", "did"),
    [
        ("no\n", "", True),
        ("no\n", None, False),  # not allowed to
        ("yes\n", "", False),
        (None, "", False),  # no systemd
    ],
)
def test_ntp_is_switched_on_where_it_is_off(
    tmp_path: Path, state: str | None, set_: str | None, did: bool
) -> None:
    def run(*arguments: str) -> str | None:
        return set_ if "set-ntp" in arguments else state

    assert FIX(place(tmp_path, run=run)) is did
