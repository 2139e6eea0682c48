"""Requests under the law: their deadlines, and what carrying one out does.

Deadlines (Decree 356/2025): an answer within two working days; carried out within ten days
(access, correction), fifteen (withdrawal) or twenty (deletion).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.db.accounts import User
from central.db.keys import Keys
from central.db.models import Citizen, Office
from central.db.requests import PrivacyRequest, RequestKind, RequestOutcome
from central.services.citizens import citizen_of, correct, erase, withdraw
from central.services.offices import settings_of
from wire import IdentityData

ANSWER_WORKING_DAYS: Final = 2
DAYS: Final = {
    RequestKind.ACCESS: 10,
    RequestKind.CORRECTION: 10,
    RequestKind.WITHDRAWAL: 15,
    RequestKind.DELETION: 20,
}
_WEEKEND = 5
"""Saturday, as :meth:`datetime.date.weekday` counts."""


class RequestFault(ValueError):
    """What was asked for cannot be. ``reason``: ``open`` (there is one of this kind already),
    ``closed``, ``gone`` (the citizen was forgotten), ``no_reason``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def receive(
    session: Session, citizen: Citizen, kind: RequestKind, by: User, now: datetime, zone: ZoneInfo
) -> PrivacyRequest:
    """Note what a citizen asks for; from now on the deadlines run. Raises
    :class:`RequestFault`."""
    mine = select(PrivacyRequest).where(
        PrivacyRequest.citizen == citizen.id,
        PrivacyRequest.kind == kind,
        PrivacyRequest.closed_at.is_(None),
    )
    if session.scalar(mine) is not None:
        raise RequestFault("open")
    office = session.get_one(Office, citizen.office_id)
    settings = settings_of(office)
    today = now.astimezone(zone).date()
    answer = working_days_after(today, ANSWER_WORKING_DAYS, settings.holidays if settings else ())
    request = PrivacyRequest(
        office_id=office.id,
        citizen=citizen.id,
        kind=kind,
        received_at=now,
        received_by=by.id,
        answer_by=_end_of(answer, zone),
        due_at=_end_of(today + timedelta(days=DAYS[kind]), zone),
    )
    session.add(request)
    session.flush()
    return request


def working_days_after(day: date, count: int, holidays: Collection[date]) -> date:
    """The ``count``-th day after ``day`` that is neither a weekend nor a holiday."""
    while count:
        day += timedelta(days=1)
        if day.weekday() < _WEEKEND and day not in holidays:
            count -= 1
    return day


def open_requests(session: Session, office_id: int) -> list[PrivacyRequest]:
    """What is still to be done, most urgent first."""
    of = PrivacyRequest.office_id == office_id, PrivacyRequest.closed_at.is_(None)
    return list(session.scalars(select(PrivacyRequest).where(*of).order_by(PrivacyRequest.due_at)))


def closed_requests(session: Session, office_id: int, limit: int = 100) -> list[PrivacyRequest]:
    """What was done, newest first."""
    of = PrivacyRequest.office_id == office_id, PrivacyRequest.closed_at.is_not(None)
    newest = PrivacyRequest.closed_at.desc()
    return list(session.scalars(select(PrivacyRequest).where(*of).order_by(newest).limit(limit)))


def requests_of(session: Session, citizen: UUID) -> list[PrivacyRequest]:
    """Everything a citizen asked for, newest first."""
    mine = select(PrivacyRequest).where(PrivacyRequest.citizen == citizen)
    return list(session.scalars(mine.order_by(PrivacyRequest.received_at.desc())))


def next_deadline(request: PrivacyRequest) -> datetime:
    """What runs out first: the answer, then the request itself."""
    return request.due_at if request.answered_at else request.answer_by


def answer(request: PrivacyRequest, now: datetime) -> None:
    """The citizen was told. Raises :class:`RequestFault`."""
    _refuse_closed(request)
    request.answered_at = request.answered_at or now


def carry_out(
    session: Session,
    keys: Keys,
    request: PrivacyRequest,
    by: User,
    now: datetime,
    corrected: IdentityData | None = None,
) -> None:
    """Do what was asked for, and close the request. ``corrected``: what the citizen's data should
    be. Raises :class:`RequestFault`."""
    _refuse_closed(request)
    citizen = citizen_of(session, request.citizen)
    if citizen is None and request.kind != RequestKind.DELETION:
        raise RequestFault("gone")
    if request.kind == RequestKind.DELETION:
        erase(session, request.office_id, request.citizen, now, "asked")
    elif citizen and request.kind == RequestKind.WITHDRAWAL:
        withdraw(session, citizen, now)
    elif citizen and request.kind == RequestKind.CORRECTION:
        if corrected is None:
            raise RequestFault("no_reason")
        correct(session, keys, citizen, corrected)
    _close(request, by, now, RequestOutcome.DONE)


def refuse(request: PrivacyRequest, by: User, now: datetime, reason: str) -> None:
    """Close the request without doing it, and say why. Raises :class:`RequestFault`."""
    _refuse_closed(request)
    if not reason.strip():
        raise RequestFault("no_reason")
    request.reason = reason.strip()[:300]
    _close(request, by, now, RequestOutcome.REFUSED)


def _close(request: PrivacyRequest, by: User, now: datetime, outcome: RequestOutcome) -> None:
    request.answered_at = request.answered_at or now
    request.closed_at, request.closed_by, request.outcome = now, by.id, outcome


def _refuse_closed(request: PrivacyRequest) -> None:
    if request.closed_at is not None:
        raise RequestFault("closed")


def _end_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(23, 59, 59), zone)
