"""A database of an earlier release: its people are sealed, whom it had forgotten is forgotten."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError, IntegrityError

import central.db.migrations
from central.db.accounts import AuditRow
from central.db.engine import Database
from central.db.keys import Keys
from central.db.models import (
    FIRST_OFFICE,
    Citizen,
    Device,
    Office,
    Role,
    StoredEvent,
    Ticket,
    Tombstone,
)
from central.services import audit
from central.services.changes import read_changes
from central.services.citizens import identity_of, with_number
from central.services.devices import add_device, device_of
from central.services.lifecycle import make
from central.settings import Settings
from tests.central.conftest import sqlite_only

MIGRATIONS = Path(central.db.migrations.__path__[0])
NOON = "2026-03-02 05:00:00.000000"
_DEVICES = "SELECT id, name, uid FROM device ORDER BY id"
_OLD_AUDIT = sa.table(
    "audit",
    sa.column("at", sa.DateTime(timezone=True)),
    sa.column("detail", sa.JSON),
    *(sa.column(name) for name in ("position", "actor", "action", "subject", "seal")),
)
LIVING, GONE = UUID(int=1), UUID(int=2)
PEOPLE = {LIVING: ("Nguyễn Văn Thử", "001190012345"), GONE: ("Trần Thị Quên", "001190054321")}


@pytest.fixture
def old(empty: Settings) -> Settings:
    """A database as release 0.1 left it: a kiosk, the desk, two citizens, one of them erased."""
    engine = sa.create_engine(empty.database)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes |= {"connection": connection, "keys": None}
        command.upgrade(config, "0004")
        _fill(connection)
    engine.dispose()
    return empty


def _fill(connection: sa.Connection) -> None:
    def insert(table: str, **row: object) -> None:
        columns, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
        connection.execute(sa.text(f"INSERT INTO {table} ({columns}) VALUES ({marks})"), row)  # noqa: S608

    for name, role, token in (("K1", "kiosk", "k" * 64), ("Q1", "office", _sha("q"))):
        counts = {"last_seq": 9, "duplicates": 0}
        insert("device", name=name, role=role, token_sha256=token, created_at=NOON, **counts)
    seq = 0

    def event(**body: object) -> None:
        nonlocal seq
        seq += 1
        insert(
            "event", id=UUID(int=100 + seq).hex, device_id=1, seq=seq, at=NOON, received_at=NOON,
            body=json.dumps(body),
        )  # fmt: skip

    for who, (name, number) in PEOPLE.items():
        identity = {"number": number, "name": name, "date_of_birth": "1990", "address": "Hà Nội"}
        insert("citizen", id=who.hex, source="qr", enrolled_at=NOON, **identity)
        event(kind="citizen_enrolled", citizen=str(who), identity=identity, consents=[])
        insert(
            "ticket", id=UUID(int=who.int + 50).hex, device_id=1, number="C001", sequence=1,
            reference=f"{who.int:016d}", field="civil", day="2026-03-02", citizen=who.hex,
            way="hand", issued_at=NOON,
        )  # fmt: skip
        event(kind="ticket_issued", citizen=str(who), number="C001")
    event(kind="citizen_erased", citizen=str(GONE), reason="asked")


def _sha(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def opened(old: Settings) -> Database:
    return Database.open(old.database, old.key_file)


@pytest.fixture
def migrated(old: Settings) -> Iterator[Database]:
    database = opened(old)
    yield database
    database.close()


def rows(database: Database, what: Any) -> list[Any]:
    with database.reading() as session:
        return list(session.scalars(select(what)))


def test_people_are_sealed_and_still_found(migrated: Database) -> None:
    with migrated.reading() as session:
        [citizen] = with_number(session, migrated.keys, "001190012345")
        assert citizen.id == LIVING
        identity = identity_of(migrated.keys, citizen)
        assert (identity.name, identity.address, identity.issued) == (
            "Nguyễn Văn Thử",
            "Hà Nội",
            None,
        )
        assert citizen.decade == "1990s"
        assert citizen.last_visit == datetime(2026, 3, 2, 5, tzinfo=UTC)


def test_who_was_forgotten_before_is_forgotten_now(migrated: Database) -> None:
    assert rows(migrated, Citizen.id) == [LIVING]
    assert rows(migrated, Tombstone.citizen) == [GONE]
    assert set(rows(migrated, Ticket.citizen)) == {LIVING, None}
    with migrated.reading() as session:
        office = session.get_one(Office, FIRST_OFFICE)
        items, cursor, more = read_changes(session, migrated.keys, office, None, 0)
    assert [item.body.kind for item in items] == ["citizen_forgotten"]
    assert (cursor, more) == (1, False)


def test_nothing_personal_is_kept_of_events(migrated: Database) -> None:
    with migrated.reading() as session:
        bodies = session.scalars(select(StoredEvent.body).order_by(StoredEvent.position)).all()
    assert [body["kind"] for body in bodies] == [
        "citizen_enrolled", "ticket_issued", "citizen_enrolled", "ticket_issued", "citizen_erased",
    ]  # fmt: skip
    assert all("identity" not in body for body in bodies)


@sqlite_only
@pytest.mark.usefixtures("migrated")
def test_nothing_personal_stays_readable_in_the_file(tmp_path: Path) -> None:
    written = b"".join(file.read_bytes() for file in tmp_path.glob("central.db*"))
    for name, number in PEOPLE.values():
        assert name.encode() not in written
        assert json.dumps(name).encode() not in written
        assert number.encode() not in written


def test_the_office_keeps_its_token_and_kiosks_enrol_anew(migrated: Database) -> None:
    with migrated.reading() as session:
        device = device_of(session, "q")
        assert device is not None
        assert device.name == "Q1"
        kiosk = session.scalars(select(Device).where(Device.name == "K1")).one()
        assert (kiosk.token_sha256, kiosk.public_key, kiosk.last_seq) == (None, None, 9)
        assert kiosk.uid != device.uid


def test_opening_again_changes_nothing(migrated: Database, old: Settings) -> None:
    before = rows(migrated, Office.stream)
    opened(old).close()
    assert rows(migrated, Office.stream) == before


def test_a_power_cut_half_way_leaves_the_old_database(
    old: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("alembic.op.drop_table", cut)
        with pytest.raises(KeyboardInterrupt):
            opened(old)
    database = opened(old)
    assert rows(database, Citizen.id) == [LIVING]
    database.close()


def test_devices_and_the_log_of_one_office_stay_as_they_were(old: Settings) -> None:
    """From the release before there could be several."""
    assert old.key_file is not None
    keys, day = Keys.create(old.key_file), datetime(2026, 3, 2, tzinfo=UTC)
    engine = sa.create_engine(old.database)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes |= {"connection": connection, "keys": keys}
        command.upgrade(config, "0015")
        devices = connection.execute(sa.text(_DEVICES)).all()
        seal = ""
        for position in (1, 2):  # as that release sealed them
            said = [seal, position, day.isoformat(), "user:1", "citizen.seen", "", {}]
            text = json.dumps(said, separators=(",", ":")).encode()
            seal = hmac.new(keys.derived("audit"), text, "sha256").hexdigest()
            row = {"position": position, "at": day, "actor": "user:1", "action": "citizen.seen"}
            row |= {"subject": "", "detail": {}, "seal": seal}
            connection.execute(_OLD_AUDIT.insert().values(row))
        connection.execute(sa.text("UPDATE audit_head SET position = 2, seal = :seal"),
                           {"seal": seal})  # fmt: skip
    engine.dispose()
    database = opened(old)
    with database.writing() as session:
        assert audit.verify(session, database.keys) == (2, None)
        audit.record(session, database.keys, day, FIRST_OFFICE, "user:1", "x")
        assert audit.verify(session, database.keys) == (3, None)
        read = session.scalars(select(AuditRow.position).where(audit.concerns(FIRST_OFFICE)))
        assert sorted(read) == [1, 2, 3]
        assert session.execute(sa.text(_DEVICES)).all() == devices
        other = make(session, "Phường bên").id
        add_device(session, other, "Q1", Role.OFFICE, day)
    with pytest.raises(IntegrityError), database.writing() as session:
        session.add(Device(uid=UUID(int=9), office_id=other, name="Q1", role=Role.OFFICE,
                           created_at=day))  # fmt: skip
    for statement in ("UPDATE audit SET actor = 'x'", "DELETE FROM audit"):
        with pytest.raises(DatabaseError, match="only added to"), database.writing() as session:
            session.execute(sa.text(statement))
    database.close()
