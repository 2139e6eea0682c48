"""Attacks on the pages: forged requests, fixed sessions, guessed passwords, other people's rows."""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
import requests
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import select, update

from central.app import create_app
from central.db.accounts import AuditRow, User, UserRole, WebSession
from central.db.engine import Database
from central.db.models import Citizen, Office
from central.db.requests import PrivacyRequest
from central.services.accounts import set_totp
from central.services.devices import digest
from central.services.retention import Retention
from central.settings import Settings
from central.web.headers import POLICY
from central.web.limits import LONGEST
from tests.central.conftest import NOON, Api, Listening, sqlite_only
from tests.central.people import citizen_id, enrolled, tell
from tests.central.web.conftest import PASSWORD
from tests.central.web.test_roles import csrf_of

OFFICER, MANAGER = UserRole.OFFICER, UserRole.MANAGER
ADMINISTRATOR = UserRole.ADMINISTRATOR
SignedIn = Callable[[UserRole], str]
pytestmark = sqlite_only


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(server: Listening, settings: Settings) -> Clock:
    """The server's, from now on."""
    set_ = Clock()
    server.app.state.server.database.close()
    server.app = create_app(settings, now=set_)
    return set_


class Visitor:
    """Whoever sends what they like; nothing is followed."""

    def __init__(self, url: str, token: str = "") -> None:
        self.http = requests.Session()
        self.http.trust_env = False
        self.url = url
        if token:
            self.http.cookies.set("central", token)

    @property
    def token(self) -> str:
        """Of the newest session."""
        return [each.value or "" for each in self.http.cookies if each.name == "central"][-1]

    def get(self, path: str, **more: object) -> requests.Response:
        return self.ask("GET", path, **more)

    def post(self, path: str, **more: object) -> requests.Response:
        return self.ask("POST", path, **more)

    def ask(self, method: str, path: str, **more: object) -> requests.Response:
        return self.http.request(
            method,
            self.url + path,
            allow_redirects=False,
            timeout=20,
            **more,  # type: ignore[arg-type]
        )

    def sign_in(self, name: str, password: str = PASSWORD) -> requests.Response:
        return self.post("/login", data={"name": name, "password": password})


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


# --- sessions


def test_a_session_that_was_there_before_signing_in_is_worth_nothing_after(
    server: Listening, user: Callable[[UserRole], int], signed_in: SignedIn
) -> None:
    user(MANAGER)
    planted = "a" * 43
    victim = Visitor(server.url, planted)
    assert victim.sign_in("manager").status_code == 303
    tokens = {cookie.value for cookie in victim.http.cookies if cookie.name == "central"}
    assert len(tokens - {planted}) == 1
    assert Visitor(server.url, planted).get("/citizens").status_code == 303


def test_the_token_changes_when_the_second_factor_is_given(
    server: Listening, database: Database, user: Callable[[UserRole], int]
) -> None:
    secret, totp = authenticator(database, user(ADMINISTRATOR))
    assert secret
    visitor = Visitor(server.url)
    visitor.sign_in("administrator")
    first = visitor.token
    assert visitor.get("/users").headers["Location"] == "/login/code"
    code = totp.generate(NOON.timestamp() + 30).decode()
    response = visitor.post("/login/code", data={"code": code, "csrf": csrf_of(database, first)})
    assert (response.status_code, visitor.token != first) == (303, True)
    assert visitor.get("/users").status_code == 200
    assert Visitor(server.url, first).get("/users").headers["Location"].startswith("/login?")


def test_the_cookie_cannot_be_read_by_scripts_nor_sent_by_other_sites(
    server: Listening, user: Callable[[UserRole], int]
) -> None:
    user(OFFICER)
    said = Visitor(server.url).sign_in("officer").headers["Set-Cookie"]
    assert "HttpOnly" in said
    assert "SameSite=lax" in said
    assert "Path=/" in said
    assert "Max-Age" not in said  # until the browser is closed


def test_over_tls_the_cookie_is_this_host_s_alone(
    server: Listening, user: Callable[[UserRole], int]
) -> None:
    user(OFFICER)
    data = {"name": "officer", "password": PASSWORD}
    headers = {"X-Forwarded-Proto": "https"}
    response = Visitor(server.url).post("/login", data=data, headers=headers)
    said = response.headers["Set-Cookie"]
    assert said.startswith("__Host-central=")
    assert "Secure" in said
    assert "max-age" in response.headers["Strict-Transport-Security"]


@pytest.mark.parametrize(
    ("role", "idle", "in_"),
    [
        (OFFICER, timedelta(minutes=59), True),
        (OFFICER, timedelta(minutes=61), False),
        (UserRole.DISPLAY, timedelta(days=29), True),
        (UserRole.DISPLAY, timedelta(days=31), False),
    ],
)
def test_an_idle_session_ends(
    role: UserRole, idle: timedelta, in_: bool, clock: Clock, server: Listening, signed_in: SignedIn
) -> None:
    visitor = Visitor(server.url, signed_in(role))
    clock.now = NOON + idle
    assert (visitor.get("/account").status_code == 200) == in_


def test_a_session_in_use_ends_after_a_day_s_work(
    clock: Clock, server: Listening, signed_in: SignedIn
) -> None:
    visitor = Visitor(server.url, signed_in(OFFICER))
    for _ in range(23):
        clock.now += timedelta(minutes=31)
        assert visitor.get("/account").status_code == 200
    clock.now += timedelta(minutes=31)
    assert visitor.get("/account").status_code == 303


def test_signing_out_ends_the_session_itself(
    server: Listening, database: Database, signed_in: SignedIn
) -> None:
    token = signed_in(OFFICER)
    Visitor(server.url, token).post("/logout", data={"csrf": csrf_of(database, token)})
    assert Visitor(server.url, token).get("/account").status_code == 303


def test_who_is_disabled_is_out_at_once(
    server: Listening, database: Database, signed_in: SignedIn, user: Callable[[UserRole], int]
) -> None:
    visitor = Visitor(server.url, signed_in(OFFICER))
    with database.writing() as session:
        session.get_one(User, user(OFFICER)).disabled_at = NOON
    assert visitor.get("/account").status_code == 303
    assert visitor.sign_in("officer").status_code == 401


# --- guessing


def test_guessing_has_to_wait_longer_each_time(
    clock: Clock, server: Listening, user: Callable[[UserRole], int]
) -> None:
    user(OFFICER)
    visitor = Visitor(server.url)
    for _ in range(5):
        assert "không đúng" in visitor.sign_in("officer", "wrong").text
    assert "thử lại sau" in visitor.sign_in("officer").text  # even with the right one
    clock.now += timedelta(seconds=61)
    assert "không đúng" in visitor.sign_in("officer", "wrong").text
    clock.now += timedelta(seconds=61)
    assert "thử lại sau" in visitor.sign_in("officer").text
    clock.now += timedelta(seconds=60)
    assert visitor.sign_in("officer").status_code == 303


def test_a_name_that_does_not_exist_looks_the_same(
    server: Listening, user: Callable[[UserRole], int]
) -> None:
    user(OFFICER)
    answers = [
        [Visitor(server.url).sign_in(name, "wrong") for _ in range(6)]
        for name in ("officer", "nobodys")
    ]
    said = [
        [each.text.replace(name, "X") for each in row]
        for row, name in zip(answers, ("officer", "nobodys"), strict=True)
    ]
    assert said[0] == said[1]


def test_many_names_from_one_address_have_to_wait_too(
    server: Listening, user: Callable[[UserRole], int]
) -> None:
    user(OFFICER)
    visitor = Visitor(server.url)
    for count in range(50):
        visitor.sign_in(f"name{count}", "wrong")
    assert "thử lại sau" in visitor.sign_in("officer").text


def test_codes_cannot_be_guessed_nor_used_twice(
    clock: Clock, server: Listening, database: Database, user: Callable[[UserRole], int]
) -> None:
    _, totp = authenticator(database, user(ADMINISTRATOR))
    visitor = Visitor(server.url)
    visitor.sign_in("administrator")
    secret = csrf_of(database, visitor.token)
    used = totp.generate(NOON.timestamp()).decode()
    for code in (used, "000000", "111111", "222222"):
        data = {"code": code, "csrf": secret}
        assert visitor.post("/login/code", data=data).status_code == 401
    right = {"code": totp.generate(NOON.timestamp() + 30).decode(), "csrf": secret}
    assert "thử lại sau" in visitor.post("/login/code", data=right).text


def authenticator(database: Database, user_id: int) -> tuple[str, TOTP]:
    """A second factor of which the code of :data:`NOON` was used to set it up."""
    key = b"12345678901234567890"
    secret, totp = b32encode(key).decode(), TOTP(key, 6, SHA1(), 30)  # noqa: S303
    with database.writing() as session:
        user = session.get_one(User, user_id)
        code = totp.generate(NOON.timestamp()).decode()
        assert set_totp(session, database.keys, user, secret, code, NOON)
    return secret, totp


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
