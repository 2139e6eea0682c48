"""Attacks on signing in: fixed sessions, guessed passwords and codes, an end to everything."""

from __future__ import annotations

import re
from base64 import b32encode
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import select

from central.app import create_app
from central.db.accounts import AuditRow, RecoveryCode, User, UserRole
from central.db.engine import Database
from central.services.accounts import remove_totp, set_totp
from central.services.recovery import codes_left, new_codes, use_code
from central.settings import Settings
from tests.central.conftest import NOON, Listening, sqlite_only
from tests.central.web.conftest import PASSWORD
from tests.central.web.test_roles import csrf_of
from tests.central.web.visiting import Visitor

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
    who = user(OFFICER)
    with database.writing() as session:
        session.get_one(User, who).disabled_at = NOON
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


def test_a_recovery_code_is_good_once_and_says_how_many_are_left(
    clock: Clock, server: Listening, database: Database, user: Callable[[UserRole], int]
) -> None:
    who = user(ADMINISTRATOR)
    authenticator(database, who)
    with database.writing() as session:
        codes = new_codes(session, database.keys, session.get_one(User, who))

    def give(code: str) -> tuple[int, str]:
        visitor = Visitor(server.url)
        visitor.sign_in("administrator")
        data = {"code": code, "csrf": csrf_of(database, visitor.token)}
        answer = visitor.post("/login/code", data=data)
        return answer.status_code, visitor.get("/account").text if answer.ok else ""

    status, account = give(codes[0].replace("-", " "))
    assert status == 303
    assert "còn 9 mã" in account
    assert give(codes[0])[0] == 401
    for code in codes[1:7]:
        clock.now += timedelta(hours=1)
        status, account = give(code)
    assert "Sắp hết mã dự phòng" in account
    assert actions(database).count("sign_in.recovery_code") == 7


def test_new_recovery_codes_take_the_password_and_void_the_old_ones(
    server: Listening, database: Database, user: Callable[[UserRole], int], signed_in: SignedIn
) -> None:
    who = user(OFFICER)
    authenticator(database, who)
    token = signed_in(OFFICER)
    visitor, secret = Visitor(server.url, token), csrf_of(database, token)
    form = "/account/recovery-codes"
    assert visitor.post(form, data={"csrf": secret, "password": "wrong"}).status_code == 422
    shown = [codes_in(visitor.post(form, data={"csrf": secret, "password": PASSWORD}).text)
             for _ in range(2)]  # fmt: skip
    assert [len(set(codes)) for codes in shown] == [10, 10]
    assert actions(database).count("account.recovery_codes") == 2
    with database.writing() as session:
        found = session.get_one(User, who)
        assert not use_code(session, database.keys, found, shown[0][0], NOON)
        assert use_code(session, database.keys, found, shown[1][0], NOON)
        remove_totp(session, found)  # by an administrator: the codes go with the telephone
        assert codes_left(session, found) == 0
        assert not use_code(session, database.keys, found, shown[1][1], NOON)


def test_recovery_codes_are_not_in_the_database(
    database: Database, user: Callable[[UserRole], int]
) -> None:
    who = user(OFFICER)
    with database.writing() as session:
        found = session.get_one(User, who)
        [code, *_], owner = new_codes(session, database.keys, found), found.uid.bytes
        kept = " ".join(session.scalars(select(RecoveryCode.digest)))
    plain = code.replace("-", "").encode()
    assert code not in kept
    assert sha256(plain).hexdigest() not in kept
    assert sha256(owner + plain).hexdigest() not in kept


def codes_in(text: str) -> list[str]:
    return re.findall(r"\d{4}-\d{4}-\d{4}", text)


def actions(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(AuditRow.action)))


def authenticator(database: Database, user_id: int) -> tuple[str, TOTP]:
    """A second factor of which the code of :data:`NOON` was used to set it up."""
    key = b"12345678901234567890"
    secret, totp = b32encode(key).decode(), TOTP(key, 6, SHA1(), 30)  # noqa: S303
    with database.writing() as session:
        user = session.get_one(User, user_id)
        code = totp.generate(NOON.timestamp()).decode()
        assert set_totp(session, database.keys, user, secret, code, NOON)
    return secret, totp
