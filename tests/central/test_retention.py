"""What is kept too long goes, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from central.db.accounts import UserRole
from central.db.engine import Database
from central.db.models import FIRST_OFFICE, Citizen, Consent, Office, Tombstone
from central.db.requests import PrivacyRequest, RequestKind
from central.services import audit
from central.services.accounts import add_user
from central.services.requests import receive, refuse
from central.services.retention import Removed, Retention, enforce, keep
from tests.central.conftest import NOON, Api
from tests.central.people import citizen_id, enrolled, tell
from tests.central.test_requests import ZONE

DAY = timedelta(days=1)


@pytest.fixture
def kept(kiosk: Api, database: Database) -> Database:
    """One who came today, one who came 100 days ago and whose request was refused then; an audit
    row of then."""
    long_ago = NOON - 100 * DAY
    tell(kiosk, enrolled(1), enrolled(2, 2, at=long_ago, number="001190054321"))
    with database.writing() as session:
        by = add_user(
            session, FIRST_OFFICE, "lan", "Lan", UserRole.OFFICER, "hoa sen trong hồ", NOON
        )
        old = session.scalars(select(Citizen).where(Citizen.id == UUID(citizen_id(2)))).one()
        refuse(receive(session, old, RequestKind.ACCESS, by, long_ago, ZONE), by, long_ago, "x")
        audit.record(session, database.keys, long_ago, FIRST_OFFICE, "user:1", "citizen.seen")
    return database


@pytest.mark.parametrize(
    ("policy", "removed"),
    [
        (Retention(), Removed(0, 0, 0, 0)),
        (Retention(visitor_days=100), Removed(0, 0, 0, 0)),
        (Retention(visitor_days=99), Removed(1, 0, 0, 0)),
        (Retention(request_days=99), Removed(0, 0, 1, 0)),
        (Retention(access_log_days=99), Removed(0, 0, 0, 1)),
    ],
)
def test_each_has_its_time(policy: Retention, removed: Removed, kept: Database) -> None:
    with kept.writing() as session:
        keep(session.get_one(Office, FIRST_OFFICE), policy)
    assert enforce(kept, NOON) == removed
    assert enforce(kept, NOON) == Removed(0, 0, 0, 0)
    with kept.reading() as session:
        assert audit.verify(session, kept.keys)[1] is None


def test_kiosks_hear_of_it_and_the_proof_stays_its_own_time(kept: Database, kiosk: Api) -> None:
    with kept.writing() as session:
        keep(session.get_one(Office, FIRST_OFFICE), Retention(visitor_days=50, consent_days=30))
    assert enforce(kept, NOON) == Removed(1, 0, 0, 0)
    kinds = [change["body"]["kind"] for change in kiosk.get("changes").json()["items"]]
    assert sorted(kinds) == ["citizen_forgotten", "citizen_known"]
    assert enforce(kept, NOON + 31 * DAY) == Removed(0, 2, 0, 0)
    with kept.reading() as session:
        assert set(session.scalars(select(Consent.citizen))) == {UUID(citizen_id(1))}
        assert session.scalars(select(Tombstone.citizen)).all() == [UUID(citizen_id(2))]
        assert len(session.scalars(select(PrivacyRequest)).all()) == 1


@pytest.mark.parametrize("days", [0, -1, 100_000, "x", ""])
def test_odd_times_are_refused(days: object) -> None:
    with pytest.raises(ValidationError):
        Retention.model_validate({"visitor_days": days})
