"""Who may speak for a kiosk: only the key it was enrolled with, once, now."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import Engine, event, func, select

from central.chores import remove_old
from central.db.engine import Database
from central.db.models import FIRST_OFFICE, SpentJti
from central.gate import Gate
from central.services.admission import Denial
from central.services.devices import named, revoke_device
from tests.central.conftest import postgresql_only
from wire import LEEWAY_S, LIFETIME_S, Denied

NOON = datetime(2026, 3, 2, 5, tzinfo=UTC)
NOW = int(NOON.timestamp())
Forge = Callable[[Any], str] | str | None
"""What is sent, or how to make it of the key of an enrolled kiosk."""


DEEP = urlsafe_b64encode(b"[" * 1400).rstrip(b"=").decode()


def asking(call: Any, token: str | None) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    return call(None).call("GET", "changes", headers=headers)


def claims(key: Any, without: str = "", **more: Any) -> str:
    kept = {name: value for name, value in key.claims(**more).items() if name != without}
    return jwt.encode(kept, key.private, algorithm="EdDSA")


def with_the_public_key_as_a_password(key: Any) -> str:
    """CVE-2022-29217's trick, by hand: PyJWT itself would not sign with such a key."""
    pem = key.private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    head, body = (
        urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
        for part in ({"alg": "HS256", "typ": "JWT"}, key.claims())
    )
    mark = hmac.new(pem, head + b"." + body, hashlib.sha256).digest()
    return b".".join((head, body, urlsafe_b64encode(mark).rstrip(b"="))).decode()


def of_another_kind_of_key(key: Any) -> str:
    return jwt.encode(key.claims(), ec.generate_private_key(ec.SECP256R1()), algorithm="ES256")


DENIED: list[tuple[str, str, Forge]] = [
    ("no header", "unsigned", None),
    ("an empty one", "unsigned", ""),
    ("no JWT", "unsigned", "a-token-of-some-length"),
    ("an endless one", "unsigned", "a.b." + "c" * 8000),
    ("dots", "signature", ".."),
    ("nonsense", "signature", "a.b.c"),
    ("a header nested deep", "signature", DEEP + ".e30.AA"),
    ("claims nested deep", "signature", "eyJhbGciOiJFZERTQSJ9." + DEEP + ".AA"),
    ("no algorithm", "signature", lambda key: jwt.encode(key.claims(), "", algorithm="none")),
    ("HS256 keyed by the public key", "signature", with_the_public_key_as_a_password),
    ("another kind of key", "signature", of_another_kind_of_key),
    ("another key of the same kind", "signature", lambda key: other(key).sign()),
    ("tampered with", "signature", lambda key: tampered(key.sign())),
    ("another audience", "signature", lambda key: key.sign(aud="kiosk")),
    ("a list of audiences", "signature", lambda key: key.sign(aud=["central", "kiosk"])),
    ("no expiry", "signature", lambda key: claims(key, without="exp")),
    ("no time of issue", "signature", lambda key: claims(key, without="iat")),
    ("no id", "signature", lambda key: claims(key, without="jti")),
    ("an empty id", "signature", lambda key: key.sign(jti="")),
    ("an endless id", "signature", lambda key: key.sign(jti="x" * 65)),
    ("an id that is a number", "signature", lambda key: key.sign(jti=7)),
    ("a time that is a fraction", "signature", lambda key: key.sign(iat=NOW + 0.5)),
    ("a time that is true", "signature", lambda key: key.sign(iat=True)),
    ("a time that is not a number", "signature", lambda key: key.sign(exp=float("nan"))),
    ("nobody's", "signature", lambda key: claims(key, without="iss")),
    ("a device of no such form", "signature", lambda key: key.sign(iss="K1")),
    ("an unknown device", "unknown", lambda key: key.sign(iss=str(uuid4()))),
    ("good for too long", "stale", lambda key: key.sign(exp=NOW + LIFETIME_S + 1)),
    ("over before it began", "stale", lambda key: key.sign(iat=NOW, exp=NOW)),
    ("old", "stale", lambda key: key.sign(iat=NOW - 100, exp=NOW - LEEWAY_S - 1)),
    ("from the future", "stale", lambda key: key.sign(iat=NOW + LEEWAY_S + 1, exp=NOW + 90)),
    ("from the far future", "stale", lambda key: key.sign(iat=2**60, exp=2**60 + 1)),
    ("of an unset clock", "stale", lambda key: key.sign(iat=0, exp=LIFETIME_S)),
]  # fmt: skip


def other(key: Any) -> Any:
    """Someone with a key of their own who says to be ``key``'s device."""
    thief = type(key)()
    thief.device = key.device
    return thief


def tampered(token: str) -> str:
    head, body, mark = token.split(".")
    return f"{head}.{body}.{'B' if mark[0] == 'A' else 'A'}{mark[1:]}"


@pytest.mark.parametrize(
    ("reason", "forge"), [case[1:] for case in DENIED], ids=[case[0] for case in DENIED]
)
def test_what_does_not_prove_who_is_asking_is_denied(
    call: Any, key: Any, reason: str, forge: Forge
) -> None:
    answer = asking(call, forge(key) if callable(forge) else forge)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    denied = Denied.model_validate_json(answer.content)
    assert (denied.reason, denied.now) == (reason, NOON)


def test_a_signature_is_good_once(call: Any, key: Any) -> None:
    token = key.sign()
    assert asking(call, token).status_code == 200
    answer = asking(call, token)
    assert (answer.status_code, answer.json()["reason"]) == (401, "replayed")
    assert asking(call, key.sign()).status_code == 200


def test_of_a_signature_delivered_at_once_one_is_let_in(call: Any, key: Any) -> None:
    token = key.sign()
    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(lambda _: asking(call, token).status_code, range(6)))
    assert sorted(statuses) == [200, 401, 401, 401, 401, 401]


def test_a_clock_that_is_a_little_off_is_borne_with(call: Any, key: Any) -> None:
    for off in (-LEEWAY_S - LIFETIME_S, LEEWAY_S):
        token = key.sign(iat=NOW + off, exp=NOW + off + LIFETIME_S)
        assert asking(call, token).status_code == 200


def test_a_revoked_kiosk_is_told_so_and_nobody_else_is(
    call: Any, key: Any, database: Database
) -> None:
    with database.writing() as session:
        revoke_device(session, FIRST_OFFICE, "K1", NOON)
    answer = asking(call, key.sign())
    assert answer.status_code == 403
    assert Denied.model_validate_json(answer.content).reason == "revoked"
    assert asking(call, key.sign(iat=0, exp=60)).status_code == 403, "whatever its clock says"
    assert asking(call, other(key).sign()).json()["reason"] == "signature"


def test_a_kiosk_that_was_let_in_before_is_refused_once_it_is_revoked(
    call: Any, key: Any, database: Database
) -> None:
    """Also by a worker that knows its key, and did not hear of it."""
    assert asking(call, key.sign()).status_code == 200
    with database.writing() as session:
        revoke_device(session, FIRST_OFFICE, "K1", NOON)
    assert asking(call, key.sign()).status_code == 403


def test_a_kiosk_that_was_let_in_before_may_come_back_with_a_new_key(
    call: Any, key: Any, database: Database
) -> None:
    assert asking(call, key.sign()).status_code == 200
    old, key.private = key.private, type(key)().private
    with database.writing() as session:
        device = named(session, FIRST_OFFICE, "K1")
        assert device is not None
        device.public_key = key.private.public_key().public_bytes_raw()
    assert asking(call, key.sign()).status_code == 200
    key.private = old
    assert asking(call, key.sign()).json()["reason"] == "signature"


def test_one_kiosk_cannot_speak_for_another(call: Any, key: Any, database: Database) -> None:
    second = type(key)()
    second.enrol(database, "K2")
    token = jwt.encode(key.claims(), second.private, algorithm="EdDSA")
    assert asking(call, token).json()["reason"] == "signature"


def test_the_ids_of_two_kiosks_do_not_meet(call: Any, key: Any, database: Database) -> None:
    second = type(key)()
    second.enrol(database, "K2")
    assert asking(call, key.sign(jti="1")).status_code == 200
    assert asking(call, second.sign(jti="1")).status_code == 200


@postgresql_only
def test_a_kiosk_that_was_let_in_before_costs_one_statement(key: Any, database: Database) -> None:
    gate, asked = Gate(database), list[str]()

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    gate.admit(key.sign(), NOON)
    event.listen(Engine, "before_cursor_execute", hear)
    try:
        gate.admit(key.sign(), NOON)
    finally:
        event.remove(Engine, "before_cursor_execute", hear)
    assert [statement.split()[:3] for statement in asked] == [["INSERT", "INTO", "spent_jti"]]


def test_used_ids_are_kept_until_they_are_too_old_to_matter(key: Any, database: Database) -> None:
    ask = Gate(database).admit

    def kept() -> int | None:
        with database.reading() as session:
            return session.scalar(select(func.count()).select_from(SpentJti))

    tokens = [key.sign() for _ in range(3)]
    for token in tokens:
        ask(token, NOON)
    last = NOON + timedelta(seconds=LIFETIME_S + LEEWAY_S)
    with pytest.raises(Denial, match="replayed"):
        ask(tokens[0], last)
    assert kept() == 3
    later = last + timedelta(seconds=1)
    with pytest.raises(Denial, match="stale"):
        ask(tokens[0], later)
    ask(key.sign(iat=NOW + 90, exp=NOW + 120), later)
    remove_old(database, later)
    assert kept() == 1
