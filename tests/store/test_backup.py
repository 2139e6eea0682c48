"""Copies of the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.clock import Reading
from kiosk.config import PrivacySettings
from kiosk.errors import StoreError
from kiosk.idcard.document import IdentityDocument
from kiosk.store import tombstones
from kiosk.store.backup import back_up, copy_to, restore
from kiosk.store.citizens import Citizens
from kiosk.store.database import Database
from kiosk.store.templates import Template

KEY = "ab" * 32
NOW = datetime(2026, 3, 2, 5, tzinfo=UTC)


def citizens_of(db: Database) -> Citizens:
    return Citizens(db, PrivacySettings(), lambda: Reading(NOW))


def test_a_copy_opens_with_the_same_key_and_the_oldest_go(tmp_path: Path) -> None:
    with Database.open(tmp_path / "kiosk.db", KEY) as db:
        db.execute("CREATE TABLE mark (n INTEGER)")
        copies: list[Path] = []
        for number in range(4):
            db.execute("INSERT INTO mark VALUES (?)", (number,))
            copies.append(back_up(db, KEY, tmp_path / "backup", keep=2))
    assert sorted((tmp_path / "backup").iterdir()) == sorted(copies)[-2:]
    newest = max(copies)
    assert newest.stat().st_mode & 0o777 == 0o600
    with Database.open(newest, KEY) as copy:
        assert copy.rows("SELECT count(*) AS n FROM mark")[0]["n"] == 4


def test_no_folder_to_write_to(tmp_path: Path) -> None:
    (tmp_path / "backup").write_text("a file")
    with (
        Database.open(tmp_path / "kiosk.db", KEY) as db,
        pytest.raises(StoreError),
    ):
        back_up(db, KEY, tmp_path / "backup", keep=1)


def test_a_copy_put_back_brings_nobody_back(
    tmp_path: Path,
    document: IdentityDocument,
    template: Template,
    expected_warnings: list[str],
) -> None:
    expected_warnings.append("erased earlier")
    path, copy = tmp_path / "kiosk.db", tmp_path / "copy"
    with Database.open(path, KEY) as db:
        erased = citizens_of(db).enrol(document, "2026-01", template)
        other = replace(document, number="001190054321")
        stays = citizens_of(db).enrol(other, "2026-01", template)
        copy_to(db, KEY, copy)
        citizens_of(db).erase(erased)
        db.execute("CREATE TABLE written_since (n INTEGER)")
    kept = restore(copy, path, KEY, NOW)
    assert kept is not None
    with Database.open(path, KEY) as db:
        assert [row["id"] for row in db.rows("SELECT id FROM citizen")] == [stays]
        assert citizens_of(db).gallery("test-model")[0] == []  # until central has told of its own
        tombstones.server_heard(db)
        assert citizens_of(db).gallery("test-model")[0] == [stays]
    with Database.open(kept, KEY) as db:
        assert db.rows("SELECT * FROM written_since") == []


def test_a_copy_holds_the_offices_secrets(
    tmp_path: Path, document: IdentityDocument, template: Template
) -> None:
    path, copy = tmp_path / "kiosk.db", tmp_path / "copy"
    with Database.open(path, KEY) as db:
        citizen = citizens_of(db).enrol(document, "2026-01", template)
        copy_to(db, KEY, copy)
    new = tmp_path / "new card" / "kiosk.db"
    assert restore(copy, new, KEY, NOW) is None
    with Database.open(new, KEY) as db:
        tombstones.server_heard(db)
        assert citizens_of(db).gallery("test-model")[0] == [citizen]


def test_nothing_is_put_back_under_a_running_kiosk(tmp_path: Path) -> None:
    path, copy = tmp_path / "kiosk.db", tmp_path / "copy"
    with Database.open(path, KEY) as db:
        copy_to(db, KEY, copy)
        db.execute("CREATE TABLE written_since (n INTEGER)")
        with pytest.raises(StoreError) as fault:
            restore(copy, path, KEY, NOW)
        assert fault.value.key == "store_in_use"
        assert db.rows("SELECT * FROM written_since") == []
        with pytest.raises(StoreError) as fault:
            copy_to(db, KEY, copy)
        assert fault.value.key == "store_file_exists"


@pytest.mark.parametrize("content", [b"", b"no database at all" * 400])
def test_what_is_no_copy_is_not_put_back(tmp_path: Path, content: bytes) -> None:
    path, copy = tmp_path / "kiosk.db", tmp_path / "copy"
    with Database.open(path, KEY) as db:
        db.execute("CREATE TABLE mark (n INTEGER)")
    copy.write_bytes(content)
    for file in (copy, tmp_path / "missing"):
        with pytest.raises(StoreError):
            restore(file, path, KEY, NOW)
    with Database.open(path, KEY) as db:
        assert db.rows("SELECT * FROM mark") == []


def test_a_damaged_database_is_kept_beside_what_takes_its_place(tmp_path: Path) -> None:
    path, copy = tmp_path / "kiosk.db", tmp_path / "copy"
    with Database.open(path, KEY) as db:
        db.execute("CREATE TABLE mark (n INTEGER)")
        copy_to(db, KEY, copy)
    damaged = path.read_bytes()[:8192] + bytes(4096) + path.read_bytes()[12288:]
    path.write_bytes(damaged)
    kept = restore(copy, path, KEY, NOW)
    assert kept is not None
    assert kept.read_bytes()[4096:] == damaged[4096:]
    with Database.open(path, KEY) as db:
        assert db.rows("SELECT * FROM mark") == []
