"""Two offices in one database: what one has, the other neither sees nor touches."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import requests
from sqlalchemy import select

from central.db.accounts import User, UserRole
from central.db.breaches import Breach
from central.db.engine import Database
from central.db.models import Citizen, DuplicatePair, FaceTemplate, Office, Role, Ticket
from central.db.requests import RequestKind
from central.services import serving
from central.services.accounts import add_user
from central.services.breaches import note_breach
from central.services.changes import read_changes
from central.services.citizens import citizen_of
from central.services.devices import add_device
from central.services.requests import receive
from central.services.signing_in import begin_anew
from tests.central.conftest import NOON, Api, DeviceKey, Listening, sqlite_only
from tests.central.people import NAME, NUMBER, citizen_id, enrolled, erased, event, tell, template
from tests.central.queueing import TODAY, Hall, desk
from tests.central.web.conftest import PASSWORD
from tests.central.web.test_roles import ROUTES, csrf_of, expected
from tests.central.web.visiting import Visitor
from wire import MaskedPerson

OTHER = 2


@pytest.fixture
def work(kiosk: Api, issued: Callable[..., dict[str, Any]]) -> None:
    """The first office at work."""
    pair = event(4, "possible_duplicate", first=citizen_id(1), second=citizen_id(2))
    visit = event(5, "visit_ended", visit=str(UUID(int=5)), outcome="ticket", recognised=True)
    tell(kiosk, enrolled(1), enrolled(2, 2, number="001190000002"),
         issued(3, citizen=citizen_id(1)), pair, visit)  # fmt: skip


@pytest.mark.usefixtures("work", "elsewhere")
def test_an_offices_software_reads_its_own_office(
    desk: Api, server: Listening, database: Database, http: requests.Session
) -> None:
    with database.writing() as session:
        token = add_device(session, OTHER, "Q2", Role.OFFICE, NOON)
    theirs = Api(http, server.url, lambda: token)
    for path in ("tickets", "citizens", "duplicates", "visits", "events"):
        assert desk.items(path), path
        assert theirs.items(path) == [], path
    assert desk.get("citizens", number=NUMBER).json()["items"]
    assert theirs.get("citizens", number=NUMBER).json()["items"] == []
    assert set(theirs.get("stats").json().values()) == {0}
    [ticket] = desk.items("tickets")
    assert theirs.post(f"tickets/{ticket['id']}/reprint").status_code == 404
    assert theirs.post("fields/civil/next").status_code == 204
    assert theirs.call("DELETE", f"citizens/{citizen_id(1)}").status_code == 204
    assert desk.get("citizens", number=NUMBER).json()["items"]


@pytest.mark.usefixtures("work", "elsewhere")
def test_a_kiosk_has_no_say_over_another_offices_citizens(
    server: Listening,
    database: Database,
    http: requests.Session,
    issued: Callable[..., dict[str, Any]],
) -> None:
    key = DeviceKey()
    key.enrol(database, "K2", OTHER)
    theirs = Api(http, server.url, key.sign)
    other = enrolled(11, 3, number=NUMBER)  # one number, known to both
    tell(
        theirs,
        erased(12),
        enrolled(13, masked={"name": "KẺ K**", "birth": "20**"}, number="001190000009"),
        event(14, "template_issued", citizen=citizen_id(1), template=template(value=0.1)),
        event(15, "possible_duplicate", first=citizen_id(1), second=citizen_id(3)),
        issued(16, citizen=citizen_id(1), match="card"),
        other,
    )
    with database.reading() as session:
        mine = citizen_of(session, UUID(citizen_id(1)))
        assert mine is not None
        assert (mine.office_id, mine.masked_name) == (1, "NGUYỄN V** T**")
        face = session.get(FaceTemplate, mine.id)
        assert face is not None
        assert face.vector != template(value=0.1)["vector"]
        pairs = session.scalars(select(DuplicatePair.second)).all()
        assert pairs == [UUID(citizen_id(2))]
        stranger = session.scalars(select(Ticket).where(Ticket.office_id == OTHER)).one()
        assert (stranger.citizen, stranger.match) == (None, "")
        there = session.scalars(select(Citizen.id).where(Citizen.office_id == OTHER)).all()
        assert there == [UUID(citizen_id(3))]
        office = session.get_one(Office, OTHER)
        items, *_ = read_changes(session, database.keys, office, None, 0)
        told = {getattr(item.body, "citizen", None) for item in items}
        assert told == {UUID(citizen_id(3))}


@pytest.mark.usefixtures("work", "elsewhere")
def test_what_is_another_offices_is_not_there(
    server: Listening,
    database: Database,
    user: Callable[..., int],
    signed_in: Callable[..., str],
) -> None:
    roles = (UserRole.OFFICER, UserRole.MANAGER, UserRole.ADMINISTRATOR)
    here = {role: user(role) for role in roles}
    tokens = {role: signed_in(role, f"{role}2", OTHER) for role in roles}
    with database.writing() as session:
        citizen = citizen_of(session, UUID(citizen_id(1)))
        assert citizen is not None
        by = session.get_one(User, here[UserRole.OFFICER])
        zone = ZoneInfo("Asia/Ho_Chi_Minh")
        request = receive(session, citizen, RequestKind.ACCESS, by, NOON, zone).id
        breach = Breach(office_id=1, discovered_at=NOON, begun_at=NOON, ended_at=NOON, scope="all",
                        what="?", measures="", noted_at=NOON,
                        noted_by=here[UserRole.ADMINISTRATOR])  # fmt: skip
        note_breach(session, breach)
        number = breach.id
    hidden = {
        UserRole.MANAGER: [f"/citizens/{citizen_id(1)}", f"/requests/{request}"],
        UserRole.ADMINISTRATOR: [
            *(f"/users/{each}" for each in here.values()),
            "/devices/1", f"/law/breaches/{number}", f"/law/breaches/{number}/file.csv",
        ],
    }  # fmt: skip
    for role, paths in hidden.items():
        for path in paths:
            assert Visitor(server.url, tokens[role]).get(path).status_code == 404, path


MARKS = {
    1: ("Phường Một", NAME, NUMBER, "Ki-ốt sảnh", citizen_id(1), "Lan Một"),
    OTHER: ("Phường Hai", "Trần Thị Mẫu", "001190000007", "Ki-ốt cửa", citizen_id(7), "Lan Hai"),
}
"""What only one of the two offices has: its name; a citizen's name and number; a kiosk; the
citizen's id; an officer."""


def day_at(database: Database, http: requests.Session, url: str, office: int) -> None:
    """A day of work: a citizen who asked for something and was called, others who wait."""
    name, who, number, kiosk, citizen, officer = MARKS[office]
    hall, key = Hall(database, office=office), DeviceKey()
    key.enrol(database, kiosk, office)
    masked = MaskedPerson.of(who, "1990-05-17").model_dump()
    told = enrolled(office, number=number, citizen=citizen, masked=masked)
    told["body"]["identity"]["name"] = who
    tell(Api(http, url, key.sign), told)
    ticket = hall.ticket("civil", citizen=UUID(citizen))
    hall.ticket("land", at=1)
    with database.writing() as session:
        session.get_one(Office, office).name = name
        user = add_user(session, office, f"lan{office}", officer, UserRole.OFFICER, PASSWORD, NOON)
        user.must_change = False
        by, session_token = user.id, begin_anew(session, user, NOON)
    hall.officer(by, hall.counter("1"))
    with database.writing() as session:
        mine = desk(session, by)
        called = serving.call_next(session, mine, TODAY, NOON)
        assert called is not None
        assert called.id == ticket
        found = citizen_of(session, UUID(citizen))
        assert found is not None
        zone = ZoneInfo("Asia/Ho_Chi_Minh")
        receive(session, found, RequestKind.ACCESS, session.get_one(User, by), NOON, zone)
    Visitor(url, session_token).get(f"/citizens/{citizen}")


@pytest.mark.slow
@sqlite_only
def test_two_offices_each_with_its_day_and_every_page_shows_its_own(
    server: Listening,
    database: Database,
    http: requests.Session,
    signed_in: Callable[..., str],
) -> None:
    visitor = Visitor(server.url, signed_in(UserRole.ADMINISTRATOR, "host"))
    secret = csrf_of(database, visitor.token)
    made = {"office": "Phường Hai", "full_name": "Hoa Hai", "name": "hoa", "csrf": secret}
    assert visitor.post("/offices", data=made).status_code == 200
    for office in MARKS:
        day_at(database, http, server.url, office)
    for office, marks in MARKS.items():
        shown = everything(server, database, signed_in, office)
        for mark in marks:
            assert any(mark in text for text in shown.values()), mark
        [theirs] = set(MARKS) - {office}
        # Whoever runs the server knows how the others are called, and no more.
        allowed = MARKS[OTHER][:1] if office == 1 else ()
        leaks = [(path, mark) for path, text in shown.items() for mark in MARKS[theirs]
                 if mark in text and mark not in allowed]  # fmt: skip
        assert not leaks
        officer = Visitor(server.url, signed_in(UserRole.OFFICER, f"officer{office}", office))
        secret = csrf_of(database, officer.token)
        for of, (_, name, number, _, citizen, *_) in MARKS.items():
            for sought in (name, number):
                answer = officer.post("/citizens", data={"sought": sought, "csrf": secret})
                assert (citizen in answer.text) == (of == office), (office, sought)


def everything(
    server: Listening, database: Database, signed_in: Callable[..., str], office: int
) -> dict[str, str]:
    """The text of every page and export of an office, by role and path."""
    parts = {"citizen": MARKS[office][4], "kind": "csv", "reference": "A" * 16, "language": "vi"}
    shown: dict[str, str] = {}
    for role in UserRole:
        visitor = Visitor(server.url, signed_in(role, f"{role}{office}", office))
        for method, path in ROUTES:
            if method == "GET" and role in expected(path) and not path.endswith("/events"):
                path = re.sub(r"\{(\w+)\}", lambda part: parts.get(part[1], "1"), path)
                answer = visitor.get(path)
                assert answer.status_code in (200, 303, 403, 404, 422), path
                shown[f"{role} {path}"] = answer.text
    return shown
