"""How long things are kept, and removing what is too old."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from operator import add
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from central.db.engine import Database
from central.db.models import Citizen, Consent, Office, Tombstone
from central.db.requests import PrivacyRequest
from central.services import audit
from central.services.citizens import erase
from central.services.offices import all_offices

EVERY = timedelta(hours=1)
_STEP = 100
"""Citizens forgotten in one transaction: kiosks wait for it."""
_ACTOR = "command:retention"

Days = Annotated[int, Field(ge=1, le=36_500)]


class Retention(BaseModel):
    """Days each thing is kept."""

    model_config = ConfigDict(frozen=True)

    visitor_days: Days = 180
    """Citizens, after their last visit."""
    access_log_days: Days = 365
    consent_days: Days = 3 * 365
    """The proof of a consent, after it ended."""
    request_days: Days = 5 * 365
    """What was asked for under the law, after it was done; tombstones are kept for good."""


@dataclass(frozen=True, slots=True)
class Removed:
    """How much was too old."""

    citizens: int
    consents: int
    requests: int
    audit_rows: int

    def __add__(self, other: Removed) -> Removed:
        return Removed(*map(add, astuple(self), astuple(other)))

    def __bool__(self) -> bool:
        return any(astuple(self))


def retention_of(office: Office) -> Retention:
    """What the office decided, or the default."""
    return Retention.model_validate(office.retention or {})


def keep(office: Office, retention: Retention) -> None:
    """Keep things so long from now on."""
    office.retention = retention.model_dump()


def enforce(database: Database, now: datetime) -> Removed:
    """Remove what is too old, in steps, at each office as it decided, at closed ones as well; says
    so in the audit log when it was anything."""
    with database.reading() as session:
        policies = {office.id: retention_of(office) for office in all_offices(session)}
    removed = Removed(0, 0, 0, 0)
    for office, policy in policies.items():
        removed += _enforce(database, office, policy, now)
    before = {
        office: now - timedelta(days=policy.access_log_days) for office, policy in policies.items()
    }
    with database.writing() as session:
        rows = audit.remove_before(session, database.keys, before, now, _ACTOR)
    return removed + Removed(0, 0, 0, rows)


def _enforce(database: Database, office: int, policy: Retention, now: datetime) -> Removed:
    citizens = 0
    while count := _forget(database, office, now - timedelta(days=policy.visitor_days), now):
        citizens += count
    with database.writing() as session:
        consents = _remove_consents(session, office, now - timedelta(days=policy.consent_days))
        requests = _remove_requests(session, office, now - timedelta(days=policy.request_days))
        if citizens or consents or requests:
            audit.record(
                session,
                database.keys,
                now,
                office,
                _ACTOR,
                "retention.enforced",
                citizens=citizens,
                consents=consents,
                requests=requests,
            )
    return Removed(citizens, consents, requests, 0)


def _forget(database: Database, office: int, before: datetime, now: datetime) -> int:
    with database.writing() as session:
        old: Sequence[UUID] = session.scalars(
            select(Citizen.id)
            .where(Citizen.last_visit < before, Citizen.office_id == office)
            .limit(_STEP)
        ).all()
        for citizen in old:
            erase(session, office, citizen, now, "expired")
        return len(old)


def _remove_consents(session: Session, office: int, before: datetime) -> int:
    known = select(Citizen.id).where(Citizen.office_id == office)
    forgotten = select(Tombstone.citizen).where(Tombstone.office_id == office)
    long_ago = Consent.citizen.in_(forgotten.where(Tombstone.erased_at < before))
    withdrawn = Consent.withdrawn_at < before
    ended = long_ago | (withdrawn & Consent.citizen.in_(known.union(forgotten)))
    return len(session.execute(delete(Consent).where(ended).returning(Consent.id)).all())


def _remove_requests(session: Session, office: int, before: datetime) -> int:
    mine = PrivacyRequest.office_id == office, PrivacyRequest.closed_at < before
    old = delete(PrivacyRequest).where(*mine)
    return len(session.execute(old.returning(PrivacyRequest.id)).all())
