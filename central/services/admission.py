"""Who is asking: the signature on a kiosk's request, by the rules of :mod:`wire.device`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, cast
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Executable, String, Table, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from central.db.models import Device, SpentJti, UtcDateTime
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
class Signer:
    """A kiosk as it stands in the table: who it is, and by what it is known."""

    device_id: int
    office_id: int
    public_key: bytes
    is_revoked: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """That a kiosk signed a request, and the request's own id, not yet used up."""

    signer: Signer
    jti: str
    expires: int
    """Seconds since 1970."""


def named(token: str) -> UUID:
    """Whom the token names; nothing of it is believed yet. Raises :class:`Denial`."""
    if len(token) > _LONGEST or token.count(".") != 2:
        raise Denial("unsigned")
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
        return UUID(claims["iss"])
    except (jwt.PyJWTError, KeyError, ValueError, TypeError, AttributeError, RecursionError):
        raise Denial("signature") from None


def signer_of(session: Session, uid: UUID) -> Signer:
    """The kiosk of that name. Raises :class:`Denial`."""
    row = session.execute(
        select(Device.id, Device.office_id, Device.public_key, Device.revoked_at).where(
            Device.uid == uid
        )
    ).one_or_none()
    if row is None or row.public_key is None:
        raise Denial("unknown")
    return Signer(row.id, row.office_id, row.public_key, row.revoked_at is not None)


def prove(token: str, signer: Signer, now: datetime) -> Proof:
    """What ``token`` proves. Raises :class:`Denial`. A revoked kiosk is told so only after its
    signature was right, so that nobody else learns who was revoked."""
    claims = _verified(token, Ed25519PublicKey.from_public_bytes(signer.public_key))
    issued, expires, jti = (claims[name] for name in ("iat", "exp", "jti"))
    if type(issued) is not int or type(expires) is not int or not 0 < len(jti) <= _LONGEST_JTI:
        raise Denial("signature")
    if signer.is_revoked:
        raise Denial("revoked")
    if not _is_fresh(issued, expires, now.timestamp()):
        raise Denial("stale")
    return Proof(signer, jti, expires)


def spend(session: Session, proof: Proof) -> bool:
    """Use the proof up, in the table all workers share. In one statement, so that whoever was
    let in before need not be looked up: False when the kiosk is no longer the one that was proved
    (revoked, another key, another office), or the proof was used before."""
    signer = proof.signer
    asked = {
        "device": signer.device_id,
        "office": signer.office_id,
        "key": signer.public_key,
        "proof": proof.jti,
        "until": datetime.fromtimestamp(proof.expires, UTC) + timedelta(seconds=LEEWAY_S),
    }
    return session.execute(_SPEND[session.get_bind().dialect.name], asked).first() is not None


def sweep(session: Session, now: datetime) -> None:
    """Drop what of signatures is too old to matter."""
    session.execute(delete(SpentJti).where(SpentJti.expires_at < now))


def _is_fresh(issued: int, expires: int, now: float) -> bool:
    return (
        0 < expires - issued <= LIFETIME_S
        and issued <= now + LEEWAY_S
        and expires >= now - LEEWAY_S
    )


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


def _spending(insert: type[postgresql.Insert] | type[sqlite.Insert]) -> Executable:
    """The statement of :func:`spend`. Of tables, and put together once: every request pays it."""
    devices = cast("Table", Device.__table__).c
    spent = cast("Table", SpentJti.__table__)
    values = select(
        devices.id, bindparam("proof", type_=String), bindparam("until", type_=UtcDateTime)
    ).where(
        devices.id == bindparam("device"),
        devices.office_id == bindparam("office"),
        devices.public_key == bindparam("key"),
        devices.revoked_at.is_(None),
    )
    return (
        insert(spent)
        .from_select([spent.c.device_id, spent.c.jti, spent.c.expires_at], values)
        .on_conflict_do_nothing()
        .returning(spent.c.device_id)
    )


_SPEND = {
    "postgresql": _spending(postgresql.Insert),
    "sqlite": _spending(sqlite.Insert),
}
