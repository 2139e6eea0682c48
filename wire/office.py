"""What central decides about an office: fields, hours, whom to serve first."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from wire.model import FieldId, Model


class Words(Model):
    """A text in both languages; English falls back to Vietnamese when empty."""

    vi: str = Field(min_length=1, max_length=200)
    en: str = Field(default="", max_length=200)


class OfficeField(Model):
    """A field of business: one tile, one series of numbers."""

    id: FieldId
    prefix: str = Field(pattern=r"^[A-Z]{1,2}$")
    name: Words
    examples: Words
    counter: str = Field(default="", max_length=32)
    minutes_each: float = Field(default=5.0, gt=0)
    daily_limit: int | None = Field(default=None, ge=1)


class OfficePriority(Model):
    """Whom the office serves first."""

    id: FieldId
    mark: str = Field(pattern=r"^[A-Z]$")
    name: Words


Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Span = Annotated[str, Field(pattern=r"^\d{2}:\d{2}-\d{2}:\d{2}$")]


class OfficeSettings(Model):
    """What every kiosk of an office offers. It replaces the same keys of ``config.toml``."""

    fields: tuple[OfficeField, ...] = Field(min_length=1, max_length=40)
    priorities: tuple[OfficePriority, ...] = ()
    hours: dict[Weekday, tuple[Span, ...]] | None = Field(
        default=None, description="a day left out is closed; null: always open"
    )
    holidays: tuple[date, ...] = ()
