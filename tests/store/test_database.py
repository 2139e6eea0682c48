"""Opening the encrypted file: right key, wrong key, damage, a full disk."""

from __future__ import annotations

import shutil
import sqlite3
from itertools import count
from pathlib import Path

import pytest

from kiosk.errors import KeyMismatch, StoreError
from kiosk.idcard.document import IdentityDocument
from kiosk.store.citizens import Citizens
from kiosk.store.database import Database
from kiosk.store.templates import Template
from kiosk.store.tickets import Tickets

WRONG = "00" * 32


def contents(folder: Path) -> dict[str, bytes]:
    """Every byte of the database and its log; the log's index (-shm) holds no data."""
    return {
        file.name: file.read_bytes()
        for file in sorted(folder.iterdir())
        if not file.name.endswith("-shm")
    }


def crashed_copy(path: Path, folder: Path) -> Path:
    """The files as a power cut would leave them now: the log not folded in."""
    folder.mkdir()
    for file in path.parent.glob("kiosk.db*"):
        shutil.copy(file, folder / file.name)
    return folder / path.name


def test_reopening_keeps_rows_and_migrates_nothing_twice(path: Path, key: str) -> None:
    for expected in (0, 1):
        with Database.open(path, key) as db:
            assert len(db.rows("SELECT * FROM field_status")) == expected
            db.execute("INSERT INTO field_status VALUES (?, 1, NULL)", (f"field{expected}",))


def test_settings_that_survive_a_pulled_plug(db: Database) -> None:
    assert db.rows("PRAGMA journal_mode")[0][0] == "wal"
    assert db.rows("PRAGMA synchronous")[0][0] == 2  # FULL
    assert db.rows("PRAGMA foreign_keys")[0][0] == 1


def test_only_the_owner_may_read_the_files(db: Database, path: Path) -> None:
    db.execute("INSERT INTO field_status VALUES ('civil', 1, NULL)")
    modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    assert modes == {"kiosk.db": 0o600, "kiosk.db-wal": 0o600, "kiosk.db-shm": 0o600}


def test_a_wrong_key_leaves_every_byte(path: Path, key: str) -> None:
    Database.open(path, key).close()
    before = contents(path.parent)
    with pytest.raises(KeyMismatch):
        Database.open(path, WRONG)
    after = contents(path.parent)
    assert {name: data for name, data in after.items() if data} == before


def test_a_wrong_key_leaves_the_log_of_a_crash(
    db: Database, tickets: Tickets, path: Path, key: str, tmp_path: Path
) -> None:
    number = tickets.issue("civil", None, "touch").number
    copy = crashed_copy(path, tmp_path / "after")
    before = contents(copy.parent)
    with pytest.raises(KeyMismatch):
        Database.open(copy, WRONG)
    assert contents(copy.parent) == before
    with Database.open(copy, key) as survivor:
        assert survivor.rows("SELECT number FROM ticket")[0][0] == number


def test_a_file_that_is_no_database_is_left_alone(path: Path, key: str) -> None:
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(KeyMismatch):
        Database.open(path, key)
    assert path.read_bytes() == b"not a database" * 1000


@pytest.mark.parametrize("page", [2, 5, 9])
def test_a_flipped_bit_is_found_on_opening(path: Path, key: str, page: int) -> None:
    Database.open(path, key).close()
    data = bytearray(path.read_bytes())
    data[(page - 1) * 4096 + 1234] ^= 1
    path.write_bytes(data)
    with pytest.raises(StoreError) as fault:
        Database.open(path, key)
    assert fault.value.key == "store_damaged"


def test_a_newer_release_is_not_undone(path: Path, key: str) -> None:
    with Database.open(path, key) as db:
        db.execute("PRAGMA user_version = 9999")
    with pytest.raises(StoreError) as fault:
        Database.open(path, key)
    assert fault.value.key == "store_newer"


def test_a_folder_that_cannot_be_used_is_a_sentence(tmp_path: Path, key: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError) as fault:
        Database.open(tmp_path / "file" / "kiosk.db", key)
    assert fault.value.key == "store_io"


def test_a_full_disk_uses_up_no_number(db: Database, tickets: Tickets) -> None:
    first = tickets.issue("civil", None, "touch")
    pages = db.rows("PRAGMA page_count")[0][0]
    db.rows(f"PRAGMA max_page_count = {pages}")
    issued = [first]
    with pytest.raises(StoreError) as fault:
        issued.extend(tickets.issue("civil", None, "touch") for _ in count())
    assert fault.value.key == "store_full"
    db.rows(f"PRAGMA max_page_count = {pages * 10}")
    issued.append(tickets.issue("civil", None, "touch"))
    assert [ticket.sequence for ticket in issued] == list(range(1, len(issued) + 1))
    assert len(db.rows("SELECT * FROM outbox")) == len(issued)


def test_a_writer_that_waits_too_long_is_told(db: Database, path: Path, key: str) -> None:
    with Database.open(path, key) as other:
        other.rows("PRAGMA busy_timeout = 0")
        with db.transaction(), pytest.raises(StoreError) as fault, other.transaction():
            pass
    assert fault.value.key == "store_busy"


def test_a_failed_transaction_leaves_nothing(db: Database) -> None:
    def spoil() -> None:
        with db.transaction():
            db.execute("INSERT INTO field_status VALUES ('civil', 1, NULL)")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        spoil()
    assert db.rows("SELECT * FROM field_status") == []


def readable_traces(folder: Path, secrets: list[bytes]) -> list[tuple[str, bytes]]:
    return [
        (file.name, secret)
        for file in folder.iterdir()
        for secret in secrets
        if secret in file.read_bytes()
    ]


def test_nothing_personal_can_be_read_off_the_disk(
    db: Database,
    citizens: Citizens,
    tickets: Tickets,
    document: IdentityDocument,
    template: Template,
    path: Path,
    key: str,
    tmp_path: Path,
) -> None:
    citizen = citizens.enrol(document, "2026-01", template)
    tickets.issue("civil", citizen, "hand")
    words = [document.number, document.name, document.address, document.date_of_birth, key]
    secrets = [word.encode() for word in words] + [template.vector, bytes.fromhex(key), b"SQLite"]
    assert path.with_name("kiosk.db-wal").stat().st_size > 0
    assert readable_traces(path.parent, secrets) == []
    db.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    assert readable_traces(path.parent, secrets) == []

    # The scan can fail: the same data in a plain database is found.
    plain = tmp_path / "plain"
    plain.mkdir()
    connection = sqlite3.connect(plain / "plain.db")
    connection.execute("CREATE TABLE t (a)")
    connection.execute("INSERT INTO t VALUES (?)", (document.name,))
    connection.commit()
    connection.close()
    assert readable_traces(plain, secrets)
