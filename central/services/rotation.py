"""New keys and secrets in place of old ones, in steps that may stop and go on at any time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import InstrumentedAttribute

from central.db.accounts import User
from central.db.keys import Keys, Purpose, key_id
from central.db.models import FIRST_OFFICE, Citizen, Consent
from central.services.citizens import describe_number, identity_of, tell_known
from central.services.offices import all_locked, locked, tell
from wire import number_index

STEP = 200
"""Citizens changed in one transaction: kiosks wait for it."""


def renew_column_key(session: Session, keys: Keys, now: datetime) -> int:
    """Put a new column key in force, unless an earlier renewal is still to be finished; how many
    citizens are to be sealed anew. Users' second factors are few, and sealed anew at once."""
    locked(session, FIRST_OFFICE)  # one renewal at a time: the key file is the server's
    left = _left(session, Citizen.column_key, keys.column_key)
    if not left:
        left = _left(session, Citizen.column_key, keys.renew_column_key(now))
    for user in session.scalars(select(User).where(User.totp.is_not(None))):
        if user.totp is not None and key_id(user.totp) != keys.column_key:
            user.totp = keys.seal(keys.open(user.totp, user.uid), user.uid)
    return left


def reseal(session: Session, keys: Keys, office_id: int) -> int:
    """Seal the office's next citizens with the key in force; how many there were."""
    locked(session, office_id)
    citizens = _next(session, office_id, Citizen.column_key != keys.column_key)
    for citizen in citizens:
        citizen.identity = keys.seal(keys.open(citizen.identity, citizen.id), citizen.id)
        citizen.column_key = key_id(citizen.identity)
    return len(citizens)


def renew_secret(session: Session, keys: Keys, purpose: Purpose, now: datetime) -> int:
    """Put a new secret in force and tell the kiosks of all offices, unless an earlier renewal is
    still to be finished; how many rows are to be indexed anew. Templates are turned by the
    kiosks."""
    for office in all_locked(session):
        tell(session, office, "secret", purpose)
    if purpose == "template":
        keys.renew_secret(purpose, now)
        return 0
    left = _not_under(session, keys.secret(purpose).id)
    return left or _not_under(session, keys.renew_secret(purpose, now).id)


def reindex(session: Session, keys: Keys, office_id: int) -> int:
    """Index the office's next citizens under the number secret in force; how many there were."""
    office = locked(session, office_id)
    citizens = _next(session, office_id, Citizen.number_secret != keys.secret("number").id)
    for citizen in citizens:
        describe_number(keys, citizen, identity_of(keys, citizen).number)
        tell_known(session, office, citizen)
    return len(citizens)


def cover_representatives(session: Session, keys: Keys) -> int:
    """Put the number secret in force upon the indices of the next of those who consented for a
    child, who are few; how many there were. A proof of consent outlives the citizen, and names no
    office."""
    all_locked(session)
    secret = keys.secret("number")
    consents = session.scalars(select(Consent).where(_uncovered(secret.id)).limit(STEP)).all()
    for consent in consents:
        if consent.representative_index is not None:
            consent.representative_index = number_index(secret.key, consent.representative_index)
            consent.representative_secret = secret.id
    return len(consents)


def _next(session: Session, office_id: int, is_old: ColumnElement[bool]) -> Sequence[Citizen]:
    old = select(Citizen).where(Citizen.office_id == office_id, is_old)
    return session.scalars(old.limit(STEP)).all()


def _uncovered(secret: str) -> ColumnElement[bool]:
    """Condition: a consent whose representative's index does not depend on this secret."""
    older = Consent.representative_secret.is_distinct_from(secret)
    return Consent.representative_index.is_not(None) & older


def _not_under(session: Session, secret: str) -> int:
    consents = select(func.count()).select_from(Consent).where(_uncovered(secret))
    return _left(session, Citizen.number_secret, secret) + (session.scalar(consents) or 0)


def _left(session: Session, column: InstrumentedAttribute[str], newest: str) -> int:
    counted = select(func.count()).select_from(Citizen).where(column != newest)
    return session.scalar(counted) or 0
