"""Signing in: a name and a password, a code, and the session a browser gets for them.

Each try is counted before it is made, under the name typed and under the address it came from,
so that many tries at once are no way around; a name that does not exist is treated as one that
does.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from central.db.accounts import SignInTries, User, UserRole, WebSession
from central.db.engine import Database
from central.db.models import Office
from central.services import audit
from central.services.accounts import is_code, is_password, sign_out, tidy, user_named
from central.services.devices import digest
from central.services.recovery import codes_left, use_code

FREE_TRIES = 5
"""Wrong tries under one name before it has to wait."""
FREE_TRIES_ADDRESS = 50
"""From one address: a whole office may be behind it."""
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(minutes=30)
_FORGOTTEN = timedelta(hours=24)
CODE_WITHIN = timedelta(minutes=5)
"""How long a session without its second factor lives."""
_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a browser stays signed in: without a sign of life, and at most."""

    idle: timedelta
    longest: timedelta


_AT_WORK = Lifetime(timedelta(hours=1), timedelta(hours=12))
_ON_THE_WALL = Lifetime(timedelta(days=30), timedelta(days=400))


class Refused(Exception):
    """Not let in. ``wait``: until when no further try is looked at; None: the name, the password
    or the code was wrong, or they were right and ``office_closed``."""

    def __init__(self, wait: datetime | None = None, *, office_closed: bool = False) -> None:
        super().__init__("locked" if wait else "wrong")
        self.wait, self.office_closed = wait, office_closed


def lifetime(role: str) -> Lifetime:
    """How long somebody of this role stays signed in."""
    return _ON_THE_WALL if role == UserRole.DISPLAY else _AT_WORK


def sign_in(database: Database, name: str, password: str, address: str, now: datetime) -> str:
    """The token of a new session, not kept here. Raises :class:`Refused`."""
    tries = _count_try(database, name, address, now)
    with database.reading() as session:
        user = user_named(session, name)
        right = is_password(user, password)  # also for nobody: takes as long
        user_id, office = (user.id, user.office_id) if user else (None, None)
        knows = right and user is not None and user.disabled_at is None
        closed = office is not None and session.get_one(Office, office).closed_at is not None
    keys, actor = database.keys, f"user:{user_id}" if user_id else "nobody"
    with database.writing() as session:
        if user_id is not None and knows and not closed:
            found = session.get_one(User, user_id)
            token = _begin(session, found, now, code_given=False)
            if found.totp is None:
                _forgive(session, tries)
            audit.record(session, keys, now, office, actor, "sign_in.password")
            return token
        audit.record(session, keys, now, office, actor, "sign_in.refused")
    raise Refused(office_closed=knows and closed)


def give_code(
    database: Database, token: str, code: str, address: str, now: datetime
) -> tuple[str, int | None]:
    """The token of a session with its second factor shown, in place of one without; and, when a
    recovery code stood in for it, how many of those are left.

    Raises :class:`Refused`; :class:`LookupError` when the session has ended.
    """
    with database.reading() as session:
        begun = found_session(session, token, now)
        if begun is None:
            raise LookupError
        name, user_id = begun[1].name, begun[1].id
    tries = _count_try(database, name, address, now)
    with database.writing() as session:
        user = session.get_one(User, user_id)
        actor, keys, office = f"user:{user_id}", database.keys, user.office_id
        by_phone = is_code(session, keys, user, code, now)
        if by_phone or use_code(session, keys, user, code, now):
            end_session(session, token)
            new = _begin(session, user, now, code_given=True)
            _forgive(session, tries)
            if by_phone:
                audit.record(session, keys, now, office, actor, "sign_in.code")
                return new, None
            left = codes_left(session, user)
            audit.record(session, keys, now, office, actor, "sign_in.recovery_code", left=left)
            return new, left
        audit.record(session, keys, now, office, actor, "sign_in.code_refused")
    raise Refused


def found_session(session: Session, token: str, now: datetime) -> tuple[WebSession, User] | None:
    """Whose browser it is, while it is signed in and the office is open."""
    found = session.execute(
        select(WebSession, User)
        .join(User, User.id == WebSession.user_id)
        .join(Office, Office.id == User.office_id)
        .where(WebSession.token_sha256 == digest(token), Office.closed_at.is_(None))
    ).one_or_none()
    if found is None:
        return None
    row, user = found
    idle_until = row.seen_at + lifetime(user.role).idle
    if user.disabled_at or now >= min(row.expires_at, idle_until):
        return None
    return row, user


def is_to_be_noted(row: WebSession, now: datetime) -> bool:
    """Whether a sign of life is worth a write."""
    return now - row.seen_at >= _NOTED_EVERY


def note_life(session: Session, token: str, now: datetime) -> None:
    """The browser is still in use."""
    row = session.get(WebSession, digest(token))
    if row is not None:
        row.seen_at = now


def begin_anew(session: Session, user: User, now: datetime) -> str:
    """The token of the only session a user has from now on: what they are known by changed."""
    sign_out(session, user)
    return _begin(session, user, now, code_given=user.totp is not None)


def end_session(session: Session, token: str) -> None:
    """Sign this browser out."""
    session.execute(delete(WebSession).where(WebSession.token_sha256 == digest(token)))


def _begin(session: Session, user: User, now: datetime, *, code_given: bool) -> str:
    session.execute(delete(WebSession).where(WebSession.expires_at < now))
    token = secrets.token_urlsafe(32)
    waits_for_code = user.totp is not None and not code_given
    session.add(
        WebSession(
            token_sha256=digest(token),
            user_id=user.id,
            csrf=secrets.token_urlsafe(32),
            code_given=code_given,
            seen_at=now,
            expires_at=now + (CODE_WITHIN if waits_for_code else lifetime(user.role).longest),
        )
    )
    return token


def _count_try(database: Database, name: str, address: str, now: datetime) -> dict[str, int]:
    """Count a try as failed, before it is made. Raises :class:`Refused` while it has to wait."""
    limits = {_key("name", tidy(name)): FREE_TRIES, _key("address", address): FREE_TRIES_ADDRESS}
    with database.writing() as session:
        session.execute(delete(SignInTries).where(SignInTries.last_at < now - _FORGOTTEN))
        rows = {key: _tries(session, key, now) for key in sorted(limits)}
        waits = [_wait(row, limits[key]) for key, row in rows.items()]
        until = max((wait for wait in waits if wait), default=None)
        if until and now < until:
            raise Refused(until)
        for row in rows.values():
            row.failures, row.last_at = row.failures + 1, now
    return limits


def _tries(session: Session, key: str, now: datetime) -> SignInTries:
    """The row of this key, locked; one of two that make it at once finds the other's."""
    if session.get(SignInTries, key) is None:
        with suppress(IntegrityError), session.begin_nested():
            session.add(SignInTries(key=key, failures=0, last_at=now))
    return session.get_one(SignInTries, key, with_for_update=True, populate_existing=True)


def _wait(row: SignInTries, free: int) -> datetime | None:
    """Until when nobody may try: doubling with each failure."""
    beyond = row.failures - free
    if beyond < 0:
        return None
    return row.last_at + min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(beyond, 10))


def _forgive(session: Session, tries: dict[str, int]) -> None:
    """The try was right: it was no failure, and earlier ones under the name are forgotten."""
    for key, free in tries.items():
        row = session.get(SignInTries, key)
        if row is not None:
            row.failures = 0 if free == FREE_TRIES else max(0, row.failures - 1)


def _key(kind: str, value: str) -> str:
    return sha256(f"{kind}:{value}".encode()).hexdigest()
