"""Who comes on a simulated day, and how each of them takes up a counter.

The figures are assumptions of how a commune's one-stop office looks, not measurements: a morning
that is busiest in its first hour and a half, a calmer afternoon, times of service that scatter
log-normally (a few take long), one in twenty-five who is not there when called.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from wire import OfficeField, OfficeSettings

_SCATTER = 0.6
"""Standard deviation over mean of the time of service."""
_PRIORITY, _ABSENT, _COMES_BACK, _HELD, _TRANSFERRED = 0.12, 0.04, 0.5, 0.04, 0.04
_INCOMPLETE, _ELSEWHERE = 0.12, 0.02
_RECOGNISED = 0.25
_CROWD = (1.7, 1.9, 1.4, 1.0, 0.8, 0.6, 0.45, 0.3)
"""How many come in each eighth of a span of hours, against the mean."""


@dataclass(frozen=True, slots=True)
class Person:
    """One who comes."""

    at: datetime
    field: str
    priority: str
    minutes: float
    """Of service by an officer of middling speed."""
    walk_s: float
    """From the call to the counter."""
    is_absent: bool
    back_after_min: float | None
    """Absent when called, they come this long after."""
    held_min: float | None
    """In the middle of it they leave to fill something in."""
    sent_to: str | None
    """Another field, where they wait again."""
    outcome: str
    is_recognised: bool


def crowd(
    random: Random,
    office: OfficeSettings,
    spans: Sequence[tuple[datetime, datetime]],
    people: int,
) -> list[Person]:
    """``people`` persons, give or take, in order of arrival. The last tenth of a day's hours
    brings nobody: doors close before counters do."""
    lengths = [end - start for start, end in spans]
    total = sum(lengths, timedelta(0))
    come: list[Person] = []
    for place, ((start, _), length) in enumerate(zip(spans, lengths, strict=True)):
        calmer = 1.0 if place == 0 else 0.8
        shares = [share * calmer for share in _CROWD]
        expected = people * (length / total)
        for eighth, share in enumerate(shares):
            count = _poisson(random, expected * share / len(_CROWD))
            for _ in range(count):
                offset = length * 0.9 * (eighth + random.random()) / len(_CROWD)
                come.append(_person(random, office, start + offset))
    return sorted(come, key=lambda person: person.at)


def _person(random: Random, office: OfficeSettings, at: datetime) -> Person:
    field = random.choices(office.fields, weights=[_popularity(each) for each in office.fields])[0]
    others = [each.id for each in office.fields if each is not field]
    is_absent = random.random() < _ABSENT
    luck = random.random()
    outcome = (
        "incomplete"
        if luck < _INCOMPLETE
        else "elsewhere"
        if luck < _INCOMPLETE + _ELSEWHERE
        else "served"
    )
    is_first = bool(office.priorities) and random.random() < _PRIORITY
    return Person(
        at=at,
        field=field.id,
        priority=random.choice(office.priorities).id if is_first else "",
        minutes=_lognormal(random, field.minutes_each),
        walk_s=random.uniform(8, 50),
        is_absent=is_absent,
        back_after_min=random.uniform(4, 20) if random.random() < _COMES_BACK else None,
        held_min=random.uniform(4, 12) if random.random() < _HELD else None,
        sent_to=random.choice(others) if others and random.random() < _TRANSFERRED else None,
        outcome=outcome,
        is_recognised=random.random() < _RECOGNISED,
    )


def _popularity(field: OfficeField) -> float:
    """Short business is asked for more often."""
    return 1.0 / math.sqrt(field.minutes_each)


def _lognormal(random: Random, mean: float) -> float:
    variance = math.log1p(_SCATTER**2)
    return random.lognormvariate(math.log(mean) - variance / 2, math.sqrt(variance))


def _poisson(random: Random, mean: float) -> int:
    """Knuth's method; means here are below a hundred."""
    limit, product, count = math.exp(-mean), random.random(), 0
    while product > limit:
        product *= random.random()
        count += 1
    return count
