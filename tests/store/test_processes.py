"""Real processes: one that is killed, two that write at once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.store import outbox
from kiosk.store.database import Database
from kiosk.store.tickets import Tickets

ROOT = Path(__file__).parents[2]
ISSUE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from kiosk.config import FieldOfBusiness, Office
from kiosk.store.database import Database
from kiosk.store.tickets import Tickets

path, key, count = sys.argv[1:]
word = {"vi": "chữ"}
office = Office(name=word, unit=word)
field = FieldOfBusiness(id="civil", prefix="C", name=word, examples=word)
db = Database.open(Path(path), key)
tickets = Tickets(db, office, [field], lambda: datetime(2026, 3, 2, 1, tzinfo=UTC))
for _ in range(int(count)):
    print(tickets.issue("civil", None, "touch").number, flush=True)
sys.stdin.read()  # holds on, database open, until told or killed
"""


def start(path: Path, key: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", ISSUE, str(path), key, str(count)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_a_number_seen_is_a_number_kept(path: Path, key: str) -> None:
    for expected in ("C001", "C002", "C003"):
        with start(path, key, 1) as process:
            assert process.stdout is not None
            number = process.stdout.readline().strip()
            process.kill()
        assert number == expected
        with Database.open(path, key) as db:
            kept = [row["number"] for row in db.rows("SELECT number FROM ticket ORDER BY seq")]
            assert kept[-1] == number
            assert len(outbox.pending(db, 10)) == len(kept)


@pytest.mark.slow
def test_two_processes_share_one_series(
    db: Database, tickets: Tickets, path: Path, key: str
) -> None:
    writers = [start(path, key, 25) for _ in range(2)]
    mine = [tickets.issue("civil", None, "touch").number for _ in range(25)]
    theirs = [writer.communicate()[0].split() for writer in writers]
    numbers = sorted(mine + theirs[0] + theirs[1])
    assert numbers == [f"C{sequence:03d}" for sequence in range(1, 76)]
    assert len(outbox.pending(db, 200)) == 75
