"""Breaches: whom each concerned, and that its file says so when they are long forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from central.db.accounts import UserRole
from central.db.breaches import Breach
from central.db.engine import Database
from central.db.models import FIRST_OFFICE, Device, Role
from central.services import audit
from central.services.accounts import add_user
from central.services.breaches import account_of, note_breach, report_by
from central.services.citizens import erase
from tests.central.people import NOON, citizen_id, enrolled, tell

LAN, HOA, GONE, LATE = (UUID(citizen_id(which)) for which in (1, 2, 3, 4))
DAY = timedelta(days=1)


@pytest.fixture
def people(kiosk: Any, call: Any, database: Database) -> None:
    """Two who live, one who is forgotten; one enrolled at another kiosk after it was all over."""
    card_only = {"consents": enrolled(2)["body"]["consents"][1:], "template": None}
    tell(kiosk, enrolled(1, at=NOON - 9 * DAY))
    tell(kiosk, enrolled(2, 2, NOON - 9 * DAY, "001190000002", **card_only))
    tell(kiosk, enrolled(3, 3, NOON - 9 * DAY, "001190000003"))
    tell(call(Role.KIOSK), enrolled(4, 4, NOON, "001190000004"))
    with database.writing() as session:
        erase(session, 1, GONE, NOON - 2 * DAY, "asked")
        add_user(session, FIRST_OFFICE, "lan", "Lan", UserRole.MANAGER, "hoa sen trong hồ", NOON)


def breach(scope: str, begun: datetime = NOON - 5 * DAY, ended: datetime = NOON - DAY) -> Breach:
    return Breach(
        office_id=1, discovered_at=NOON, begun_at=begun, ended_at=ended, scope=scope, what="?",
        measures="", noted_at=NOON, noted_by=1,
    )  # fmt: skip


def noted(database: Database, scope: str) -> dict[UUID, tuple[str, bool]]:
    with database.writing() as session:
        row = breach(scope)
        count = note_breach(session, row)
        number = row.id
    with database.reading() as session:
        account = account_of(session, 1, number)
        assert account is not None
        assert len(account.people) == count
        assert account_of(session, 2, number) is None  # of another office
        return {person.citizen: (person.data, person.erased) for person in account.people}


@pytest.mark.usefixtures("people")
def test_who_has_the_server_has_everybody_also_those_forgotten_since(database: Database) -> None:
    assert noted(database, "all") == {
        LAN: ("identity template", False),
        HOA: ("identity", False),
        GONE: ("identity template", True),
    }


@pytest.mark.usefixtures("people")
def test_who_has_a_kiosk_has_cards_read_there_and_masks_of_the_others(database: Database) -> None:
    with database.reading() as session:
        first, second = session.scalars(select(Device.id).order_by(Device.id))
    assert noted(database, f"device:{first}") == {
        LAN: ("identity masked template", False),
        HOA: ("identity masked", False),
        GONE: ("identity masked template", True),
    }
    assert noted(database, f"device:{second}")[LAN] == ("masked template", False)


@pytest.mark.usefixtures("people")
def test_who_had_a_password_had_whom_its_owner_looked_at(database: Database) -> None:
    with database.writing() as session:
        for when, who in ((3, LAN), (3, LAN), (0, HOA), (9, HOA)):
            at, subject = NOON - when * DAY, f"citizen:{who}"
            audit.record(
                session, database.keys, at, FIRST_OFFICE, "user:1", "citizen.seen", subject
            )
        audit.record(
            session, database.keys, NOON, FIRST_OFFICE, "user:2", "citizen.seen", f"citizen:{HOA}"
        )
    assert noted(database, "user:1") == {LAN: ("identity visits", False)}


@pytest.mark.usefixtures("people")
def test_the_file_stays_as_it_was_made(database: Database) -> None:
    before = noted(database, "all")
    with database.writing() as session:
        erase(session, 1, LAN, NOON, "asked")
    with database.reading() as session:
        account = account_of(session, 1, 1)
        assert account is not None
        assert {each.citizen: (each.data, each.erased) for each in account.people} == before
        assert account.by_kind == {"identity": 3, "masked": 0, "template": 2, "visits": 0}
        assert report_by(account.breach) == NOON + timedelta(hours=72)


@pytest.mark.parametrize("scope", ["device:99", "user:99", "user:x", "room:1", ""])
def test_what_is_not_of_the_office_was_not_breached(database: Database, scope: str) -> None:
    with pytest.raises((LookupError, ValueError)), database.writing() as session:
        note_breach(session, breach(scope))
