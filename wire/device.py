"""Who a kiosk is to central: enrolled once, then proved by a signature on every request.

A request carries ``Authorization: Bearer <JWT>`` (RFC 7519, RFC 8725) signed with EdDSA by the key
that was made on the device: ``iss`` the device's id, ``aud`` :data:`AUDIENCE`, ``iat`` and ``exp``
at most :data:`LIFETIME_S` apart by *central's* clock, ``jti`` never used twice.
"""

from __future__ import annotations

from base64 import b64encode
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Base64Bytes, Field

from wire.model import Model, Moment
from wire.office import OfficeSettings
from wire.people import SecretId

AUDIENCE = "central"
LIFETIME_S = 60
LEEWAY_S = 30
"""How far the two clocks may be apart; beyond it central says what time it is (:class:`Denied`)."""


def _key(raw: bytes) -> bytes:
    if len(raw) != 32:
        raise ValueError("a key has 32 bytes")
    return raw


Key = Annotated[Base64Bytes, AfterValidator(_key)]


class OfficeSecret(Model):
    """A secret that all kiosks of an office share, and that central keeps outside its database."""

    id: SecretId
    purpose: Literal["template", "number"]
    """``template`` turns face templates, ``number`` keys the blind index of identity numbers."""
    key: Key = Field(description="32 bytes, base64", repr=False)
    issued_at: Moment

    @classmethod
    def of(
        cls, secret: str, purpose: Literal["template", "number"], raw: bytes, issued_at: Moment
    ) -> OfficeSecret:
        """A secret of 32 ``raw`` bytes."""
        return cls(id=secret, purpose=purpose, key=b64encode(raw), issued_at=issued_at)


class EnrolDevice(Model):
    """``POST /v1/enrolment``, the one request without a signature."""

    token: str = Field(pattern=r"^[A-Za-z0-9_-]{16,64}$", description="good for one device, once")
    public_key: Key = Field(description="Ed25519, raw, base64")


class DeviceEnrolled(Model):
    """The answer to :class:`EnrolDevice`."""

    device: UUID
    name: str = Field(max_length=64)
    as_of: Moment
    secrets: tuple[OfficeSecret, ...] = Field(description="the newest of each purpose")
    office: OfficeSettings | None = None


class Denied(Model):
    """401 or, for a device that was revoked, 403: why, and what time it is."""

    reason: Literal["unsigned", "unknown", "signature", "stale", "replayed", "revoked", "token"]
    now: Moment
