"""A real kiosk process, killed with SIGKILL while it issues and prints on a virtual printer."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

from kiosk.printer.virtual import VirtualPrinter
from kiosk.store.database import Database
from tests.store import killable
from tests.store.numbering import KEY

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("NUMBERING_KILLS", "10"))
STEPS = 220
"""About as many as one life has."""


@contextmanager
def kiosk(path: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, killable.__file__, str(path), str(port)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as process:
        yield process


def live(process: subprocess.Popen[str], kill_at: int) -> dict[str, str]:
    """One life; the numbers its citizens saw, by ticket id."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{kill_at}\n")
    seen: dict[str, str] = {}
    while (line := process.stdout.readline()) != "over\n":
        _, ticket, number = line.split()
        seen[ticket] = number
    return seen


@pytest.mark.slow
def test_a_killed_kiosk_keeps_every_number_and_prints_none_twice(
    path: Path, tmp_path: Path
) -> None:
    rng = Random(KILLS)
    seen: dict[str, str] = {}
    with (
        VirtualPrinter("127.0.0.1", 0, tmp_path / "out") as printer,
        kiosk(path, printer.port) as process,
    ):
        lives = [live(process, rng.randint(1, STEPS)) for _ in range(KILLS)]
        lives.append(live(process, 0))
    for life in lives:
        seen |= life
    assert len(lives[-1]) == killable.TICKETS
    print(f"{sum(len(life) < killable.TICKETS for life in lives)} lives cut short")  # noqa: T201
    with Database.open(path, KEY) as db:
        rows = db.rows("SELECT * FROM ticket ORDER BY seq")
    assert [row["number"] for row in rows] == [f"C{n:03d}" for n in range(1, len(rows) + 1)]
    stored = {row["id"]: row["number"] for row in rows}
    assert seen.items() <= stored.items()
    papers = [killable.scrap(file) for file in sorted((tmp_path / "out").glob("*.png"))]
    assert {ticket for ticket, _, _ in papers} <= stored.keys()
    unmarked = Counter(ticket for ticket, again, _ in papers if not again)
    assert max(unmarked.values()) == 1, unmarked
    whole = {ticket for ticket, _, is_whole in papers if is_whole}
    for row in rows:
        assert row["printing"] in {"printed", "uncertain", "failed"}
        if row["printing"] == "printed":
            assert row["id"] in whole, row["number"]
        if row["printing"] == "failed":
            assert row["id"] not in unmarked, row["number"]
