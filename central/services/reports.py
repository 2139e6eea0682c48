"""What a manager asks of the past: how long people waited and were served, when they came, who
was not there, how many were recognised. Counts and times; nobody's name or number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from central.db.models import (
    Citizen,
    Device,
    DuplicatePair,
    FaceTemplate,
    Ticket,
    Tombstone,
    Visit,
)
from central.db.queue import Call, Counter, Outcome

LONGEST = timedelta(days=366)
SERVED = frozenset({Outcome.SERVED, Outcome.INCOMPLETE, Outcome.ELSEWHERE})


@dataclass(frozen=True, slots=True)
class Period:
    """Days, both counted in."""

    first: date
    last: date

    def moments(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """From the first midnight to the one after the last day."""
        after = self.last + timedelta(days=1)
        return (
            datetime.combine(self.first, time(), zone),
            datetime.combine(after, time(), zone),
        )


@dataclass(frozen=True, slots=True)
class Spread:
    """Of some times, in minutes. ``within``: the share, 0 to 1, that kept the target."""

    count: int
    median: float
    p90: float
    within: float


@dataclass(frozen=True, slots=True)
class Group:
    """Calls that have something in common. ``key``: a field's id, a counter's label, an hour, a
    day (ISO)."""

    key: str
    calls: int
    absent: int
    waiting: Spread | None
    service: Spread | None


@dataclass(frozen=True, slots=True)
class Report:
    """A period of one office. ``arrivals``: tickets by weekday (Monday is 0) and hour."""

    period: Period
    target_min: float
    whole: Group
    by_field: tuple[Group, ...]
    by_counter: tuple[Group, ...]
    by_hour: tuple[Group, ...]
    by_day: tuple[Group, ...]
    tickets: int
    arrivals: dict[tuple[int, int], int]
    visits: int
    recognised: int

    @property
    def recognised_share(self) -> float | None:
        """Of the visits that ended with a ticket; None without any."""
        return self.recognised / self.visits if self.visits else None


@dataclass(frozen=True, slots=True)
class _Row:
    field: str
    counter: str
    day: date
    called: datetime
    waited_min: float
    served_min: float | None
    absent: bool


def read_report(
    session: Session, office_id: int, zone: ZoneInfo, period: Period, target_min: float
) -> Report:
    """The report. A call counts on the office's day it was made; waiting begins anew when
    somebody was sent back into the queue."""
    rows = _calls(session, office_id, period)
    arrivals, tickets = _arrivals(session, office_id, zone, period)
    visits, recognised = _visits(session, office_id, zone, period)

    def grouped(key: str, parts: Iterable[tuple[str, _Row]]) -> tuple[Group, ...]:
        found: dict[str, list[_Row]] = defaultdict(list)
        for part, row in parts:
            found[part].append(row)
        order = sorted(found, key=lambda each: (len(each), each) if key == "counter" else (0, each))
        return tuple(_group(each, found[each], target_min) for each in order)

    return Report(
        period,
        target_min,
        _group("", rows, target_min),
        grouped("field", ((row.field, row) for row in rows)),
        grouped("counter", ((row.counter, row) for row in rows)),
        grouped("hour", ((f"{row.called.astimezone(zone):%H}", row) for row in rows)),
        grouped("day", ((row.day.isoformat(), row) for row in rows)),
        tickets,
        arrivals,
        visits,
        recognised,
    )


def _calls(session: Session, office_id: int, period: Period) -> list[_Row]:
    found = session.execute(
        select(
            Call.field,
            Counter.label,
            Call.day,
            Call.queued_at,
            Call.called_at,
            Call.started_at,
            Call.ended_at,
            Call.outcome,
        )
        .outerjoin(Counter, Counter.id == Call.counter_id)
        .where(Call.office_id == office_id, Call.day >= period.first, Call.day <= period.last)
    )
    return [
        _Row(
            of,
            label or "",
            day,
            called,
            _minutes(called - queued),
            _minutes(ended - (started or called)) if ended and outcome in SERVED else None,
            outcome == Outcome.ABSENT,
        )
        for of, label, day, queued, called, started, ended, outcome in found
    ]


def _group(key: str, rows: Sequence[_Row], target_min: float) -> Group:
    return Group(
        key,
        len(rows),
        sum(row.absent for row in rows),
        spread([row.waited_min for row in rows], target_min),
        spread([row.served_min for row in rows if row.served_min is not None], target_min),
    )


def spread(minutes: Sequence[float], target_min: float) -> Spread | None:
    """Of these times, by nearest rank; None of none."""
    if not minutes:
        return None
    ordered = sorted(minutes)
    return Spread(
        len(ordered),
        _at(ordered, 0.5),
        _at(ordered, 0.9),
        sum(each <= target_min for each in ordered) / len(ordered),
    )


def _at(ordered: Sequence[float], part: float) -> float:
    """The smallest value that so large a part does not exceed (nearest rank)."""
    rank = -int(-part * len(ordered) // 1)  # rounded up
    return ordered[max(0, rank - 1)]


def _minutes(how_long: timedelta) -> float:
    return max(0.0, how_long / timedelta(minutes=1))


def _arrivals(
    session: Session, office_id: int, zone: ZoneInfo, period: Period
) -> tuple[dict[tuple[int, int], int], int]:
    counts: dict[tuple[int, int], int] = defaultdict(int)
    issued = session.scalars(
        select(Ticket.issued_at).where(
            Ticket.office_id == office_id, Ticket.day >= period.first, Ticket.day <= period.last
        )
    )
    total = 0
    for at in issued:
        local = at.astimezone(zone)
        counts[local.weekday(), local.hour] += 1
        total += 1
    return dict(counts), total


def _visits(session: Session, office_id: int, zone: ZoneInfo, period: Period) -> tuple[int, int]:
    begun, ended = period.moments(zone)
    counts = session.execute(
        select(Visit.recognised, func.count())
        .join(Device, Device.id == Visit.device_id)
        .where(
            Device.office_id == office_id,
            Visit.outcome == "ticket",
            Visit.ended_at >= begun,
            Visit.ended_at < ended,
        )
        .group_by(Visit.recognised)
    )
    by = {bool(known): count for known, count in counts}
    return sum(by.values()), by.get(True, 0)


@dataclass(frozen=True, slots=True)
class RecognitionYear:
    """What an office answers for once a year: how many faces it keeps, and what they were for."""

    year: int
    gallery: int
    enrolled: int
    forgotten: dict[str, int]
    visits: int
    recognised: int
    looks_alike: int


def read_recognition(
    session: Session, office_id: int, zone: ZoneInfo, year: int
) -> RecognitionYear:
    """The counts of one year; ``gallery``: as it is now."""
    period = Period(date(year, 1, 1), date(year, 12, 31))
    begun, ended = period.moments(zone)
    visits, recognised = _visits(session, office_id, zone, period)
    mine = Citizen.office_id == office_id
    gallery = (
        select(func.count())
        .select_from(FaceTemplate)
        .join(Citizen, (Citizen.id == FaceTemplate.citizen) & mine)
    )
    enrolled = select(func.count()).where(
        mine, Citizen.enrolled_at >= begun, Citizen.enrolled_at < ended
    )
    forgotten = session.execute(
        select(Tombstone.reason, func.count())
        .where(
            Tombstone.office_id == office_id,
            Tombstone.erased_at >= begun,
            Tombstone.erased_at < ended,
        )
        .group_by(Tombstone.reason)
    )
    alike = (
        select(func.count())
        .select_from(DuplicatePair)
        .join(Device, (Device.id == DuplicatePair.device_id) & (Device.office_id == office_id))
    )
    return RecognitionYear(
        year,
        session.scalar(gallery) or 0,
        session.scalar(enrolled) or 0,
        {str(reason): count for reason, count in forgotten},
        visits,
        recognised,
        session.scalar(alike) or 0,
    )
