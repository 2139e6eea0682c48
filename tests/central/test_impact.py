"""The facts of an impact assessment: counted of what is there, of this office alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from central.db.accounts import UserRole
from central.db.engine import Database
from central.db.models import FIRST_OFFICE, Office, Role
from central.db.requests import RequestKind
from central.services import audit
from central.services.accounts import add_user
from central.services.citizens import citizen_of, erase
from central.services.impact import Requested, impact_of
from central.services.requests import receive
from tests.central.people import NOON, citizen_id, enrolled, tell


def test_what_is_kept_of_whom_and_for_how_long(kiosk: Any, call: Any, database: Database) -> None:
    child = enrolled(2, 2, number="001215000002")
    masked = {"name": "TRẦN T** M**", "birth": "19**"}
    for consent in child["body"]["consents"]:
        consent |= {"representative": {"number_index": "ab" * 32, "masked": masked}}
    tell(kiosk, enrolled(1), child, enrolled(3, 3, number="001190000003", template=None))
    call(Role.OFFICE)
    with database.writing() as session:
        erase(session, 1, UUID(citizen_id(3)), NOON, "asked")
        by = add_user(
            session, FIRST_OFFICE, "lan", "Lan", UserRole.OFFICER, "hoa sen trong hồ", NOON
        )
        citizen = citizen_of(session, UUID(citizen_id(1)))
        assert citizen is not None
        receive(session, citizen, RequestKind.ACCESS, by, NOON, ZoneInfo("Asia/Ho_Chi_Minh"))
    with database.reading() as session:
        facts = impact_of(session, session.get_one(Office, FIRST_OFFICE), NOON + timedelta(days=30))
    kept = facts.kept
    assert (kept["identity"], kept["template"], kept["consent"], kept["tombstone"]) == (2, 2, 6, 1)
    assert facts.consents == {"recognise": 2, "keep_identity": 2}
    assert (facts.children, facts.kiosks, facts.programs) == (1, 1, 1)
    assert facts.requests[0] == Requested(RequestKind.ACCESS, closed=0, open=1, late=1)
    assert (facts.users, facts.without_second_factor) == ({"officer": 1}, 1)
    assert (facts.days["identity"], facts.days["tombstone"]) == (180, None)


def test_only_what_is_the_offices_is_counted(
    kiosk: Any, database: Database, elsewhere: int
) -> None:
    tell(kiosk, enrolled(1))
    with database.writing() as session:
        for place, rows in ((FIRST_OFFICE, 2), (elsewhere, 1)):
            for _ in range(rows):
                audit.record(session, database.keys, NOON, place, "command:x", "x")
        facts = impact_of(session, session.get_one(Office, elsewhere), NOON)
    assert {name: count for name, count in facts.kept.items() if count} == {"audit": 1}
    assert (facts.consents, facts.kiosks) == ({}, 0)
