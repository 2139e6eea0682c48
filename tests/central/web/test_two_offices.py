"""Two offices in one database: what one has, the other neither sees nor touches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
import requests
from sqlalchemy import select

from central.db.accounts import AuditRow, User, UserRole
from central.db.breaches import Breach
from central.db.engine import Database
from central.db.models import (
    FIRST_OFFICE,
    Citizen,
    Device,
    DuplicatePair,
    FaceTemplate,
    Office,
    Role,
    Ticket,
)
from central.db.requests import RequestKind
from central.services.breaches import note_breach
from central.services.changes import read_changes
from central.services.citizens import citizen_of
from central.services.devices import add_device
from central.services.requests import receive
from central.services.signing_in import begin_anew
from tests.central.conftest import NOON, Api, DeviceKey, Listening
from tests.central.people import NAME, NUMBER, citizen_id, enrolled, erased, event, tell, template
from tests.central.web.conftest import NAMES
from tests.central.web.visiting import Visitor

OTHER = 2


@pytest.fixture
def elsewhere(database: Database) -> int:
    with database.writing() as session:
        session.add(Office(id=OTHER, name="Phường bên", stream=uuid4(), position=0))
    return OTHER


@pytest.fixture
def work(kiosk: Api, issued: Callable[..., dict[str, Any]]) -> None:
    """The first office at work."""
    pair = event(4, "possible_duplicate", first=citizen_id(1), second=citizen_id(2))
    visit = event(5, "visit_ended", visit=str(UUID(int=5)), outcome="ticket", recognised=True)
    tell(kiosk, enrolled(1), enrolled(2, 2, number="001190000002"),
         issued(3, citizen=citizen_id(1)), pair, visit)  # fmt: skip


def moved(database: Database, name: str) -> None:
    """A device of the other office from now on."""
    with database.writing() as session:
        session.scalars(select(Device).where(Device.name == name)).one().office_id = OTHER


@pytest.mark.usefixtures("work", "elsewhere")
def test_an_offices_software_reads_its_own_office(
    desk: Api, server: Listening, database: Database, http: requests.Session
) -> None:
    with database.writing() as session:
        token = add_device(session, FIRST_OFFICE, "Q2", Role.OFFICE, NOON)
    moved(database, "Q2")
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
    key.enrol(database, "K2")
    moved(database, "K2")
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
def test_pages_show_nothing_of_another_office(
    server: Listening,
    database: Database,
    user: Callable[..., int],
) -> None:
    roles = (UserRole.OFFICER, UserRole.MANAGER, UserRole.ADMINISTRATOR)
    here = {role: user(role) for role in roles}
    there = {role: user(role, f"{role}2") for role in roles}
    with database.writing() as session:
        tokens: dict[UserRole, str] = {}
        for role, number in there.items():
            row = session.get_one(User, number)
            row.office_id, row.full_name = OTHER, f"{role} kia"
            tokens[role] = begin_anew(session, row, NOON)
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
    Visitor(server.url, begun(database, here[UserRole.OFFICER])).get(f"/citizens/{citizen_id(1)}")
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
    lists = {
        UserRole.MANAGER: ["/requests", "/duplicates", "/reports", "/audit"],
        UserRole.ADMINISTRATOR: ["/users", "/devices", "/law", "/law/impact", "/counters"],
    }
    names = (NAME, "NGUYỄN V**", citizen_id(1), "device 1", *(NAMES[role] for role in roles))
    for role, paths in lists.items():
        for path in paths:
            answer = Visitor(server.url, tokens[role]).get(path)
            assert answer.status_code == 200, path
            shown = [name for name in names if name in answer.text]
            assert not shown, f"{path}: {shown}"
    with database.reading() as session:
        assert session.scalars(select(AuditRow).where(AuditRow.action == "citizen.seen")).all()


def begun(database: Database, user_id: int) -> str:
    with database.writing() as session:
        return begin_anew(session, session.get_one(User, user_id), NOON)
