"""Requests under the law: deadlines, and what carrying one out leaves behind."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from central.db.accounts import User, UserRole
from central.db.engine import Database
from central.db.models import FIRST_OFFICE, Citizen, Consent, FaceTemplate, Tombstone
from central.db.requests import PrivacyRequest, RequestKind
from central.services.accounts import add_user
from central.services.people import by_name, by_number, folded
from central.services.requests import (
    DAYS,
    RequestFault,
    answer,
    carry_out,
    receive,
    refuse,
    working_days_after,
)
from tests.central.conftest import NOON, Api
from tests.central.people import citizen_id, enrolled, event, tell, template

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
WHO = UUID(citizen_id(1))


def asked(database: Database, kind: RequestKind, at: datetime = NOON) -> int:
    with database.writing() as session:
        by = add_user(
            session, FIRST_OFFICE, "lan", "Lan", UserRole.OFFICER, "hoa sen trong hồ", NOON
        )
        citizen = session.scalars(select(Citizen).where(Citizen.id == WHO)).one()
        return receive(session, citizen, kind, by, at, ZONE).id


def done(database: Database, number: int) -> None:
    with database.writing() as session:
        request = session.get_one(PrivacyRequest, number)
        carry_out(session, database.keys, request, session.scalars(select(User)).one(), NOON)


@pytest.mark.parametrize(("kind", "days"), DAYS.items())
def test_deadlines(kind: RequestKind, days: int, kiosk: Api, database: Database) -> None:
    tell(kiosk, enrolled(1))
    friday_night = datetime(2026, 3, 6, 16, 30, tzinfo=UTC)  # 23:30 in Hanoi
    number = asked(database, kind, friday_night)
    with database.reading() as session:
        request = session.get_one(PrivacyRequest, number)
        assert request.answer_by.astimezone(ZONE).date() == date(2026, 3, 10)  # Tuesday
        due = request.due_at.astimezone(ZONE)
        assert due.date() == date(2026, 3, 6) + timedelta(days=days)
        assert (due.hour, due.minute) == (23, 59)


@given(st.dates(date(2026, 1, 1), date(2030, 1, 1)), st.integers(1, 9), st.sets(st.dates()))
def test_working_days(day: date, count: int, holidays: set[date]) -> None:
    end = working_days_after(day, count, holidays)
    between = [day + timedelta(days=past) for past in range(1, (end - day).days + 1)]
    assert sum(each.weekday() < 5 and each not in holidays for each in between) == count
    assert end.weekday() < 5
    assert end not in holidays


def test_one_of_a_kind_at_a_time(kiosk: Api, database: Database) -> None:
    tell(kiosk, enrolled(1))
    number = asked(database, RequestKind.ACCESS)
    with database.writing() as session:
        citizen, by = session.scalars(select(Citizen)).one(), session.scalars(select(User)).one()
        with pytest.raises(RequestFault, match="open"):
            receive(session, citizen, RequestKind.ACCESS, by, NOON, ZONE)
        request = session.get_one(PrivacyRequest, number)
        with pytest.raises(RequestFault, match="no_reason"):
            refuse(request, by, NOON, "  ")
        refuse(request, by, NOON, "không đúng người")
        for again in (answer, lambda request, now: refuse(request, by, now, "x")):
            with pytest.raises(RequestFault, match="closed"):
                again(request, NOON)
        receive(session, citizen, RequestKind.ACCESS, by, NOON, ZONE)


def test_a_withdrawal_ends_recognition_everywhere_and_for_good(
    kiosk: Api, database: Database
) -> None:
    tell(kiosk, enrolled(1))
    done(database, asked(database, RequestKind.WITHDRAWAL))
    [known] = kiosk.get("changes").json()["items"]
    assert known["body"]["template"] is None
    assert [each["purpose"] for each in known["body"]["consents"]] == ["keep_identity"]
    # What a kiosk had sent before it heard of it comes too late.
    tell(kiosk, event(2, "template_issued", citizen=str(WHO), template=template("6b" * 8)))
    tell(kiosk, enrolled(1) | {"id": str(UUID(int=3)), "seq": 3})
    with database.reading() as session:
        assert session.get(FaceTemplate, WHO) is None
        withdrawn = {each.purpose: each.withdrawn_at for each in session.scalars(select(Consent))}
    assert withdrawn == {"recognise": NOON, "keep_identity": None}


def test_agreeing_again_after_a_withdrawal_counts(kiosk: Api, database: Database) -> None:
    tell(kiosk, enrolled(1))
    done(database, asked(database, RequestKind.WITHDRAWAL))
    tell(kiosk, enrolled(2, at=NOON + timedelta(days=1)))
    with database.reading() as session:
        assert session.get(FaceTemplate, WHO) is not None


def test_a_deletion_leaves_the_proof_and_a_tombstone(kiosk: Api, database: Database) -> None:
    tell(kiosk, enrolled(1))
    number = asked(database, RequestKind.DELETION)
    done(database, number)
    with database.reading() as session:
        assert session.scalars(select(Citizen)).all() == []
        assert session.get(Tombstone, WHO) is not None
        assert len(session.scalars(select(Consent)).all()) == 2
        assert session.get_one(PrivacyRequest, number).outcome == "done"


def test_who_was_forgotten_meanwhile_cannot_be_corrected(kiosk: Api, database: Database) -> None:
    tell(kiosk, enrolled(1))
    number = asked(database, RequestKind.CORRECTION)
    tell(kiosk, event(2, "citizen_erased", citizen=str(WHO), reason="asked"))
    with pytest.raises(RequestFault, match="gone"):
        done(database, number)


@pytest.mark.parametrize(
    ("sought", "count"),
    [
        ("Nguyễn Văn Thử", 2), ("nguyen van thu", 2), ("NGUYỄN  VĂN", 2), ("van thu", 2),
        ("thu", 2), ("nguyen", 2), ("Trần Thị Đào", 1), ("dao", 1), ("nguyen thu", 0),
        ("thuy", 0), ("th", 0), ("n", 0), ("", 0), ("%", 0), ("nguyen van thu hai", 0),
    ],
)  # fmt: skip
def test_search_by_name(sought: str, count: int, kiosk: Api, database: Database) -> None:
    identity = enrolled(1)["body"]["identity"]
    other = identity | {"number": "001190054321", "name": "Trần Thị Đào"}
    no_mask = identity | {"number": "001190000001"}
    tell(
        kiosk,
        enrolled(1),
        enrolled(2, 2, identity=other, masked={"name": "TRẦN T** Đ**", "birth": "19**"}),
        enrolled(3, 3, identity=no_mask, masked=None),
    )
    with database.reading() as session:
        people, more = by_name(session, database.keys, 1, sought)
        assert (len(people), more) == (count, False)
        assert by_name(session, database.keys, 2, sought) == ([], False)
        assert len(by_number(session, database.keys, 1, "001190054321")) == 1
        assert by_number(session, database.keys, 2, "001190054321") == []


@given(st.text(max_size=20))
def test_folding_is_stable(name: str) -> None:
    assert folded(folded(name)) == folded(name)
