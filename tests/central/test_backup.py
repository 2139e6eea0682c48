"""Copies: nobody reads them without the passphrase, they come back whole or not at all, and
whoever was forgotten meanwhile stays forgotten."""

from __future__ import annotations

import io
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

import central.backup as backup
from central.backup import BackupError, back_up, check, restore
from central.cli import main
from central.db.engine import Database
from central.db.models import FIRST_OFFICE, Office
from central.services.citizens import citizen_of, identity_of
from central.settings import Settings
from tests.central.conftest import NOON
from tests.central.people import NAME, citizen_id, enrolled, erased, tell

PHRASE = "mười hai con giáp"
GONE, LIVING = UUID(citizen_id(1)), UUID(citizen_id(2))
BLOCK = backup._BLOCK


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup, "_COST", 2)


@pytest.fixture
def copy(kiosk: Any, settings: Settings, tmp_path: Path) -> Path:
    """Of two citizens; one of them is forgotten after it was made."""
    tell(kiosk, enrolled(1), enrolled(2, 2, number="001190000002"))
    path = tmp_path / "copies" / "central.backup"
    back_up(settings.database, settings.key_file, path, PHRASE, NOON)
    tell(kiosk, erased(3))
    return path


def test_who_was_forgotten_since_stays_forgotten(
    copy: Path,
    server: Any,
    settings: Settings,
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with database.reading() as session:
        stream = session.get_one(Office, FIRST_OFFICE).stream
    database.close()
    server.app.state.server.database.close()
    (tmp_path / "phrase").write_text(PHRASE + "\n")
    command = ["central", "restore", str(copy), "--passphrase-file", str(tmp_path / "phrase")]
    where = ["--database", settings.database, "--key-file", str(settings.key_file)]
    for more, status in (((), 1), (("--check",), 0), (("--replace",), 0)):
        monkeypatch.setattr("sys.argv", [*command, *where, *more])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == status, capsys.readouterr().err
    assert "1 who were forgotten stay forgotten" in capsys.readouterr().err
    restored = Database.open(settings.database, settings.key_file)
    with closing(restored), restored.reading() as session:
        assert citizen_of(session, GONE) is None
        living = citizen_of(session, LIVING)
        assert living is not None
        assert identity_of(restored.keys, living).name == NAME
        assert session.get_one(Office, FIRST_OFFICE).stream != stream


def test_on_a_new_machine(copy: Path, empty: Settings, tmp_path: Path) -> None:
    """Nothing is there but the copy and the passphrase."""
    keys = tmp_path / "elsewhere" / "central.keys"
    url = empty.database.replace("central.db", "elsewhere/central.db")
    restore(copy, url, keys, PHRASE)
    restored = Database.open(url, keys)
    with closing(restored), restored.reading() as session:
        living = citizen_of(session, LIVING)
        assert living is not None
        assert identity_of(restored.keys, living).name == NAME
    assert {file.stat().st_mode & 0o077 for file in keys.parent.iterdir()} == {0}


def test_nobody_reads_a_copy_without_the_passphrase(copy: Path) -> None:
    content = copy.read_bytes()
    for secret in (b"central.keys", b"columns", "NGUYỄN V**".encode(), b"CREATE TABLE"):
        assert secret not in content
    assert copy.stat().st_mode & 0o777 == 0o600
    with pytest.raises(BackupError, match="passphrase"):
        check(copy, PHRASE + "!")


def test_what_is_not_whole_changes_nothing(copy: Path, settings: Settings) -> None:
    whole, keys = copy.read_bytes(), settings.key_file
    assert keys is not None
    before = keys.read_bytes()
    middle = len(whole) // 2
    for damaged in (
        b"",
        whole[:20],
        whole[:-1],
        whole[:middle],
        whole + b"x",
        whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
    ):
        copy.write_bytes(damaged)
        with pytest.raises(BackupError):
            restore(copy, settings.database, keys, PHRASE, replace=True)
    assert keys.read_bytes() == before


@pytest.mark.parametrize("size", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK])
def test_every_length_comes_back_and_no_block_is_missed(size: int) -> None:
    plain, out = bytes(size), io.BytesIO()
    with closing(backup._Sealing(out, PHRASE)) as sealing:
        for start in range(0, size, 100_000):
            sealing.write(plain[start : start + 100_000])
    sealed = out.getvalue()
    assert backup._Opening(io.BytesIO(sealed), PHRASE).read() == plain
    head = len(backup._MAGIC) + backup._SALT
    block = BLOCK + backup._TAG
    if size > BLOCK:
        short = sealed[: head + block]
        swapped = sealed[:head] + sealed[head + block :] + sealed[head : head + block]
        for bad in (short, swapped):
            with pytest.raises(BackupError):
                backup._Opening(io.BytesIO(bad), PHRASE).read()
