"""What an impact assessment of personal data asks of this server: what is kept, how much of it and
how long, who may see it. Counts only, nobody's data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from central.db.accounts import AuditRow, User, UserRole
from central.db.models import (
    Citizen,
    Consent,
    Device,
    FaceTemplate,
    Office,
    Role,
    Ticket,
    Tombstone,
    Visit,
)
from central.db.requests import PrivacyRequest, RequestKind
from central.services.audit import concerns
from central.services.requests import next_deadline
from central.services.retention import Retention, retention_of


@dataclass(frozen=True, slots=True)
class Requested:
    """Requests under the law of one kind."""

    kind: RequestKind
    closed: int
    open: int
    late: int


@dataclass(frozen=True, slots=True)
class Impact:
    """An office at one moment."""

    kept: dict[str, int]
    """How many there are of each thing that is kept."""
    days: dict[str, int | None]
    """How long each is kept after it ended or was last used; None: for good."""
    consents: dict[str, int]
    """In force, by purpose."""
    children: int
    """Citizens for whom somebody else consented."""
    requests: tuple[Requested, ...]
    users: dict[str, int]
    """Who may sign in, by role."""
    without_second_factor: int
    kiosks: int
    programs: int
    """The office's own software, which reads everybody."""


def impact_of(session: Session, office: Office, now: datetime) -> Impact:
    """The facts of ``office``."""
    mine = Citizen.office_id == office.id
    citizens, devices = select(Citizen.id).where(mine), _here(Device, office)
    kiosks = devices.where(Device.role == Role.KIOSK)
    users = _here(User, office).where(User.disabled_at.is_(None))
    in_force = select(Consent.purpose, func.count(Consent.citizen.distinct())).where(
        Consent.citizen.in_(citizens), Consent.withdrawn_at.is_(None)
    )
    represented = select(func.count(Consent.citizen.distinct())).where(
        Consent.citizen.in_(citizens), Consent.representative_index.is_not(None)
    )
    by_role = select(User.role, func.count()).where(
        User.office_id == office.id, User.disabled_at.is_(None)
    )
    in_use = Device.revoked_at.is_(None)
    programs = devices.where(Device.role == Role.OFFICE, in_use)
    return Impact(
        kept=_kept(session, office, mine),
        days=_days(retention_of(office)),
        consents=_pairs(session, in_force.group_by(Consent.purpose)),
        children=session.scalar(represented) or 0,
        requests=_requests(session, office, now),
        users=_pairs(session, by_role.group_by(User.role)),
        without_second_factor=_count(
            session, users.where(User.totp.is_(None), User.role != UserRole.DISPLAY)
        ),
        kiosks=_count(session, kiosks.where(in_use)),
        programs=_count(session, programs),
    )


def _kept(session: Session, office: Office, mine: ColumnElement[bool]) -> dict[str, int]:
    here = select(Device.id).where(Device.office_id == office.id)
    faces = select(FaceTemplate.citizen).join(Citizen, Citizen.id == FaceTemplate.citizen)
    visits = select(Visit.position).where(Visit.device_id.in_(here))
    people = select(Citizen.id).where(mine)
    gone = select(Tombstone.citizen).where(Tombstone.office_id == office.id)
    consents = select(Consent.id).where(Consent.citizen.in_(people.union(gone)))
    return {
        "identity": _count(session, people),
        "template": _count(session, faces.where(mine)),
        "consent": _count(session, consents),
        "ticket": _count(session, select(Ticket.id).where(Ticket.office_id == office.id)),
        "visit": _count(session, visits),
        "request": _count(session, _here(PrivacyRequest, office)),
        "audit": _count(session, select(AuditRow.position).where(concerns(office.id))),
        "tombstone": _count(session, gone),
    }


def _days(retention: Retention) -> dict[str, int | None]:
    return {
        "identity": retention.visitor_days,
        "template": retention.visitor_days,
        "consent": retention.consent_days,
        "ticket": None,
        "visit": None,
        "request": retention.request_days,
        "audit": retention.access_log_days,
        "tombstone": None,
    }


def _requests(session: Session, office: Office, now: datetime) -> tuple[Requested, ...]:
    rows = session.scalars(_here(PrivacyRequest, office)).all()
    told: list[Requested] = []
    for kind in RequestKind:
        mine = [row for row in rows if row.kind == kind]
        still = [row for row in mine if row.closed_at is None]
        late = sum(next_deadline(row) < now for row in still)
        told.append(Requested(kind, len(mine) - len(still), len(still), late))
    return tuple(told)


def _here(table: type[Any], office: Office) -> Select[Any]:
    return select(table).where(table.office_id == office.id)


def _count(session: Session, rows: Select[Any]) -> int:
    return session.scalar(select(func.count()).select_from(rows.subquery())) or 0


def _pairs(session: Session, counted: Select[str, int]) -> dict[str, int]:
    return {name: count for name, count in session.execute(counted)}  # noqa: C416 -- rows
