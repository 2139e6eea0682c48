"""The office a day is played at: its settings unless it has some, its counters and its people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from central.db.models import Device, Office, Role
from central.db.queue import Counter
from central.services.counters import counters_of
from central.services.devices import named
from central.services.offices import settings_of, settle
from central.simulation.day import Officer, Span
from wire import OfficeField, OfficePriority, OfficeSettings, Words
from wire.office import Weekday

KIOSK = "simulated-kiosk"
_HOURS = ("07:30-11:30", "13:30-17:00")
_WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")
_FIELDS = (
    ("ho_tich", "A", "Hộ tịch", "Civil status", 8.0),
    ("dat_dai", "B", "Đất đai", "Land", 12.0),
    ("chung_thuc", "C", "Chứng thực", "Certification", 4.0),
    ("xay_dung", "D", "Xây dựng", "Construction", 10.0),
    ("bao_tro", "E", "Bảo trợ xã hội", "Social protection", 8.0),
    ("tra_ket_qua", "F", "Trả kết quả", "Collect results", 3.0),
)
_COUNTERS = (
    ("1", ("ho_tich", "bao_tro")),
    ("2", ("dat_dai", "xay_dung")),
    ("3", ("chung_thuc", "tra_ket_qua")),
    ("4", ("chung_thuc", "ho_tich")),
    ("5", ("dat_dai", "xay_dung", "bao_tro")),
    ("6", ()),
)
PEOPLE_PER_COUNTER = 46
"""A day's citizens for each counter: busy, with a queue in the first hours."""


def furnish(session: Session, office_id: int, *, always_open: bool) -> OfficeSettings:
    """Give the office settings and counters where it has none. ``always_open``: without hours."""
    office = session.get_one(Office, office_id)
    settings = settings_of(office)
    if settings is None:
        settings = _settings(None if always_open else dict.fromkeys(_WEEKDAYS, _HOURS))
        settle(session, office_id, settings)
    if not counters_of(session, office_id):
        offered = {field.id for field in settings.fields}
        for label, fields in _COUNTERS:
            kept = [each for each in fields if each in offered]
            session.add(Counter(office_id=office_id, label=label, fields=kept))
        session.flush()
    return settings


def kiosk(session: Session, office_id: int, now: datetime) -> Device:
    """The simulated kiosk. It has no key: nobody can speak for it over the network."""
    known = named(session, office_id, KIOSK)
    if known is None:
        known = Device(
            uid=uuid4(), office_id=office_id, name=KIOSK, role=Role.KIOSK, created_at=now
        )
        session.add(known)
        session.flush()
    return known


def opening(settings: OfficeSettings | None, day: date, zone: ZoneInfo) -> list[Span]:
    """The office's hours on ``day``; those of a working day when it is closed or says none."""
    weekday = (*_WEEKDAYS, "sat", "sun")[day.weekday()]
    said = settings.hours if settings and settings.hours else {}
    spans = said.get(weekday) or _HOURS
    return [_moments(span, day, zone) for span in spans]


def officers(
    random: Random, desks: Sequence[tuple[Counter, int, Sequence[str]]], spans: Sequence[Span]
) -> list[Officer]:
    """Who sits at which counter: ``desks`` are counters, users and fields. They begin a little
    after the hour; the last one goes home early where others serve all of their fields."""
    served_by_others = {field for _, _, fields in desks[:-1] for field in fields}
    staff: list[Officer] = []
    for place, (counter, user_id, fields) in enumerate(desks):
        late = timedelta(seconds=random.uniform(0, 240))
        mine = [(start + late, end) for start, end in spans]
        if place == len(desks) - 1 and served_by_others.issuperset(fields):
            start, end = mine[-1]
            mine[-1] = (start, max(end - timedelta(minutes=75), start + timedelta(minutes=30)))
        slowness = random.uniform(0.8, 1.25)
        staff.append(Officer(user_id, counter.id, tuple(fields), tuple(mine), slowness))
    return staff


def _settings(hours: dict[Weekday, tuple[str, ...]] | None) -> OfficeSettings:
    return OfficeSettings(
        fields=tuple(
            OfficeField(
                id=each,
                prefix=prefix,
                name=Words(vi=vi, en=en),
                examples=Words(vi=vi, en=en),
                minutes_each=minutes,
            )
            for each, prefix, vi, en, minutes in _FIELDS
        ),
        priorities=(
            OfficePriority(id="uu_tien", mark="U", name=Words(vi="Ưu tiên", en="Priority")),
        ),
        hours=hours,
    )


def _moments(span: str, day: date, zone: ZoneInfo) -> Span:
    start, end = (time.fromisoformat(each) for each in span.split("-"))
    return datetime.combine(day, start, zone), datetime.combine(day, end, zone)
