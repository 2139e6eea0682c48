"""How a kiosk becomes known: a token, good once, in exchange for the public half of its key."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import delete
from sqlalchemy.orm import Session

from central.db.keys import Keys
from central.db.models import Device, EnrolmentToken, Office, Role
from central.services.admission import Denial
from central.services.devices import NameTaken, OfficeClosed, digest, named, refuse_closed
from central.services.offices import settings_of
from wire import DeviceEnrolled, EnrolDevice

VALID = timedelta(days=7)
"""A card is flashed, posted and put in within a week."""
_TOKEN_BYTES = 24
"""192 bits: at a million guesses a second, none is right in the age of the universe. That, and
not a limit of rate, is what guards the call."""


def invite(session: Session, office_id: int, name: str, now: datetime) -> str:
    """A token for the office's kiosk called ``name``; it is not kept and cannot be shown again.

    For a kiosk the office has already (its storage card was changed) the token replaces its key.
    An earlier token for the name is void. Raises :class:`NameTaken` when the name belongs to the
    office's software or to a device that was revoked, or :class:`OfficeClosed`.
    """
    refuse_closed(session, office_id)
    if not _is_free(named(session, office_id, name)):
        raise NameTaken(name)
    session.execute(delete(EnrolmentToken).filter_by(office_id=office_id, name=name))
    session.execute(delete(EnrolmentToken).where(EnrolmentToken.expires_at < now))
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    session.add(
        EnrolmentToken(
            token_sha256=digest(token),
            office_id=office_id,
            name=name,
            expires_at=now + VALID,
        )
    )
    return token


def enrol(session: Session, keys: Keys, asked: EnrolDevice, now: datetime) -> DeviceEnrolled:
    """Take in the kiosk that holds the token, into the office that invited it, and use the token
    up.

    The same kiosk asking again (the answer was lost) is answered again. Raises :class:`Denial`.
    """
    # Locked: of two that ask at once the second finds the token used.
    token = session.get(EnrolmentToken, digest(asked.token), with_for_update=True)
    if token is None or now >= token.expires_at:
        raise Denial("token")
    device = named(session, token.office_id, token.name)
    if not _is_free(device) or token.public_key not in (None, asked.public_key):
        raise Denial("token")
    token.public_key = asked.public_key
    device = device or _new(session, token, now)
    device.public_key = asked.public_key
    session.flush()  # its row before its office's, as when it delivers
    try:
        refuse_closed(session, token.office_id)
    except OfficeClosed as closed:
        raise Denial("token") from closed
    return DeviceEnrolled(
        device=device.uid,
        name=device.name,
        as_of=now,
        secrets=(keys.secret("template"), keys.secret("number")),
        office=settings_of(session.get_one(Office, token.office_id)),
    )


def _is_free(device: Device | None) -> bool:
    return device is None or (device.role == Role.KIOSK and device.revoked_at is None)


def _new(session: Session, token: EnrolmentToken, now: datetime) -> Device:
    device = Device(
        uid=uuid4(),
        office_id=token.office_id,
        name=token.name,
        role=Role.KIOSK,
        created_at=now,
    )
    session.add(device)
    return device
