"""Devices: the office's software with its token, and the end of any of them."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.db.models import Device, Office, Role

SEEN_EVERY = timedelta(minutes=1)
"""How exactly it is kept when a device was seen: each time would be a write too many."""


class NameTaken(ValueError):
    """The name is another device's of the office, or was: old records must keep naming the right
    one."""


class OfficeClosed(ValueError):
    """Nobody of the office is let in, so nothing is added to it."""


def add_device(session: Session, office_id: int, name: str, role: Role, now: datetime) -> str:
    """Register a device; its token, which is not kept and cannot be shown again.

    Raises :class:`NameTaken` or :class:`OfficeClosed`.
    """
    refuse_closed(session, office_id)
    if named(session, office_id, name):
        raise NameTaken(name)
    token = secrets.token_urlsafe(32)
    session.add(
        Device(
            uid=uuid4(),
            office_id=office_id,
            name=name,
            role=role,
            token_sha256=digest(token),
            created_at=now,
        )
    )
    return token


def device_of(session: Session, token: str) -> Device | None:
    """Whose token this is; None for an unknown or revoked one.

    Looked up by its hash, so timing tells nothing about the tokens that exist. A token has 256
    random bits: a slow password hash would add nothing.
    """
    return session.scalar(
        select(Device).where(Device.token_sha256 == digest(token), Device.revoked_at.is_(None))
    )


def refuse_closed(session: Session, office_id: int) -> None:
    """Raises :class:`OfficeClosed`. Until the end of the transaction it stays open: whoever closes
    it then finds what was added."""
    share = {"read": True}
    office = session.get_one(Office, office_id, with_for_update=share, populate_existing=True)
    if office.closed_at is not None:
        raise OfficeClosed(office_id)


def named(session: Session, office_id: int, name: str) -> Device | None:
    """The office's device of this name, revoked or not."""
    return session.scalar(select(Device).filter_by(office_id=office_id, name=name))


def revoke_device(session: Session, office_id: int, name: str, now: datetime) -> None:
    """Refuse this device from its next request on, for good. Raises :class:`LookupError`."""
    device = named(session, office_id, name)
    if device is None:
        raise LookupError(name)
    device.revoked_at = device.revoked_at or now
    device.closed_with_office = False


def devices_of(session: Session, office_id: int) -> list[Device]:
    """Every device the office ever had, by name."""
    mine = select(Device).filter_by(office_id=office_id)
    return list(session.scalars(mine.order_by(Device.name)))


def note_seen(device: Device, now: datetime) -> None:
    """The device has just asked for something."""
    if device.seen_at is None or abs(now - device.seen_at) >= SEEN_EVERY:
        device.seen_at = now


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
