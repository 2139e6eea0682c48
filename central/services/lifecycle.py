"""The life of an office: made, renamed, closed, opened again; and how each stands."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import uuid4

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from central.db.accounts import User, WebSession
from central.db.models import FIRST_OFFICE, Device, Office, Role
from central.services.counters import close_all
from central.services.offices import all_offices, locked, tell
from central.services.queue import waiting

_LONGEST = 200
"""Characters of a name."""
Fault = Literal["name_empty", "name_long", "name_taken", "runs_server"]


class OfficeFault(ValueError):
    """What was asked for cannot be. ``reason``: which sentence explains it."""

    def __init__(self, reason: Fault) -> None:
        super().__init__(reason)
        self.reason: Fault = reason


@dataclass(frozen=True, slots=True)
class Standing:
    """An office at a glance."""

    office: Office
    kiosks: int
    """That may speak to this server, or may again with their office."""
    users: int
    """Who may sign in, as the kiosks."""
    waiting: int
    """Who holds a ticket of today and was not called."""
    synced_at: datetime | None
    """When one of its kiosks last asked for something, give or take a minute."""


def make(session: Session, name: str) -> Office:
    """Another office, without kiosks and users. Raises :class:`OfficeFault`."""
    locked(session, FIRST_OFFICE)  # one at a time: of two at once the second finds the first
    offices = all_offices(session)
    office = Office(
        id=offices[-1].id + 1,
        name=_free_name(offices, None, name),
        stream=uuid4(),
        position=0,
    )
    session.add(office)
    session.flush()
    return office


def rename(session: Session, office_id: int, name: str) -> Office:
    """Call the office so from now on. Raises :class:`OfficeFault`."""
    locked(session, FIRST_OFFICE)
    office = session.get_one(Office, office_id)
    office.name = _free_name(all_offices(session), office, name)
    return office


def close(session: Session, office_id: int, now: datetime) -> Office:
    """Let nobody of the office in from now on, until :func:`reopen`: its sessions end, its kiosks
    and its software are refused as if they were revoked, its counters close. What it holds stays,
    for as long as the office decided. Raises :class:`OfficeFault` for the one that runs the
    server."""
    if office_id == FIRST_OFFICE:
        raise OfficeFault("runs_server")
    # Devices first: a kiosk that delivers holds its own row, and may wait for the office's. Once
    # more afterwards: one may have been added while this waited.
    mine = update(Device).where(Device.office_id == office_id, Device.revoked_at.is_(None))
    refused = mine.values(revoked_at=now, closed_with_office=True)
    session.execute(refused)
    office = locked(session, office_id)
    session.execute(refused)
    office.closed_at = office.closed_at or now
    users = select(User.id).where(User.office_id == office_id)
    session.execute(delete(WebSession).where(WebSession.user_id.in_(users)))
    close_all(session, office_id, now)
    return office


def reopen(session: Session, office_id: int) -> Office:
    """Let in again whoever was before the office was closed. Its kiosks have forgotten everybody
    and the server's secrets, as revoked ones do: they are told of both."""
    closed = update(Device).where(Device.office_id == office_id, Device.closed_with_office)
    session.execute(closed.values(revoked_at=None, closed_with_office=False))
    office = locked(session, office_id)
    if office.closed_at is not None:
        office.closed_at = None
        for purpose in ("template", "number"):
            tell(session, office, "secret", purpose)
    return office


def standings(session: Session, today: date) -> list[Standing]:
    """Every office, the one that runs the server first."""
    kiosk = Device.role == Role.KIOSK
    in_use = Device.revoked_at.is_(None) | Device.closed_with_office
    kiosks = _by_office(session, Device.office_id, func.count(), kiosk & in_use)
    users = _by_office(session, User.office_id, func.count(), User.disabled_at.is_(None))
    seen = _by_office(session, Device.office_id, func.max(Device.seen_at), kiosk)
    waits: dict[int, int] = {}
    for (office, _), count in waiting(session, today).items():
        waits[office] = waits.get(office, 0) + count
    return [
        Standing(
            office,
            kiosks.get(office.id, 0),
            users.get(office.id, 0),
            waits.get(office.id, 0),
            seen.get(office.id),
        )
        for office in all_offices(session)
    ]


def named_among(offices: Sequence[Office], name: str) -> Office | None:
    """The one of this name, capitals aside, or of this number."""
    same = [office for office in offices if office.name and _folded(office.name) == _folded(name)]
    same += [office for office in offices if str(office.id) == name.strip()]
    return same[0] if same else None


def _by_office(session: Session, office: Any, counted: Any, condition: Any) -> dict[int, Any]:
    rows = session.execute(select(office, counted).where(condition).group_by(office))
    return {number: value for number, value in rows}  # noqa: C416 -- rows


def _free_name(offices: Sequence[Office], office: Office | None, name: str) -> str:
    name = _tidy(name)
    if not name:
        raise OfficeFault("name_empty")
    if len(name) > _LONGEST:
        raise OfficeFault("name_long")
    if any(each is not office and _folded(each.name) == name.casefold() for each in offices):
        raise OfficeFault("name_taken")
    return name


def _folded(name: str) -> str:
    return _tidy(name).casefold()


def _tidy(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).split())
