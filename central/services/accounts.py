"""Users: who may sign in, as what, and with which password and second factor."""

from __future__ import annotations

import re
import secrets
from base64 import b32decode, b32encode
from contextlib import suppress
from datetime import datetime
from functools import cache
from typing import Literal
from uuid import uuid4

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from central.db.accounts import User, UserRole, WebSession
from central.db.keys import Keys
from central.services.recovery import void_codes

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""Argon2id as OWASP's password storage cheat sheet has it (19 MiB, two passes): forty workers
hashing at once must not fill the memory of a small server."""
SHORTEST = 10
_LONGEST = 200
"""Characters of a password."""
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
_STEP_S = 30
"""Seconds a code of the second factor is good for (RFC 6238)."""

Fault = Literal[
    "name_taken",
    "name_odd",
    "full_name_empty",
    "password_short",
    "password_plain",
    "last_administrator",
]


class AccountFault(ValueError):
    """What was asked for cannot be. ``reason``: which sentence explains it."""

    def __init__(self, reason: Fault) -> None:
        super().__init__(reason)
        self.reason: Fault = reason


def add_user(
    session: Session,
    office_id: int,
    name: str,
    full_name: str,
    role: UserRole,
    password: str,
    now: datetime,
) -> User:
    """Let somebody of the office sign in, with a password they must change. No two sign in with
    one name, whatever their offices: the form asks for nothing else. Raises
    :class:`AccountFault`."""
    name, full_name = tidy(name), full_name.strip()
    if not _NAME.fullmatch(name):
        raise AccountFault("name_odd")
    if not 0 < len(full_name) <= 100:
        raise AccountFault("full_name_empty")
    if user_named(session, name):
        raise AccountFault("name_taken")
    user = User(
        uid=uuid4(),
        office_id=office_id,
        name=name,
        full_name=full_name,
        role=role,
        password=_hashed(name, password),
        must_change=True,
        created_at=now,
    )
    session.add(user)
    session.flush()
    return user


def tidy(name: str) -> str:
    """A name to sign in with, as it is kept."""
    return name.strip().lower()


def user_named(session: Session, name: str) -> User | None:
    """Who signs in with this name."""
    return session.scalar(select(User).where(User.name == tidy(name)))


def users_of(session: Session, office_id: int) -> list[User]:
    """Everybody of the office who ever could sign in, by name."""
    return list(session.scalars(select(User).filter_by(office_id=office_id).order_by(User.name)))


def new_password() -> str:
    """One to be told to somebody and changed at once: 70 bits in letters nobody mixes up."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(3))


def is_password(user: User | None, password: str) -> bool:
    """Whether it is the user's. Takes as long when there is no such user."""
    try:
        return _HASHER.verify(user.password if user else _nobodys(), password[:_LONGEST])
    except VerificationError:
        return False


def set_password(session: Session, user: User, password: str, *, chosen_by_user: bool) -> None:
    """From now on this one, and every browser is signed out. Raises :class:`AccountFault`."""
    user.password = _hashed(user.name, password)
    user.must_change = not chosen_by_user
    sign_out(session, user)


def change_role(session: Session, user: User, role: UserRole) -> None:
    """Whoever is signed in has to sign in anew. Raises :class:`AccountFault`."""
    if role != user.role:
        _keep_an_administrator(session, user)
        user.role = role
        sign_out(session, user)


def disable(session: Session, user: User, now: datetime) -> None:
    """Never let them in again, until :func:`enable`. Raises :class:`AccountFault`."""
    _keep_an_administrator(session, user)
    user.disabled_at = user.disabled_at or now
    sign_out(session, user)


def enable(user: User) -> None:
    """Let them in again."""
    user.disabled_at = None


def new_totp() -> str:
    """A secret for a second factor, base32 of 160 bits."""
    return b32encode(secrets.token_bytes(20)).decode()


def totp_uri(user: User, secret: str, issuer: str) -> str:
    """What the code on the screen says to an authenticator app."""
    return _totp(secret).get_provisioning_uri(user.name, issuer)


def set_totp(
    session: Session, keys: Keys, user: User, secret: str, code: str, now: datetime
) -> bool:
    """Ask for codes of ``secret`` from now on, if ``code`` is one."""
    step = _matching_step(secret, code, now)
    if step is None:
        return False
    user.totp, user.totp_step = keys.seal(secret.encode(), user.uid), step
    session.flush()
    return True


def is_code(session: Session, keys: Keys, user: User, code: str, now: datetime) -> bool:
    """Whether it is the user's code of this moment, give or take one; good once."""
    session.refresh(user, with_for_update=True)
    if user.totp is None:
        return False
    step = _matching_step(keys.open(user.totp, user.uid).decode(), code, now)
    if step is None or step <= user.totp_step:
        return False
    user.totp_step = step
    return True


def remove_totp(session: Session, user: User) -> None:
    """Ask for no codes any more: the telephone was lost. Signs them out."""
    user.totp, user.totp_step = None, 0
    void_codes(session, user)
    sign_out(session, user)


def sign_out(session: Session, user: User) -> None:
    """End every session of a user."""
    session.execute(delete(WebSession).where(WebSession.user_id == user.id))


def _hashed(name: str, password: str) -> str:
    if not SHORTEST <= len(password) <= _LONGEST:
        raise AccountFault("password_short")
    if len(set(password)) < SHORTEST // 2 or name in password.lower():
        raise AccountFault("password_plain")
    return _HASHER.hash(password)


@cache
def _nobodys() -> str:
    return _HASHER.hash(secrets.token_hex())


def _totp(secret: str) -> TOTP:
    # SHA-1, six digits, thirty seconds: all that every authenticator app can do.
    return TOTP(b32decode(secret), 6, SHA1(), _STEP_S)  # noqa: S303


def _matching_step(secret: str, code: str, now: datetime) -> int | None:
    said = code.replace(" ", "").encode()
    step = int(now.timestamp()) // _STEP_S
    for near in (step, step - 1, step + 1):
        with suppress(InvalidToken):
            _totp(secret).verify(said, near * _STEP_S)
            return near
    return None


def _keep_an_administrator(session: Session, user: User) -> None:
    if user.role != UserRole.ADMINISTRATOR or user.disabled_at is not None:
        return
    others = select(func.count()).where(
        User.office_id == user.office_id,
        User.role == UserRole.ADMINISTRATOR,
        User.disabled_at.is_(None),
        User.id != user.id,
    )
    if not session.scalar(others):
        raise AccountFault("last_administrator")
