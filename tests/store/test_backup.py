"""Copies of the database."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.errors import StoreError
from kiosk.store.backup import back_up
from kiosk.store.database import Database

KEY = "ab" * 32


def test_a_copy_opens_with_the_same_key_and_the_oldest_go(tmp_path: Path) -> None:
    with Database.open(tmp_path / "kiosk.db", KEY) as db:
        db.execute("CREATE TABLE mark (n INTEGER)")
        copies: list[Path] = []
        for number in range(4):
            db.execute("INSERT INTO mark VALUES (?)", (number,))
            copies.append(back_up(db, tmp_path / "backup", keep=2))
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
        back_up(db, tmp_path / "backup", keep=1)
