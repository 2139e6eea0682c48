"""Who is asking: the signature on a kiosk's request, by the rules of :mod:`wire.device`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from central.db.models import Device, SpentJti
from central.services.devices import note_seen
from wire import AUDIENCE, LEEWAY_S, LIFETIME_S

_LONGEST = 2048
"""Characters of a signed token; an honest one is a quarter of it."""
_LONGEST_JTI = 64
Reason = Literal["unsigned", "unknown", "signature", "stale", "replayed", "revoked", "token"]


class Denial(Exception):
    """A kiosk is not let in. ``reason``: as in :class:`wire.Denied`."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


@dataclass(frozen=True, slots=True)
class Proof:
    """Which kiosk signed a request, and the request's own id, not yet used up."""

    device_id: int
    jti: str
    expires: int
    """Seconds since 1970."""


def verify(session: Session, token: str, now: datetime) -> Proof:
    """What ``token`` proves. Nothing is written: who cannot sign must not cost a write.

    Raises :class:`Denial`. A revoked kiosk is told so only after its signature was right, so that
    nobody else learns who was revoked.
    """
    if len(token) > _LONGEST or token.count(".") != 2:
        raise Denial("unsigned")
    device = _signer(session, token)
    if device is None or device.public_key is None:
        raise Denial("unknown")
    claims = _verified(token, Ed25519PublicKey.from_public_bytes(device.public_key))
    issued, expires, jti = (claims[name] for name in ("iat", "exp", "jti"))
    if type(issued) is not int or type(expires) is not int or not 0 < len(jti) <= _LONGEST_JTI:
        raise Denial("signature")
    if device.revoked_at is not None:
        raise Denial("revoked")
    if not _is_fresh(issued, expires, now.timestamp()):
        raise Denial("stale")
    return Proof(device.id, jti, expires)


def spend(session: Session, proof: Proof, now: datetime) -> None:
    """Use the proof up, in the table all workers share, and note that its kiosk was seen; what
    of that kiosk's is outdated goes then. Raises :class:`Denial` the second time."""
    until = datetime.fromtimestamp(proof.expires, UTC) + timedelta(seconds=LEEWAY_S)
    row = {"device_id": proof.device_id, "jti": proof.jti, "expires_at": until}
    try:
        session.execute(insert(SpentJti).values(row))
    except IntegrityError:
        raise Denial("replayed") from None
    if note_seen(session, proof.device_id, now):
        session.execute(
            delete(SpentJti).where(SpentJti.device_id == proof.device_id, SpentJti.expires_at < now)
        )


def _is_fresh(issued: int, expires: int, now: float) -> bool:
    return (
        0 < expires - issued <= LIFETIME_S
        and issued <= now + LEEWAY_S
        and expires >= now - LEEWAY_S
    )


def _signer(session: Session, token: str) -> Device | None:
    """Whom the token names. Nothing of it is believed yet."""
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
        uid = UUID(claims["iss"])
    except (jwt.PyJWTError, KeyError, ValueError, TypeError, AttributeError, RecursionError):
        raise Denial("signature") from None
    return session.scalar(select(Device).where(Device.uid == uid))


def _verified(token: str, key: Ed25519PublicKey) -> dict[str, Any]:
    """The token's claims. Times are compared by the caller: here the server's own clock counts,
    which need not be the system's."""
    try:
        return jwt.decode(
            token,
            key,
            algorithms=["EdDSA"],
            audience=AUDIENCE,
            options={
                "require": ["iss", "aud", "iat", "exp", "jti"],
                "strict_aud": True,
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
    except jwt.PyJWTError:
        raise Denial("signature") from None
