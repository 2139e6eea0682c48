"""What the office is: its name, its hours, its fields of business and whom it serves first.

Part of :mod:`kiosk.config`, which the rest of the kiosk imports these from.
"""

from __future__ import annotations

from datetime import date, datetime
from itertools import pairwise
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PositiveFloat,
    PositiveInt,
    model_validator,
)

from kiosk.hours import OfficeHours, Span
from kiosk.locale import Language


class Section(BaseModel):
    """A table of ``config.toml``: unknown keys are refused, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Bilingual(Section):
    """A text in both languages; English falls back to Vietnamese when left out."""

    vi: str = Field(min_length=1)
    en: str = ""

    def in_(self, language: Language) -> str:
        """The text in ``language``."""
        return self.en if language == "en" and self.en else self.vi

    def __str__(self) -> str:
        return f"{self.vi} / {self.en}"


def _span(value: object) -> object:
    return Span.parse(value) if isinstance(value, str) else value


def _in_order(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    for earlier, later in pairwise(spans):
        if later.start < earlier.end:
            raise ValueError(f"{later} begins before {earlier} is over")
    return spans


_Span = Annotated[Span, BeforeValidator(_span), PlainSerializer(str)]
Spans = Annotated[tuple[_Span, ...], AfterValidator(_in_order)]
"""Parts of a day, in order."""
_Day = Annotated[Spans, Field(default=())]


class Hours(Section):
    """Opening hours; a day left out is closed."""

    mon: _Day
    tue: _Day
    wed: _Day
    thu: _Day
    fri: _Day
    sat: _Day
    sun: _Day

    def week(self) -> tuple[tuple[Span, ...], ...]:
        """Seven days, Monday first."""
        return (self.mon, self.tue, self.wed, self.thu, self.fri, self.sat, self.sun)

    def __str__(self) -> str:
        days = zip(type(self).model_fields, self.week(), strict=True)
        return ", ".join(f"{day} {' '.join(map(str, spans))}" for day, spans in days if spans)


class Office(Section):
    """The office whose door the kiosk stands at."""

    name: Bilingual = Field(description="the office, as on its sign")
    unit: Bilingual = Field(description="the one-stop unit inside it")
    contact: str = Field(default="", description="whom to ask about the camera and personal data")
    timezone: str = Field(
        default="Asia/Ho_Chi_Minh", description="the office's time zone (IANA name)"
    )
    kiosk: str = Field(
        default="K1",
        pattern=r"^[A-Z0-9-]{1,16}$",
        description="this kiosk's name, unique within the office",
    )
    lane: int = Field(
        default=0,
        ge=0,
        le=7,
        description="which share of the numbers this kiosk hands out: kiosk 0 gives "
        "1, 1 + lanes, 1 + 2·lanes …; unique within the office",
    )
    lanes: int = Field(
        default=1, ge=1, le=8, description="how many kiosks share the office's numbers"
    )
    hours: Hours | None = Field(
        default=None,
        description="opening hours by day, mon … sun, each a list like "
        '["07:30-11:30", "13:30-17:00"]; left out: always open',
    )
    holidays: tuple[date, ...] = Field(default=(), description="days without service: 2026-09-02")

    @model_validator(mode="after")
    def _lane_exists(self) -> Office:
        if self.lane >= self.lanes:
            raise ValueError(f"lane {self.lane} does not exist: there are {self.lanes} (from 0)")
        return self

    def opening(self) -> OfficeHours:
        """When people are served."""
        zone, holidays = ZoneInfo(self.timezone), frozenset(self.holidays)
        if self.hours is None:
            return OfficeHours(zone, holidays=holidays)
        return OfficeHours(zone, self.hours.week(), holidays)

    def serves_at(self, moment: datetime) -> bool:
        """Whether people may come at ``moment`` (aware). An office that says no hours is taken to
        sleep from 2 to 4."""
        if self.hours is None:
            return moment.astimezone(ZoneInfo(self.timezone)).hour not in (2, 3)
        return self.opening().is_open(moment)


Icon = Literal[
    "document",
    "family",
    "land",
    "stamp",
    "building",
    "care",
    "collect",
    "work",
    "shop",
    "health",
    "school",
    "home",
]


class FieldOfBusiness(Section):
    """A field (*lĩnh vực*): one tile on the screen, one series of numbers."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]{0,31}$", description="short name, never changes")
    prefix: str = Field(pattern=r"^[A-Z]{1,2}$", description="letter in front of the number")
    name: Bilingual = Field(description="as on the tile and the ticket")
    examples: Bilingual = Field(description="one line of examples under the name")
    icon: Icon = Field(default="document", description="picture on the tile")
    counter: str = Field(default="", description="counter named on the ticket")
    minutes_each: PositiveFloat = Field(
        default=5.0, description="minutes one citizen takes, to start with"
    )
    daily_limit: PositiveInt | None = Field(
        default=None,
        description="most tickets a day for this field, the whole office together, priority "
        "classes included; each kiosk keeps to its lane's share, so that it holds offline too",
    )

    def share(self, office: Office) -> int | None:
        """How many of a day's tickets this kiosk may hand out; ``None``: any number."""
        if self.daily_limit is None:
            return None
        whole, rest = divmod(self.daily_limit, office.lanes)
        return whole + (office.lane < rest)


class PriorityClass(Section):
    """Whom the office serves first: a choice on the screen, a series of numbers of its own."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]{0,31}$", description="short name, never changes")
    mark: str = Field(
        pattern=r"^[A-Z]$", description="letter between the field's prefix and the number: AU001"
    )
    name: Bilingual = Field(description="as on the screen and the ticket")
