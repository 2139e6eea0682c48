"""Devices: the office's software with its token, and the end of any of them."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.db.models import Device, Role
from central.services.offices import the_office

SEEN_EVERY = timedelta(minutes=1)
"""How exactly it is kept when a device was seen: each time would be a write too many."""


class NameTaken(ValueError):
    """The name is another device's, or was: old records must keep naming the right one."""


def add_device(session: Session, name: str, role: Role, now: datetime) -> str:
    """Register a device; its token, which is not kept and cannot be shown again.

    Raises :class:`NameTaken`.
    """
    if named(session, name):
        raise NameTaken(name)
    token = secrets.token_urlsafe(32)
    session.add(
        Device(
            uid=uuid4(),
            office_id=the_office(session).id,
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


def named(session: Session, name: str) -> Device | None:
    """The device of this name, revoked or not."""
    return session.scalar(select(Device).where(Device.name == name))


def revoke_device(session: Session, name: str, now: datetime) -> None:
    """Refuse this device from its next request on. Raises :class:`LookupError`."""
    device = named(session, name)
    if device is None:
        raise LookupError(name)
    device.revoked_at = device.revoked_at or now


def all_devices(session: Session) -> list[Device]:
    """Every device ever registered, by name."""
    return list(session.scalars(select(Device).order_by(Device.name)))


def note_seen(device: Device, now: datetime) -> None:
    """The device has just asked for something."""
    if device.seen_at is None or abs(now - device.seen_at) >= SEEN_EVERY:
        device.seen_at = now


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
