"""``kiosk store …`` and ``kiosk outbox …``, in this process: what is said, with which status."""

from __future__ import annotations

import json
import os
import pty
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from typer.testing import CliRunner, Result

from kiosk import config
from kiosk.commands import outbox as outbox_commands
from kiosk.commands import store as store_commands
from kiosk.errors import KioskError
from kiosk.idcard.synthetic import synthetic
from kiosk.store import outbox
from kiosk.store.clock import office_clock
from kiosk.store.database import Database
from kiosk.store.keys import key_for, load_key
from kiosk.store.records import Records
from kiosk.store.templates import Template

SHIPPED = Path(__file__).parents[2] / "config.toml"
PERSON = synthetic(7)

Run = Callable[..., Result]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> config.Settings:
    path = tmp_path / "config.toml"
    path.write_text(SHIPPED.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setenv("KIOSK_CONFIG", str(path))
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    return config.load(path)


@pytest.fixture
def citizen(settings: config.Settings) -> str:
    """A kiosk that was used: one citizen, one ticket, two events."""
    with opened(settings) as db:
        records = Records(db, settings, office_clock(db))
        template = Template(bytes(range(16)), "m", 0.9)
        known = records.citizens.enrol(PERSON, "2026-01", template)
        records.tickets.issue(settings.fields[0].id, known, "hand")
    return known


def opened(settings: config.Settings) -> Database:
    return Database.open(settings.store.path, key_for(settings.store))


def store(*arguments: object) -> Result:
    return CliRunner().invoke(store_commands.app, [str(each) for each in arguments])


def queue(*arguments: object) -> Result:
    return CliRunner().invoke(outbox_commands.app, [str(each) for each in arguments])


def said(result: Result) -> Any:
    """What a command told a machine; progress and words stay out of it."""
    return json.loads(result.stdout)


def refused(result: Result) -> str:
    assert isinstance(result.exception, KioskError), result.output
    return result.exception.key


# ── the database ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("citizen")
def test_a_whole_database(settings: config.Settings) -> None:
    result = store("check", "--json")
    assert result.exit_code == 0
    told = said(result)
    assert told.pop("megabytes") > 0
    assert told == {"faults": [], "recognition_held": False, "damaged_kept": []}
    assert "nguyên vẹn" in store("check").stdout
    assert settings.store.path.name in store("check").stdout


def test_there_is_none(settings: config.Settings) -> None:
    assert refused(store("check")) == "store_none"
    assert not settings.store.path.exists()


@pytest.mark.usefixtures("citizen")
def test_a_damaged_database(settings: config.Settings) -> None:
    path = settings.store.path
    content = bytearray(path.read_bytes())
    for page in range(2, len(content) // 4096):
        content[page * 4096 + 100] ^= 0xFF
    path.write_bytes(content)
    assert refused(store("check", "--json")) == "store_damaged"


@pytest.mark.usefixtures("citizen")
def test_a_damaged_one_that_is_kept_is_told_of(settings: config.Settings) -> None:
    kept = settings.store.path.with_name(f"{settings.store.path.name}.damaged-20260302-120000")
    kept.write_bytes(b"")
    result = store("check", "--json")
    assert (result.exit_code, said(result)["damaged_kept"]) == (1, [str(kept)])
    assert str(kept) in store("check").stdout


def test_a_copy_and_back(
    settings: config.Settings, citizen: str, tmp_path: Path, expected_warnings: list[str]
) -> None:
    expected_warnings.append("1 citizens erased earlier")
    copy = tmp_path / "copy"
    result = store("backup", copy, "--json")
    assert said(result) == {"file": str(copy), "bytes": copy.stat().st_size}
    assert copy.stat().st_mode & 0o777 == 0o600
    assert refused(store("backup", copy)) == "store_file_exists"
    with opened(settings) as db:
        Records(db, settings, office_clock(db)).citizens.erase(citizen)
    told = said(store("restore", copy, "--json"))
    assert told["restored"] == str(copy)
    assert Path(told["kept"]).exists()
    assert said(store("check", "--json"))["recognition_held"]
    assert "Chưa nhận mặt ai" in store("check").stdout
    with opened(settings) as db:
        assert db.rows("SELECT id FROM citizen") == []  # erased since, and not brought back


@pytest.mark.slow
@pytest.mark.usefixtures("citizen")
def test_somebody_who_waits_sees_how_far_it_is(tmp_path: Path) -> None:
    screen, terminal = pty.openpty()
    kiosk = Path(sys.executable).with_name("kiosk")
    done = subprocess.run(
        [kiosk, "store", "backup", tmp_path / "copy", "--json"],
        stdout=subprocess.PIPE,
        stderr=terminal,
        check=True,
    )
    assert json.loads(done.stdout)["bytes"] > 0
    shown = os.read(screen, 1 << 16).decode()
    os.close(screen)
    os.close(terminal)
    assert "sao lưu · copying" in shown
    assert "100%" in shown


@pytest.mark.usefixtures("citizen")
def test_what_cannot_be_put_back(settings: config.Settings, tmp_path: Path) -> None:
    assert refused(store("restore", tmp_path / "none")) == "store_no_backup"
    plain = tmp_path / "plain"
    sqlite3.connect(plain).execute("CREATE TABLE t (a)").connection.close()
    assert refused(store("restore", plain)) == "store_key_mismatch"
    store("backup", tmp_path / "copy")
    with opened(settings) as db:
        assert db.rows("SELECT 1 FROM citizen")
        assert refused(store("restore", tmp_path / "copy")) == "store_in_use"


@pytest.mark.usefixtures("citizen")
def test_another_key(settings: config.Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    before = load_key(settings.store.key_file)
    told = said(store("rotate-key", "--json"))
    assert told == {"key_file": str(settings.store.key_file), "sealed_anew": 1}
    assert load_key(settings.store.key_file) != before
    assert "Khóa mới" in store("rotate-key").stdout
    with opened(settings) as db:
        assert refused(store("rotate-key")) == "store_in_use"
        assert db.faults() == []
    credentials = settings.store.path.parent
    (credentials / "kiosk-key").write_text(load_key(settings.store.key_file))
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    assert refused(store("rotate-key")) == "store_key_credential"


# ── the queue ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("citizen")
def test_the_queue(settings: config.Settings) -> None:
    result = queue("status", "--json")
    told = said(result)
    assert result.exit_code == 0
    assert told["waiting"] == {"citizen_enrolled": 1, "ticket_issued": 1}
    assert told["parked"] == []
    assert told["oldest_at"].endswith("+00:00")
    with opened(settings) as db:
        outbox.park(db, UUID(db.rows("SELECT id FROM outbox ORDER BY seq")[0]["id"]), "too odd")
    result = queue("status", "--json")
    [parked] = said(result)["parked"]
    assert (result.exit_code, parked["kind"]) == (1, "citizen_enrolled")
    assert parked["reason"] == "too odd"
    words = queue("status").stdout
    assert "Để riêng" in words
    assert PERSON.name not in words
    assert said(queue("retry", "--json")) == {"retried": 1}
    assert "0" in queue("retry").stdout
    assert queue("status").exit_code == 0


@pytest.mark.usefixtures("citizen")
def test_the_queue_in_a_file(tmp_path: Path) -> None:
    plain, personal = tmp_path / "plain", tmp_path / "personal"
    told = said(queue("export", plain, "--json"))
    assert told == {"exported": 2, "file": str(plain), "personal": False}
    assert refused(queue("export", plain)) == "store_file_exists"
    first, second = map(json.loads, plain.read_text(encoding="utf-8").splitlines())
    assert first["left_out"] == ["consents", "identity", "masked", "template"]
    assert first["body"].keys() == {"kind", "citizen", "evidence"}
    assert second["body"]["number"]
    for trace in (PERSON.name, PERSON.number, PERSON.masked_name):
        assert trace not in plain.read_text(encoding="utf-8")
    assert "hãy xóa" in queue("export", personal, "--personal").stdout
    assert personal.stat().st_mode & 0o777 == 0o600
    assert PERSON.name in personal.read_text(encoding="utf-8")
