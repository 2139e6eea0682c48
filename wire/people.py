"""What is said of a citizen, in either direction."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Base64Bytes, Field

from wire.model import Model, Moment

SecretId = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]


def _vector(raw: bytes) -> bytes:
    if not raw or len(raw) % 4 or len(raw) > 4096:
        raise ValueError("1 to 1,024 little-endian float32 are expected")
    return raw


class ProtectedTemplate(Model):
    """A face template turned by the office's secret: whoever lacks the secret can compare it
    with nothing. Central keeps and relays it, and never compares it."""

    model: str = Field(min_length=1, max_length=64, description="embedding that made it")
    secret: SecretId = Field(description="which of the office's secrets turned it")
    vector: Annotated[Base64Bytes, AfterValidator(_vector)] = Field(
        description="little-endian float32, base64", repr=False
    )
    quality: float = Field(ge=0, le=1)

    @classmethod
    def of(cls, model: str, secret: str, raw: bytes, quality: float) -> ProtectedTemplate:
        """A template of ``raw`` little-endian float32."""
        return cls(model=model, secret=secret, vector=b64encode(raw), quality=quality)


class WardToday(Model):
    """The commune or ward an address lies in since the mergers of 2025."""

    code: str = Field(pattern=r"^\d{5}$", description="of the General Statistics Office")
    name: str = Field(min_length=1, max_length=100, description="with its kind")
    province: str = Field(min_length=1, max_length=100)


class IdentityData(Model):
    """What an identity card said, verbatim."""

    number: str = Field(pattern=r"^(\d{12}|\d{9})$")
    old_number: str | None = Field(default=None, pattern=r"^\d{9}$")
    name: str = Field(min_length=1, max_length=100)
    date_of_birth: str = Field(
        pattern=r"^\d{4}(-\d{2}-\d{2})?$", description="ISO date, or only the year when partial"
    )
    sex: Literal["M", "F"] | None = None
    address: str = Field(default="", max_length=300)
    issued: date | None = None
    source: Literal["qr", "mrz", "chip", "ocr", "typed"]
    ward: WardToday | None = Field(
        default=None, description="beside the address, where it leaves no doubt"
    )
    warnings: tuple[Annotated[str, Field(max_length=32)], ...] = Field(
        default=(), max_length=20, description="keys of oddities that staff may want to look at"
    )


class CardEvidence(Model):
    """How it is known that the card is what it says, and its holder's."""

    chip: Literal["not_read", "issuer_unknown", "verified"] = "not_read"
    face: Literal["not_compared", "alike"] = Field(
        default="not_compared", description="the face in front and the portrait on the chip"
    )
    confirmed: bool = Field(
        default=False, description="read from print by a machine and confirmed by the citizen"
    )


class MaskedPerson(Model):
    """As much of a citizen as a screen may show, and all a kiosk is told of somebody whose card
    another kiosk read."""

    name: str = Field(min_length=1, max_length=100, description="as NGUYỄN V** A**")
    birth: str = Field(max_length=10, description="as 19**")

    @classmethod
    def of(cls, name: str, date_of_birth: str) -> MaskedPerson:
        """Enough for the holder to know themselves, too little for whoever reads over their
        shoulder: the family name and initials, the century of birth."""
        family, *given = name.upper().split() or [""]
        words = [family, *(f"{word[0]}**" for word in given)] if given else [f"{family[:1]}**"]
        return cls(name=" ".join(words), birth=f"{date_of_birth[:2]}**")


class Representative(Model):
    """Who consents for a child: found by whoever has their number, and by nobody else."""

    number_index: str = Field(pattern=r"^[0-9a-f]{64}$", description="see number_index")
    masked: MaskedPerson


class ConsentGiven(Model):
    """Proof of one consent: which purpose, which text, when."""

    consent: UUID
    purpose: Literal["recognise", "keep_identity"]
    version: str = Field(max_length=32)
    given_at: Moment
    representative: Representative | None = Field(
        default=None, description="who consented for a child; null: the citizen"
    )
    assent: bool = Field(default=False, description="a child from the age of 7 agreed as well")


def number_index(key: bytes, number: str) -> str:
    """The blind index of an identity number: HMAC-SHA256 under the office's number key, in hex.

    Who has the number and the key finds the citizen; who has only the index learns nothing.
    Identity numbers are few enough to try them all, so the key must stay secret.
    """
    return hmac.new(key, number.encode("ascii"), hashlib.sha256).hexdigest()
