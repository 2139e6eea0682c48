"""Real processes: one that is killed, two that write at once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.store import outbox
from kiosk.store.database import Database

ROOT = Path(__file__).parents[2]
ISSUE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from kiosk.clock import Reading
from kiosk.config import FieldOfBusiness, Office
from kiosk.store.database import Database
from kiosk.store.tickets import Tickets

path, key, count = sys.argv[1:]
word = {"vi": "chữ"}
office = Office(name=word, unit=word)
field = FieldOfBusiness(id="civil", prefix="C", name=word, examples=word)
db = Database.open(Path(path), key)
tickets = Tickets(db, office, [field], lambda: Reading(datetime(2026, 3, 2, 1, tzinfo=UTC)))
print("ready", flush=True)
sys.stdin.readline()
for _ in range(int(count)):
    print(tickets.issue("civil", None, "touch").number, flush=True)
sys.stdin.read()  # holds on, database open, until told or killed
"""


def start(path: Path, key: str, count: int) -> subprocess.Popen[str]:
    """A process that has the database open and issues tickets once a line is written to it."""
    process = subprocess.Popen(
        [sys.executable, "-c", ISSUE, str(path), key, str(count)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.slow
def test_a_number_seen_is_a_number_kept(path: Path, key: str) -> None:
    for expected in ("C001", "C002", "C003"):
        with start(path, key, 1) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write("\n")
            number = process.stdout.readline().strip()
            process.kill()
        assert number == expected
        with Database.open(path, key) as db:
            kept = [row["number"] for row in db.rows("SELECT number FROM ticket ORDER BY seq")]
            assert kept[-1] == number
            assert len(outbox.pending(db, 10)) == len(kept)


@pytest.mark.slow
def test_two_processes_share_one_series(db: Database, path: Path, key: str) -> None:
    writers = [start(path, key, 200) for _ in range(2)]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("\n")
    shares = [writer.communicate()[0].split() for writer in writers]
    assert [len(share) for share in shares] == [200, 200]
    assert sorted(shares[0] + shares[1]) == [f"C{sequence:03d}" for sequence in range(1, 401)]
    assert len(outbox.pending(db, 1000)) == 400
