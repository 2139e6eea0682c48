"""New keys and secrets in place of old ones, in steps that may stop and go on at any time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import InstrumentedAttribute

from central.db.accounts import User
from central.db.keys import Keys, Purpose, key_id
from central.db.models import Citizen, Consent
from central.services.citizens import describe_number, identity_of, tell_known
from central.services.offices import locked, tell, the_office
from wire import OfficeSecret, number_index

STEP = 200
"""Citizens changed in one transaction: kiosks wait for it."""


def renew_column_key(session: Session, keys: Keys, now: datetime) -> int:
    """Put a new column key in force, unless an earlier renewal is still to be finished; how many
    citizens are to be sealed anew. Users' second factors are few, and sealed anew at once."""
    locked(session, the_office(session).id)
    left = _left(session, Citizen.column_key, keys.column_key)
    if not left:
        left = _left(session, Citizen.column_key, keys.renew_column_key(now))
    for user in session.scalars(select(User).where(User.totp.is_not(None))):
        if user.totp is not None and key_id(user.totp) != keys.column_key:
            user.totp = keys.seal(keys.open(user.totp, user.uid), user.uid)
    return left


def reseal(session: Session, keys: Keys) -> int:
    """Seal the next citizens with the key in force; how many there were."""
    locked(session, the_office(session).id)
    old = select(Citizen).where(Citizen.column_key != keys.column_key).limit(STEP)
    citizens = session.scalars(old).all()
    for citizen in citizens:
        citizen.identity = keys.seal(keys.open(citizen.identity, citizen.id), citizen.id)
        citizen.column_key = key_id(citizen.identity)
    return len(citizens)


def renew_secret(session: Session, keys: Keys, purpose: Purpose, now: datetime) -> int:
    """Put a new office secret in force and tell the kiosks, unless an earlier renewal is still to
    be finished; how many citizens are to be indexed anew. Templates are turned by the kiosks."""
    office = locked(session, the_office(session).id)
    tell(session, office, "secret", purpose)
    if purpose == "template":
        keys.renew_secret(purpose, now)
        return 0
    left = _not_under(session, keys.secret(purpose).id)
    return left or _not_under(session, keys.renew_secret(purpose, now).id)


def reindex(session: Session, keys: Keys) -> int:
    """Index the next citizens, and then the next of those who consented for a child, under the
    number secret in force; how many there were."""
    office = locked(session, the_office(session).id)
    secret = keys.secret("number")
    old = select(Citizen).where(Citizen.number_secret != secret.id).limit(STEP)
    citizens = session.scalars(old).all()
    for citizen in citizens:
        describe_number(keys, citizen, identity_of(keys, citizen).number)
        tell_known(session, office, citizen)
    return len(citizens) or _cover_representatives(session, secret)


def _cover_representatives(session: Session, secret: OfficeSecret) -> int:
    consents = session.scalars(select(Consent).where(_uncovered(secret.id)).limit(STEP)).all()
    for consent in consents:
        if consent.representative_index is not None:
            consent.representative_index = number_index(secret.key, consent.representative_index)
            consent.representative_secret = secret.id
    return len(consents)


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
