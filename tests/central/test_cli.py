"""``central …`` as an administrator types it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from central.cli import main
from central.db.accounts import AuditRow
from central.db.engine import Database
from central.services.accounts import is_password, user_named
from central.services.citizens import with_number
from central.services.devices import device_of
from central.services.enrolment import enrol
from central.services.offices import all_offices
from central.settings import Settings
from tests.central.conftest import DeviceKey
from tests.central.people import NUMBER, enrolled, tell


@dataclass(frozen=True, slots=True)
class Result:
    status: int
    out: str
    err: str


Central = Callable[..., Result]


@pytest.fixture
def central(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Central:
    monkeypatch.setenv("CENTRAL_DATABASE", settings.database)
    monkeypatch.setenv("CENTRAL_KEY_FILE", str(settings.key_file))
    monkeypatch.setenv("CENTRAL_RELEASES", str(settings.releases))

    def run(*arguments: str) -> Result:
        monkeypatch.setattr("sys.argv", ["central", *arguments])
        with pytest.raises(SystemExit) as exit_:
            main()
        said = capsys.readouterr()
        code = exit_.value.code
        return Result(code if isinstance(code, int) else 0, said.out, said.err)

    return run


def is_a_sentence(result: Result, status: int = 1) -> bool:
    lines = result.err.strip().splitlines()
    return result.status == status and len(lines) == 2 and "Traceback" not in result.err


def test_software_of_the_office_from_birth_to_revocation(
    central: Central, database: Database
) -> None:
    added = central("device", "add", "Quầy")
    token = added.out.strip()
    assert (added.status, len(token)) == (0, 43)
    with database.reading() as session:
        device = device_of(session, token)
        assert device is not None
        assert (device.name, device.role) == ("Quầy", "office")
    assert central("device", "revoke", "Quầy").status == 0
    listed = central("device", "list").out
    assert listed.startswith("Quầy\toffice\trevoked")
    assert token not in listed


def test_a_kiosk_is_enrolled_by_the_token_printed(central: Central, database: Database) -> None:
    token = central("device", "enrol", "K1").out.strip()
    with database.writing() as session:
        asked = DeviceKey().asking(token)
        assert enrol(session, database.keys, asked, datetime.now(UTC)).name == "K1"
    assert central("device", "list").out == "K1\tkiosk\tactive\n"
    assert central("device", "revoke", "K1").status == 0
    assert is_a_sentence(central("device", "enrol", "K1"))


def test_office_settings_go_in_and_come_out(central: Central, tmp_path: Path) -> None:
    assert is_a_sentence(central("office", "show"))
    file = tmp_path / "office.toml"
    file.write_text(
        '[[fields]]\nid = "ho_tich"\nprefix = "A"\n'
        'name = { vi = "Hộ tịch" }\nexamples = { vi = "Khai sinh" }\n',
        encoding="utf-8",
    )
    assert central("office", "set", str(file)).status == 0
    shown = central("office", "show").out
    file.write_text(shown, encoding="utf-8")
    assert central("office", "set", str(file)).status == 0
    assert central("office", "show").out == shown
    file.write_text(shown.replace('"A"', '"a"'), encoding="utf-8")
    refused = central("office", "set", str(file))
    assert is_a_sentence(refused, 2)
    assert "fields[1].prefix" in refused.err
    assert central("office", "show").out == shown


def test_keys_and_secrets_are_changed(central: Central, kiosk: Any, database: Database) -> None:
    tell(kiosk, enrolled(1))
    keys = database.keys
    before = (keys.column_key, keys.secret("template"), keys.secret("number"))
    stream = _stream(kiosk)
    for command in (
        ("key", "rotate"),
        ("office", "rotate-secret", "template"),
        ("office", "rotate-secret", "number"),
        ("office", "restart-stream"),
    ):
        assert central(*command).status == 0, command
    after = (keys.column_key, keys.secret("template"), keys.secret("number"))
    assert not set(after) & set(before)
    assert _stream(kiosk) != stream
    with database.reading() as session:
        [citizen] = with_number(session, keys, NUMBER)
        assert (citizen.column_key, citizen.number_secret) == (keys.column_key, after[2].id)


def test_a_certificate_is_made(central: Central, tmp_path: Path) -> None:
    made = central("certificate", "create", "--host", "127.0.0.1", "--out", str(tmp_path / "tls"))
    assert made.status == 0
    assert f"--tls-certificate {tmp_path / 'tls' / 'server.pem'}" in made.out
    assert f"ca_file: {tmp_path / 'tls' / 'ca.pem'}" in made.out
    refused = central("certificate", "create", "--host", "máy chủ", "--out", str(tmp_path / "tls"))
    assert is_a_sentence(refused, 2)


def test_mistakes_are_sentences(
    central: Central, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    central("device", "add", "Q1")
    (tmp_path / "damaged.keys").write_text("{}")
    (tmp_path / "no.pem").write_text("no certificate")
    for status, arguments in (
        (1, ("device", "add", "Q1")),
        (1, ("device", "enrol", "Q1")),
        (1, ("device", "revoke", "Q2")),
        (1, ("device", "list", "--database", "sqlite:////proc/nowhere/central.db")),
        (1, ("device", "list", "--key-file", str(tmp_path / "damaged.keys"))),
        (2, ("serve", "--tls-key", str(tmp_path / "no.pem"))),
        (2, ("serve", "--tls-certificate", str(tmp_path / "no.pem"))),
        (2, ("serve", "--tls-certificate", str(tmp_path / "missing.pem"))),
        (2, ("office", "set", str(tmp_path / "missing.toml"))),
    ):
        assert is_a_sentence(central(*arguments), status), arguments
    monkeypatch.delenv("CENTRAL_KEY_FILE")
    assert is_a_sentence(central("device", "list", "--database", "sqlite://"))


def _stream(kiosk: Any) -> str:
    return kiosk.get("changes").json()["stream"]


def test_the_first_administrator(central: Central, database: Database) -> None:
    made = central("create-admin", "Lan", "--full-name", "Nguyễn Thị Lan")
    assert made.status == 0
    password = made.out.strip()
    assert password not in made.err
    assert is_a_sentence(central("create-admin", "lan"), 2)
    assert is_a_sentence(central("create-admin", "hoa hồng"), 2)
    with database.reading() as session:
        user = user_named(session, "lan")
        assert user is not None
        assert (user.full_name, user.role) == ("Nguyễn Thị Lan", "administrator")
        assert user.must_change
        assert is_password(user, password)


def test_an_administrator_who_cannot_get_in(central: Central, database: Database) -> None:
    old = central("create-admin", "lan").out.strip()
    with database.writing() as session:
        user = user_named(session, "lan")
        assert user is not None
        user.totp, user.disabled_at = b"lost", datetime(2026, 3, 2, tzinfo=UTC)
    new = central("create-admin", "lan", "--reset").out.strip()
    with database.reading() as session:
        user = user_named(session, "lan")
        assert user is not None
        assert (user.totp, user.disabled_at) == (None, None)
        assert is_password(user, new)
        assert not is_password(user, old)


def test_the_audit_log_is_checked(central: Central, database: Database) -> None:
    central("create-admin", "lan")
    intact = central("audit", "verify")
    assert intact.status == 0
    noted = intact.out.strip()
    assert re.fullmatch(r"1:[0-9a-f]{64}", noted)
    central("create-admin", "hoa")
    assert central("audit", "verify", "--since", noted).status == 0
    assert is_a_sentence(central("audit", "verify", "--since", "1:" + "0" * 64))
    assert is_a_sentence(central("audit", "verify", "--since", "x"), 2)
    with database.writing() as session:
        session.execute(text("UPDATE audit_head SET seal = 'x'"))
    broken = central("audit", "verify", "--json")
    assert broken.status == 1
    assert json.loads(broken.out)["broken"] == {"position": 3, "reason": "head"}


def test_offices_from_being_made_to_being_opened_again(
    central: Central, database: Database, tmp_path: Path
) -> None:
    assert central("office", "add", "Phường Bến Nghé").out == "2\n"
    assert central("office", "rename", "1", "Sở").status == 0
    assert central("office", "list").out == "1\tSở\topen\n2\tPhường Bến Nghé\topen\n"
    file = tmp_path / "office.toml"
    file.write_text(
        '[[fields]]\nid = "ho_tich"\nprefix = "A"\n'
        'name = { vi = "Hộ tịch" }\nexamples = { vi = "Khai sinh" }\n',
        encoding="utf-8",
    )
    for command in (
        ("create-admin", "hoa"),
        ("device", "enrol", "K1"),
        ("device", "add", "Q1"),
        ("office", "set", str(file)),
        ("office", "show"),
        ("simulate-day", "--day", "2026-03-02"),
    ):
        unclear = central(*command)
        assert unclear.status == 2, command
        assert "Traceback" not in unclear.err
        for said in ("Which office? --office:", "  1\tSở", "  2\tPhường Bến Nghé"):
            assert said in unclear.err, command
        assert "There is no office Bến" in central(*command, "--office", "Bến").err, command
    there = ("--office", "phường  bến nghé")
    password = central("create-admin", "hoa", *there).out.strip()
    token = central("device", "add", "Q1", *there).out.strip()
    assert central("device", "add", "Q1", "--office", "1").status == 0
    assert central("office", "set", str(file), *there).status == 0
    assert "ho_tich" in central("office", "show", *there).out
    assert is_a_sentence(central("office", "show", "--office", "Sở"))
    assert central("device", "list").out == "Q1\toffice\tactive\t1\nQ1\toffice\tactive\t2\n"
    with database.reading() as session:
        user, device = user_named(session, "hoa"), device_of(session, token)
        assert user is not None
        assert device is not None
        assert (user.office_id, device.office_id) == (2, 2)
        assert is_password(user, password)
    assert is_a_sentence(central("create-admin", "hoa", "--reset", "--office", "Sở"), 2)
    assert central("create-admin", "hoa", "--reset").status == 0, "whose she is, is known"
    assert central("office", "close", "Phường Bến Nghé").status == 0
    assert central("office", "list").out.splitlines()[1].startswith("2\tPhường Bến Nghé\tclosed ")
    assert is_a_sentence(central("device", "add", "Q2", "--office", "2"))
    assert central("device", "list", "--office", "2").out.startswith("Q1\toffice\tclosed 20")
    with database.reading() as session:
        assert device_of(session, token) is None
    assert central("office", "reopen", "2").status == 0
    with database.reading() as session:
        assert device_of(session, token)
        rows = session.execute(
            select(AuditRow.actor, AuditRow.action, AuditRow.subject, AuditRow.office_id).order_by(
                AuditRow.position
            )
        ).all()
    office = "command:office"
    assert [tuple(row) for row in rows] == [
        (office, "office.added", "office:2", 2),
        (office, "office.renamed", "office:1", 1),
        ("command:create-admin", "user.added", "user:1", 2),
        ("command:device", "device.invited", "device:Q1", 2),
        ("command:device", "device.invited", "device:Q1", 1),
        (office, "office.settings", "", 2),
        ("command:create-admin", "user.reset", "user:1", 2),
        (office, "office.closed", "office:2", 2),
        (office, "office.reopened", "office:2", 2),
    ]
    for arguments in (("add", "Sở"), ("add", " "), ("rename", "2", "SỞ"), ("close", "1")):
        assert is_a_sentence(central("office", *arguments), 2), arguments


def test_every_stream_or_one_begins_anew(central: Central, database: Database) -> None:
    central("office", "add", "Phường bên")

    def streams() -> list[UUID]:
        with database.reading() as session:
            return [office.stream for office in all_offices(session)]

    first = streams()
    assert central("office", "restart-stream", "--office", "2").status == 0
    second = streams()
    assert [old == new for old, new in zip(first, second, strict=True)] == [True, False]
    assert central("office", "restart-stream").status == 0
    assert not set(streams()) & set(second)
