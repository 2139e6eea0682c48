"""The audit log: a row that was changed, removed, put in or cut off is found."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError

from central.db.accounts import AuditHead, AuditRow
from central.db.engine import Database
from central.db.models import FIRST_OFFICE
from central.services.audit import Broken, head_of, record, remove_before, verify
from tests.central.conftest import NOON

TRIGGERS = {
    "sqlite": ("DROP TRIGGER audit_is_not_changed", "DROP TRIGGER audit_is_not_shortened"),
    "postgresql": ("SET LOCAL session_replication_role = replica",),
}


@pytest.fixture
def filled(database: Database) -> Database:
    """Ten rows, a day apart."""
    for day in range(10):
        with database.writing() as session:
            at = NOON + timedelta(days=day)
            record(
                session,
                database.keys,
                at,
                FIRST_OFFICE,
                "user:1",
                "citizen.seen",
                f"citizen:{day}",
                found=1,
            )
    return database


def found(database: Database, anchor: tuple[int, str] | None = None) -> tuple[int, Broken | None]:
    with database.reading() as session:
        return verify(session, database.keys, anchor)


def tamper(database: Database, *statements: str) -> None:
    """As somebody who has the database, and nothing else."""
    with database.writing() as session:
        for statement in (*TRIGGERS[session.get_bind().dialect.name], *statements):
            session.execute(sa.text(statement))


def test_what_was_written_holds(filled: Database) -> None:
    assert found(filled) == (10, None)


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE audit SET actor = 'user:2' WHERE position = 4", Broken(4, "changed")),
        ("UPDATE audit SET subject = '' WHERE position = 10", Broken(10, "changed")),
        ("UPDATE audit SET detail = '{\"found\": 0}' WHERE position = 1", Broken(1, "changed")),
        ("UPDATE audit SET at = '2026-03-02 05:00:01+00:00' WHERE position = 1",
         Broken(1, "changed")),
        ("DELETE FROM audit WHERE position = 4", Broken(4, "missing")),
        ("DELETE FROM audit WHERE position <= 4", Broken(1, "missing")),
        ("DELETE FROM audit WHERE position > 7", Broken(8, "head")),
        ("DELETE FROM audit", Broken(1, "head")),
        ("UPDATE audit_head SET removed = 4", Broken(5, "changed")),
    ],
)  # fmt: skip
def test_tampering_is_found(filled: Database, statement: str, broken: Broken) -> None:
    if "'2026" in statement:  # SQLite keeps times as text, without a zone
        with filled.reading() as session:
            if session.get_bind().dialect.name == "sqlite":
                statement = statement.replace("+00:00", "")
    tamper(filled, statement)
    assert found(filled)[1] == broken


def test_swapping_two_rows_is_found(filled: Database) -> None:
    tamper(
        filled,
        "UPDATE audit SET position = 99 WHERE position = 3",
        "UPDATE audit SET position = 3 WHERE position = 4",
        "UPDATE audit SET position = 4 WHERE position = 99",
    )
    assert found(filled)[1] == Broken(3, "changed")


def test_an_end_that_was_cut_off_with_care_is_found_by_a_seal_noted_down(
    filled: Database,
) -> None:
    with filled.reading() as session:
        position, seal = head_of(session).split(":")
        seventh = session.scalars(select(AuditRow.seal).where(AuditRow.position == 7)).one()
    tamper(
        filled,
        "DELETE FROM audit WHERE position > 7",
        f"UPDATE audit_head SET position = 7, seal = '{seventh}'",  # noqa: S608
    )
    assert found(filled) == (7, None)
    assert found(filled, (int(position), seal))[1] == Broken(10, "anchor")


def test_a_row_of_another_s_key_is_found(filled: Database) -> None:
    with filled.writing() as session:
        head = session.get_one(AuditHead, 1)
        row = AuditRow(
            position=11, at=NOON, actor="x", action="x", subject="", detail={}, seal="0" * 64
        )
        session.add(row)
        head.position, head.seal = 11, "0" * 64
    assert found(filled)[1] == Broken(11, "changed")


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"])
def test_the_database_itself_refuses_to_change_a_row(filled: Database, statement: str) -> None:
    with pytest.raises(DatabaseError, match="only added to"), filled.writing() as session:
        session.execute(sa.text(statement))


def test_old_rows_go_and_the_rest_still_holds(filled: Database) -> None:
    for days, left in ((3, 8), (3, 8), (6, 6), (40, 3)):
        with filled.writing() as session:
            before = NOON + timedelta(days=days)
            remove_before(
                session, filled.keys, {FIRST_OFFICE: before}, NOON + timedelta(days=40), "command:x"
            )
        assert found(filled) == (left, None)


def test_removing_the_row_that_says_what_was_removed_is_found(filled: Database) -> None:
    with filled.writing() as session:
        before = {FIRST_OFFICE: NOON + timedelta(days=3)}
        remove_before(session, filled.keys, before, NOON, "command:x")
    tamper(filled, "UPDATE audit_head SET removed = 5", "DELETE FROM audit WHERE position <= 5")
    assert found(filled)[1] == Broken(6, "changed")


def test_each_seal_goes_to_the_log_too(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="central.services.audit")
    with database.writing() as session:
        row = record(
            session, database.keys, NOON, FIRST_OFFICE, "user:1", "citizen.seen", "citizen:1"
        )
        assert re.search(rf"audit 1 {row.seal}", caplog.text)


def test_a_row_about_a_device_with_a_long_name_is_written(database: Database) -> None:
    with database.writing() as session:
        subject = f"device:{'K' * 64}"
        record(session, database.keys, NOON, FIRST_OFFICE, "user:1", "device.invited", subject)
    assert found(database) == (1, None)
