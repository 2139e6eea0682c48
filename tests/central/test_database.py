"""Central's database: its history leads where the models are, and it keeps to itself."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from central.db.engine import Database
from central.db.models import FIRST_OFFICE, Base, Role
from central.db.queue import OfficeQueue
from central.services.devices import add_device, device_of, revoke_device
from central.services.offices import locked
from central.settings import Settings
from tests.central.conftest import postgresql_only, sqlite_only

NOON = datetime(2026, 3, 2, 5, tzinfo=UTC)


def test_the_migrations_build_the_models(database: Database) -> None:
    with database.reading() as session:
        context = MigrationContext.configure(session.connection())
        assert OfficeQueue.__tablename__ in Base.metadata.tables
        assert compare_metadata(context, Base.metadata) == []


def test_opening_again_changes_nothing(database: Database, settings: Settings) -> None:
    with database.writing() as session:
        token = add_device(session, FIRST_OFFICE, "K1", Role.KIOSK, NOON)
    again = Database.open(settings.database, settings.key_file)
    with again.reading() as session:
        device = device_of(session, token)
        assert device is not None
        assert device.created_at == NOON
    again.close()


@sqlite_only
def test_only_the_owner_may_read_the_files(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        add_device(session, FIRST_OFFICE, "K1", Role.KIOSK, NOON)
    modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
    assert set(modes.values()) == {0o600}


@sqlite_only
def test_settings_that_survive_a_pulled_plug(database: Database) -> None:
    with database.reading() as session:
        values = {
            name: session.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@sqlite_only
def test_a_token_is_not_kept(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        token = add_device(session, FIRST_OFFICE, "K1", Role.KIOSK, NOON)
    assert all(token.encode() not in file.read_bytes() for file in tmp_path.iterdir())


def test_names_are_unique_and_stay_so(database: Database) -> None:
    with database.writing() as session:
        add_device(session, FIRST_OFFICE, "K1", Role.KIOSK, NOON)
        revoke_device(session, FIRST_OFFICE, "K1", NOON)
    with pytest.raises(ValueError), database.writing() as session:
        add_device(session, FIRST_OFFICE, "K1", Role.OFFICE, NOON)
    with pytest.raises(LookupError), database.writing() as session:
        revoke_device(session, FIRST_OFFICE, "K2", NOON)


@pytest.mark.parametrize("first", ["reading", "looking", "writing", "noting", "marking"])
@pytest.mark.parametrize("second", ["reading", "writing"])
def test_a_thread_with_a_transaction_is_told_to_pass_it_on(
    database: Database, first: str, second: str
) -> None:
    """As many requests as there are connections, each with one and waiting for a second, would
    wait for each other alone."""
    with getattr(database, first)(), pytest.raises(RuntimeError, match="pass its session on"):  # noqa: SIM117
        with getattr(database, second)():
            pass
    with getattr(database, second)() as session:  # and goes on afterwards
        assert session.scalar(text("SELECT 1")) == 1


@postgresql_only
def test_only_what_need_not_last_asks_not_to_wait_for_the_disk(database: Database) -> None:
    """By who said so: tests run on a server that waits for no disk anyway."""

    def said_by(transaction: str) -> str | None:
        asked = text("SELECT source FROM pg_settings WHERE name = 'synchronous_commit'")
        with getattr(database, transaction)() as session:
            return session.scalar(asked)

    server = said_by("writing")
    assert server not in ("client", "session")
    kinds = ("noting", "marking", "writing")
    assert [said_by(each) for each in kinds] == ["session", "client", server]


def test_the_office_is_locked_before_any_savepoint(database: Database) -> None:
    with (
        database.writing() as session,
        session.begin_nested(),
        pytest.raises(RuntimeError, match="before the first savepoint"),
    ):
        locked(session, 1)


def test_a_fault_never_quotes_peoples_data(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(DBAPIError) as fault:  # noqa: SIM117
        with database.writing() as session:
            session.execute(text("INSERT INTO nowhere VALUES (:name)"), {"name": "Tên Riêng"})
    assert "Tên Riêng" not in str(fault.value) + caplog.text
