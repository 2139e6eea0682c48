"""Attacks on the pages: forged requests, other people's rows, what browsers must not do."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from central.db.accounts import AuditRow, UserRole, WebSession
from central.db.engine import Database
from central.db.models import Citizen, Office
from central.db.requests import PrivacyRequest
from central.services.devices import digest
from central.services.retention import Retention
from central.web.headers import POLICY
from central.web.limits import LONGEST
from tests.central.conftest import Api, Listening, sqlite_only
from tests.central.people import citizen_id, enrolled, tell
from tests.central.web.conftest import PASSWORD
from tests.central.web.test_roles import csrf_of
from tests.central.web.visiting import Visitor

OFFICER, MANAGER = UserRole.OFFICER, UserRole.MANAGER
ADMINISTRATOR = UserRole.ADMINISTRATOR
SignedIn = Callable[[UserRole], str]
pytestmark = sqlite_only


# --- forged requests


@pytest.mark.parametrize(
    ("headers", "with_secret", "status"),
    [
        ({}, True, 303),
        ({}, False, 400),
        ({"Sec-Fetch-Site": "same-origin"}, True, 303),
        ({"Sec-Fetch-Site": "same-origin"}, False, 400),
        ({"Sec-Fetch-Site": "cross-site"}, True, 400),
        ({"Sec-Fetch-Site": "same-site"}, True, 400),
        ({"Sec-Fetch-Site": "none"}, True, 400),
        ({"Origin": "https://evil.example"}, True, 400),
        ({"Origin": "null"}, True, 400),
    ],
)
def test_another_site_cannot_act_for_somebody(
    headers: dict[str, str],
    with_secret: bool,
    status: int,
    server: Listening,
    database: Database,
    signed_in: SignedIn,
) -> None:
    visitor = Visitor(server.url, signed_in(ADMINISTRATOR))
    data: dict[str, str] = dict.fromkeys(Retention.model_fields, "7")
    if with_secret:
        data["csrf"] = csrf_of(database, visitor.token)
    assert visitor.post("/retention", data=data, headers=headers).status_code == status
    with database.reading() as session:
        changed = session.scalars(select(Office.retention)).one() is not None
    assert changed == (status == 303)


def test_another_session_s_secret_does_not_do(
    server: Listening, database: Database, signed_in: SignedIn
) -> None:
    theirs = csrf_of(database, signed_in(MANAGER))
    visitor = Visitor(server.url, signed_in(ADMINISTRATOR))
    assert visitor.post("/logout", data={"csrf": theirs}).status_code == 400
    assert visitor.get("/users").status_code == 200


def test_another_site_cannot_sign_a_browser_in(
    server: Listening, user: Callable[[UserRole], int]
) -> None:
    user(OFFICER)
    data = {"name": "officer", "password": PASSWORD}
    headers = {"Sec-Fetch-Site": "cross-site"}
    response = Visitor(server.url).post("/login", data=data, headers=headers)
    assert (response.status_code, "Set-Cookie" in response.headers) == (400, False)


# --- other people's rows


@pytest.mark.parametrize(
    "path",
    ["/citizens/{citizen}", "/citizens/{citizen}/extract", "/requests/{number}"],
)
def test_another_office_s_citizens_are_not_there(
    path: str, kiosk: Api, server: Listening, database: Database, signed_in: SignedIn
) -> None:
    tell(kiosk, enrolled(1))
    visitor = Visitor(server.url, signed_in(MANAGER))
    secret = csrf_of(database, visitor.token)
    data = {"kind": "access", "csrf": secret}
    assert visitor.post(f"/citizens/{citizen_id(1)}/requests", data=data).status_code == 303
    with database.reading() as session:
        number = session.scalars(select(PrivacyRequest.id)).one()
    at = path.format(citizen=citizen_id(1), number=number)
    assert visitor.get(at).status_code == 200
    with database.writing() as session:
        session.add(Office(id=2, stream=uuid4(), name="Nơi khác"))
        session.flush()
        session.execute(update(Citizen).values(office_id=2))
        session.execute(update(PrivacyRequest).values(office_id=2))
    assert visitor.get(at).status_code == 404
    assert visitor.post(f"/requests/{number}/done", data={"csrf": secret}).status_code == 404
    for sought in ("001190012345", "Nguyễn Văn Thử"):
        found = visitor.post("/citizens", data={"sought": sought, "csrf": secret})
        assert citizen_id(1) not in found.text


def test_ids_are_not_to_be_counted_through(
    kiosk: Api, server: Listening, signed_in: SignedIn
) -> None:
    tell(kiosk, enrolled(1))
    visitor = Visitor(server.url, signed_in(OFFICER))
    assert visitor.get("/citizens/1").status_code == 422
    assert visitor.get(f"/citizens/{UUID(int=5)}").status_code == 404
    assert visitor.get("/t/1").status_code in (404, 422)
    assert visitor.get(f"/t/{'B' * 16}").status_code == 404


def test_a_look_that_is_refused_shows_and_writes_nothing(
    kiosk: Api, server: Listening, database: Database, signed_in: SignedIn
) -> None:
    tell(kiosk, enrolled(1))
    response = Visitor(server.url, signed_in(ADMINISTRATOR)).get(f"/citizens/{citizen_id(1)}")
    assert response.status_code == 403
    assert "Nguyễn Văn Thử" not in response.text
    with database.reading() as session:
        assert list(session.scalars(select(AuditRow.action))) == []


# --- what browsers and strangers are told


@pytest.mark.parametrize("path", ["/login", "/nothing", "/static/central.css", "/v1/health"])
def test_headers(path: str, server: Listening) -> None:
    told = Visitor(server.url).get(path).headers
    assert told["Content-Security-Policy"] == POLICY
    assert "unsafe" not in POLICY
    assert told["X-Content-Type-Options"] == "nosniff"
    assert told["X-Frame-Options"] == "DENY"
    assert told["Referrer-Policy"] == "same-origin"
    assert told["Cache-Control"] in ("no-store", "no-cache")


@pytest.mark.parametrize(
    "next_", ["https://evil.example", "//evil.example", "/\\evil.example", "/ok\r\nX: y", "x"]
)
def test_signing_in_leads_nowhere_else(
    next_: str, server: Listening, user: Callable[[UserRole], int]
) -> None:
    user(OFFICER)
    data = {"name": "officer", "password": PASSWORD, "next": next_}
    assert Visitor(server.url).post("/login", data=data).headers["Location"] == "/"
    asked = {"next": next_}
    response = Visitor(server.url).get("/language/en", params=asked)
    assert response.headers["Location"] == "/"


def test_a_flash_can_say_only_what_we_say(server: Listening) -> None:
    for forged in ("<script>", "bnVsbA==", "WyJ3ZWIubG9naW4ud2FpdCIsIHt9XQ==", "é".encode().hex()):
        visitor = Visitor(server.url)
        visitor.http.cookies.set("flash", forged)
        response = visitor.get("/login")
        assert (response.status_code, "<script>" in response.text) == (200, False)


def test_what_no_database_keeps_is_refused_before_it(
    server: Listening, signed_in: SignedIn
) -> None:
    visitor = Visitor(server.url, signed_in(ADMINISTRATOR))
    assert visitor.get(f"/users/{2**63}").status_code == 422
    assert visitor.get("/audit", params={"actor": "a\0b"}).status_code == 422
    assert Visitor(server.url).sign_in("a\0b").status_code == 422


def test_a_form_has_an_end(server: Listening) -> None:
    body = b"name=" + b"x" * LONGEST
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert Visitor(server.url).post("/login", data=body, headers=headers).status_code == 413
    endless = iter([body[:LONGEST], b"x"])
    assert Visitor(server.url).post("/login", data=endless, headers=headers).status_code == 413


def test_a_session_is_kept_as_a_digest(database: Database, signed_in: SignedIn) -> None:
    token = signed_in(OFFICER)
    with database.reading() as session:
        [kept] = session.scalars(select(WebSession.token_sha256))
    assert kept == digest(token) != token
