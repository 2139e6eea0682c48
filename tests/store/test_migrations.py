"""A database of an earlier release keeps what it holds."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kiosk.store import migrations
from kiosk.store.backup import KEPT, drop_outdated
from kiosk.store.database import Database, connect_to
from kiosk.store.tickets import Tickets

TICKETS = [  # day, sequence, as the first release wrote them; the clock was once set back
    ("2026-03-01", 1),
    ("2026-03-02", 1),
    ("2026-03-02", 2),
    ("2026-03-01", 2),
    ("2026-03-02", 3),
]


@pytest.fixture
def first_release(path: Path, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "migrations"
    folder.mkdir()
    name = "0001_first.sql"
    (folder / name).write_text((Path(migrations.__file__).parent / name).read_text())
    with monkeypatch.context() as earlier:
        earlier.setattr(migrations, "_FOLDER", folder)
        with Database.open(path, key) as db:
            for seq, (day, sequence) in enumerate(TICKETS, start=1):
                db.execute(
                    "INSERT INTO ticket (id, field, day, sequence, number, reference, way,"
                    " issued_at, seq, printing, print_reason)"
                    " VALUES (?, 'civil', ?, ?, ?, ?, 'hand', ?, ?, 'failed', 'paper_out')",
                    (
                        f"01900000-0000-7000-8000-00000000000{seq}",
                        day,
                        sequence,
                        f"C{sequence:03d}",
                        f"{seq:016d}",
                        f"{day}T02:00:00.000+00:00",
                        seq,
                    ),
                )
    return path


def test_every_ticket_stays_and_its_day_counts_on(
    first_release: Path, key: str, office: Any, fields: Any, clock: Any
) -> None:
    with Database.open(first_release, key) as db:
        rows = db.rows("SELECT * FROM ticket ORDER BY seq")
        assert [(row["day"], row["sequence"]) for row in rows] == TICKETS
        assert [row["series"] for row in rows] == [1, 2, 2, 1, 2]
        assert {(row["printing"], row["print_reason"]) for row in rows} == {("failed", "paper_out")}
        assert {(row["language"], row["priority"], row["certain"]) for row in rows} == {
            ("vi", "", 1)
        }
        clock.time = datetime(2026, 3, 2, 3, tzinfo=UTC)
        # The outbox of the first release went on counting where it was.
        db.execute("INSERT INTO sqlite_sequence VALUES ('outbox', 5)")
        tickets = Tickets(db, office, fields, clock.read)
        today = tickets.issue("civil", None, "touch")
        assert (today.number, today.day) == ("C004", date(2026, 3, 2))
        clock.advance(days=1)
        assert tickets.issue("civil", None, "touch").number == "C001"


def test_the_old_table_leaves_nothing_behind(first_release: Path, key: str) -> None:
    with Database.open(first_release, key) as db:
        names = {row["name"] for row in db.rows("SELECT name FROM sqlite_schema")}
        assert "ticket_new" not in names
        assert {"ticket_unfinished", "ticket_by_citizen", "reprint_due"} <= names
        [reference] = db.rows("SELECT * FROM pragma_foreign_key_list('ticket')")
        assert (reference["table"], reference["on_delete"]) == ("citizen", "SET NULL")
        assert db.rows("PRAGMA foreign_key_check") == []


def test_what_was_before_is_kept_readable_and_for_its_owner_only(
    first_release: Path, key: str
) -> None:
    Database.open(first_release, key).close()
    [copy] = first_release.parent.glob("kiosk.db.before-*")
    assert (copy.name, copy.stat().st_mode & 0o777) == (f"{first_release.name}.before-v1", 0o600)
    before = copy.read_bytes()
    with closing(connect_to(copy, key, "ro")) as kept:
        assert kept.execute("PRAGMA user_version").fetchone()[0] == 1
        assert len(kept.execute("SELECT id FROM ticket").fetchall()) == len(TICKETS)
    Database.open(first_release, key).close()
    assert copy.read_bytes() == before
    assert sorted(each.name for each in first_release.parent.glob("*before*")) == [copy.name]


def test_a_new_database_has_nothing_before_it(path: Path, key: str) -> None:
    Database.open(path, key).close()
    assert not list(path.parent.glob("*before*"))


@pytest.mark.parametrize(
    ("age", "stays"), [(KEPT - timedelta(seconds=1), True), (KEPT + timedelta(seconds=1), False)]
)
def test_what_was_before_is_removed_when_it_is_old(
    first_release: Path, key: str, age: timedelta, stays: bool
) -> None:
    Database.open(first_release, key).close()
    copy = first_release.with_name(f"{first_release.name}.before-v1")
    made = datetime.fromtimestamp(copy.stat().st_mtime, UTC)
    drop_outdated(first_release, made + age)
    assert copy.exists() is stays
