from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.health.fixes.logs import FIX
from tests.health.kiosks import place


@pytest.mark.parametrize(("journal", "answer", "did"), [(True, "", True), (True, None, False)])
def test_a_journal_on_the_disk_is_shortened(
    tmp_path: Path, journal: bool, answer: str | None, did: bool
) -> None:
    asked: list[tuple[str, ...]] = []

    def run(*arguments: str) -> str | None:
        asked.append(arguments)
        return answer

    here = place(tmp_path, run=run)
    (here.root / "var/log/journal").mkdir(parents=True)
    assert FIX(here) is did
    assert asked == [("journalctl", "--quiet", "--rotate", "--vacuum-size=50M")]


def test_a_journal_in_memory_is_left_alone(tmp_path: Path) -> None:
    def run(*arguments: str) -> str:
        raise AssertionError(arguments)

    assert not FIX(place(tmp_path, run=run))
