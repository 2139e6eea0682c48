"""How long things are kept, and removing what is too old."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from central.db.engine import Database
from central.db.models import Citizen, Consent, Office, Tombstone
from central.db.requests import PrivacyRequest
from central.services import audit
from central.services.citizens import erase
from central.services.offices import the_office

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

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self))


def retention_of(office: Office) -> Retention:
    """What the office decided, or the default."""
    return Retention.model_validate(office.retention or {})


def keep(office: Office, retention: Retention) -> None:
    """Keep things so long from now on."""
    office.retention = retention.model_dump()


def enforce(database: Database, now: datetime) -> Removed:
    """Remove what is too old, in steps; says so in the audit log when it was anything."""
    with database.reading() as session:
        policy = retention_of(the_office(session))
    citizens = 0
    while count := _forget(database, now - timedelta(days=policy.visitor_days), now):
        citizens += count
    with database.writing() as session:
        consents = _remove_consents(session, now - timedelta(days=policy.consent_days))
        requests = _remove_requests(session, now - timedelta(days=policy.request_days))
        before = now - timedelta(days=policy.access_log_days)
        rows = audit.remove_before(session, database.keys, before, now, _ACTOR)
        removed = Removed(citizens, consents, requests, rows)
        if citizens or consents or requests:
            audit.record(
                session,
                database.keys,
                now,
                _ACTOR,
                "retention.enforced",
                citizens=citizens,
                consents=consents,
                requests=requests,
            )
    return removed


def _forget(database: Database, before: datetime, now: datetime) -> int:
    with database.writing() as session:
        office = the_office(session).id
        old: Sequence[UUID] = session.scalars(
            select(Citizen.id)
            .where(Citizen.last_visit < before, Citizen.office_id == office)
            .limit(_STEP)
        ).all()
        for citizen in old:
            erase(session, office, citizen, now, "expired")
        return len(old)


def _remove_consents(session: Session, before: datetime) -> int:
    forgotten = select(Tombstone.citizen).where(Tombstone.erased_at < before)
    ended = or_(Consent.withdrawn_at < before, Consent.citizen.in_(forgotten))
    return len(session.execute(delete(Consent).where(ended).returning(Consent.id)).all())


def _remove_requests(session: Session, before: datetime) -> int:
    old = delete(PrivacyRequest).where(PrivacyRequest.closed_at < before)
    return len(session.execute(old.returning(PrivacyRequest.id)).all())
