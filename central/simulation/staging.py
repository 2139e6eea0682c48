"""Sets a day up in a database: office, counters, people, and how far it is to be played."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.db.engine import Database
from central.db.models import FIRST_OFFICE, Device, Office, Role, Ticket
from central.services.counters import counters_of, fields_of
from central.services.offices import settings_of
from central.services.queue import of_day
from central.simulation import office as stage
from central.simulation import people
from central.simulation.crowd import crowd
from central.simulation.day import SimulatedDay, Span
from central.simulation.kiosk import Place, SimulatedKiosk

_HAVE_PASSED = timedelta(hours=2, minutes=45)
"""Of the office's hours, when the day is set around another hour of the clock."""


class CannotSimulate(Exception):
    """``real``: a real kiosk speaks to this server. ``again``: the day is there already."""

    def __init__(self, reason: Literal["real", "again"]) -> None:
        super().__init__(reason)
        self.reason: Literal["real", "again"] = reason


@dataclass(frozen=True, slots=True)
class Staged:
    """A day that is ready to be played."""

    day: SimulatedDay
    people: int
    counters: int
    until: datetime | None
    """The present moment, when the day is today."""
    is_shifted: bool
    """It is not played in the office's hours, but around the present one."""
    ending: str
    """What the names of its users end in."""


def staged(
    database: Database,
    office_id: int,
    zone: ZoneInfo,
    seed: int,
    day: date,
    now: datetime,
    password: str,
) -> Staged:
    """Set ``day`` up at an office. Raises :class:`CannotSimulate`."""
    # Other people at each office: ids are the server's.
    random = Random(f"{seed} {day}" + (f" {office_id}" if office_id != FIRST_OFFICE else ""))
    with database.writing() as session:
        _check_free(session, office_id, day)
        known = settings_of(session.get_one(Office, office_id))
        spans = stage.opening(known, day, zone)
        until = now if day == now.astimezone(zone).date() else None
        offset = _offset(spans, until)
        settings = stage.furnish(session, office_id, always_open=bool(offset))
        spans = [(start + offset, end + offset) for start, end in spans]
        place = Place(
            database,
            office_id,
            stage.kiosk(session, office_id, now).id,
            zone,
            settings,
            day,
        )
        counters = counters_of(session, office_id)
        labels = [each.label for each in counters]
        ids = people.users(session, office_id, labels, password, now)
        desks = [(each, ids[each.label], fields_of(session, each)) for each in counters]
        kiosk = SimulatedKiosk(place, random)
        remembered = people.citizens(session, kiosk, random, people.KNOWN, spans[0][0])
        officers = stage.officers(random, desks, spans)
    come = crowd(random, settings, spans, stage.PEOPLE_PER_COUNTER * len(officers))
    played = SimulatedDay(place, kiosk, come, officers, random, remembered)
    ending = people.ending(office_id)
    return Staged(played, len(come), len(officers), until, bool(offset), ending)


def _check_free(session: Session, office_id: int, day: date) -> None:
    others = select(Device.id).where(Device.role == Role.KIOSK, Device.name != stage.KIOSK)
    if session.scalar(others.limit(1)) is not None:
        raise CannotSimulate("real")
    if session.scalar(select(Ticket.id).where(*of_day(office_id, day)).limit(1)) is not None:
        raise CannotSimulate("again")


def _offset(spans: list[Span], until: datetime | None) -> timedelta:
    """By how much the hours are put off so that somebody who looks now sees a day in full
    swing: not at all within hours, else as if so much of them had passed."""
    opened, closes = spans[0][0] + timedelta(minutes=30), spans[-1][1]
    in_a_break = until is not None and not any(start <= until < end for start, end in spans)
    if until is None or (opened <= until < closes and not in_a_break):
        return timedelta(0)
    return until - _HAVE_PASSED - spans[0][0]
