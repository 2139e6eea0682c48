"""When the office serves people: the week's hours and the holidays."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_FAR = 366
"""Days. An office that does not open within a year has no next opening worth showing."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Part of a day, from ``start`` until just before ``end``, in the office's own time."""

    start: time
    end: time

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``07:30-11:30``. Raises :class:`ValueError`."""
        match = _SPAN.fullmatch(text)
        if match is None:
            raise ValueError(f"hours are written 07:30-11:30, not {text}")
        hour, minute, end_hour, end_minute = map(int, match.groups())
        span = cls(time(hour, minute), time(end_hour, end_minute))
        if span.start >= span.end:
            raise ValueError(f"{text} ends before it starts")
        return span

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


ALL_DAY = Span(time.min, time.max)


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """The office's week. No clock of its own: the moment is an argument (aware)."""

    zone: ZoneInfo
    week: Sequence[Sequence[Span]] = ((ALL_DAY,),) * 7
    """Monday first, each day's spans in order."""
    holidays: frozenset[date] = frozenset()

    def is_open(self, moment: datetime) -> bool:
        """Whether people are served at ``moment``."""
        local = moment.astimezone(self.zone)
        return any(span.start <= local.time() < span.end for span in self.spans(local.date()))

    def next_opening(self, moment: datetime) -> datetime | None:
        """When a span begins next after ``moment``, in the office's own time zone.

        ``None`` when none does within a year.
        """
        today = moment.astimezone(self.zone).date()
        openings = (
            datetime.combine(day, span.start, self.zone)
            for day in (today + timedelta(days=ahead) for ahead in range(_FAR + 1))
            for span in self.spans(day)
        )
        return next((opening for opening in openings if opening > moment), None)

    def spans(self, day: date) -> Sequence[Span]:
        """When people are served on ``day``, in order."""
        return () if day in self.holidays else self.week[day.weekday()]
