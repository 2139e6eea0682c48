"""What every model of the contract has in common."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator


class Model(BaseModel):
    """Immutable. Unknown keys are passed over: the other side may be a newer release, and a
    contract within ``/v1`` only ever grows (``docs/api/README.md``)."""

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)

    @field_validator("*")
    @classmethod
    def _without_nul(cls, value: object) -> object:
        # PostgreSQL keeps no text with one in it, and nobody writes one.
        if isinstance(value, str) and "\0" in value:
            raise ValueError("a text holds the character NUL")
        return value


FieldId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Count = Annotated[int, Field(ge=1, le=2**53)]
"""Counts from 1; up to 2^53 every JSON reader keeps an integer exact (RFC 8259, section 6)."""

Moment = Annotated[
    AwareDatetime,
    Field(ge=datetime(1970, 1, 1, tzinfo=UTC), lt=datetime(9999, 1, 1, tzinfo=UTC)),
]
"""A time with its zone that any zone can express. A kiosk whose clock is not set says 1970."""
