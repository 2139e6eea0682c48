"""How long will it be? The queue played forward, with the counters that are open now.

Each open counter becomes free when whoever is there is expected to leave, calls the first in line
it may call, and so on: the same rule that really calls (:mod:`central.services.policy`), at the
pace of the latest calls (:class:`Pace`), with the office's breaks. Who might still come and be
ranked before others is not foreseen.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

PRIOR_CALLS = 3.0
"""What the office says of a field counts as much as so many calls."""
HALF_LIFE_CALLS = 12.0
"""A call counts half as much as one so many calls later: an officer's day changes."""
_LONGEST_TURNAROUND = timedelta(minutes=3)
"""A longer gap between two calls is a pause, not the way from one to the next."""


@dataclass(frozen=True, slots=True)
class InLine:
    """Somebody who waits."""

    ticket: UUID
    field: str
    counter_id: int | None = None
    """The only counter that may call them; None: any that serves the field."""


@dataclass(frozen=True, slots=True)
class OpenCounter:
    """A counter that calls."""

    id: int
    fields: frozenset[str]
    busy_field: str | None = None
    busy_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Spell:
    """A counter taken up by one call, whatever came of it."""

    field: str
    counter_id: int | None
    queued_at: datetime
    called_at: datetime
    ended_at: datetime

    @property
    def minutes(self) -> float:
        """How long."""
        return (self.ended_at - self.called_at) / timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a call takes up a counter, in minutes, by field; newest spell first."""

    spells: Mapping[str, tuple[float, ...]] = field(default_factory=dict[str, tuple[float, ...]])
    stated: Mapping[str, float] = field(default_factory=dict[str, float])
    """What the office says of its fields."""
    turnaround: float = 0.0
    """Minutes from one citizen's leaving to the next one's call."""

    def expected(self, of: str) -> float:
        """Minutes a call of this field takes up a counter."""
        weighted, weights = PRIOR_CALLS * self._stated(of), PRIOR_CALLS
        for age, minutes in enumerate(self.spells.get(of, ())):
            weight = 0.5 ** (age / HALF_LIFE_CALLS)
            weighted, weights = weighted + weight * minutes, weights + weight
        return weighted / weights

    def remaining(self, of: str, elapsed: float) -> float:
        """Minutes a call still takes that has lasted for ``elapsed``: what those had left that
        lasted longer, with one more that has as much left as it has had (Lindy's rule) but no
        more than a whole call: an officer who forgot to finish must not stop the queue."""
        left = [minutes - elapsed for minutes in self.spells.get(of, ()) if minutes > elapsed]
        usual = self.expected(of)
        unseen = max(usual - elapsed, min(elapsed, usual))
        return (sum(left) + unseen) / (len(left) + 1)

    def _stated(self, of: str) -> float:
        return self.stated.get(of, 5.0)


def pace_of(spells: Iterable[Spell], stated: Mapping[str, float]) -> Pace:
    """The pace of the latest ``spells``, in any order."""
    newest = sorted(spells, key=lambda spell: spell.ended_at, reverse=True)
    by_field: dict[str, list[float]] = {}
    for spell in newest:
        by_field.setdefault(spell.field, []).append(spell.minutes)
    return Pace(
        {of: tuple(minutes) for of, minutes in by_field.items()}, stated, _turnaround(newest)
    )


def _turnaround(newest: Sequence[Spell]) -> float:
    """The mean gap at a counter while somebody was waiting for it."""
    later: dict[int | None, Spell] = {}
    gaps: list[timedelta] = []
    for spell in newest:
        after = later.get(spell.counter_id)
        if after is not None and after.queued_at < spell.ended_at:
            gap = after.called_at - spell.ended_at
            if timedelta(0) <= gap <= _LONGEST_TURNAROUND:
                gaps.append(gap)
        later[spell.counter_id] = spell
    return sum(gaps, timedelta(0)) / timedelta(minutes=1) / len(gaps) if gaps else 0.0


@dataclass(frozen=True, slots=True)
class Outlook:
    """When each is expected to be called."""

    calls: Mapping[UUID, datetime]
    """By ticket; nothing for those whom no open counter serves."""
    newcomers: Mapping[str, datetime]
    """Somebody who took a number now, by field; nothing for a field no open counter serves."""


def outlook(
    now: datetime,
    line: Sequence[InLine],
    counters: Iterable[OpenCounter],
    pace: Pace,
    working: Callable[[datetime], datetime],
) -> Outlook:
    """Play the queue forward. ``line``: whoever is next first. ``working``: the first moment,
    not before the given one, at which counters call."""
    lines = _Lines(line)
    by_id = {counter.id: counter for counter in counters}
    free = [(_free_at(now, counter, pace), counter.id) for counter in by_id.values()]
    heapq.heapify(free)
    calls: dict[UUID, datetime] = {}
    newcomers: dict[str, datetime] = {}
    while free:
        at, which = heapq.heappop(free)
        at = working(at)
        counter = by_id[which]
        ticket = lines.take(counter)
        if ticket is None:  # nobody is left for it: it would call a newcomer
            for of in counter.fields:
                newcomers[of] = min(newcomers.get(of, at), at)
            continue
        calls[ticket.ticket] = at
        minutes = pace.expected(ticket.field) + pace.turnaround
        heapq.heappush(free, (at + timedelta(minutes=minutes), which))
    return Outlook(calls, newcomers)


def _free_at(now: datetime, counter: OpenCounter, pace: Pace) -> datetime:
    if counter.busy_field is None or counter.busy_since is None:
        return now
    elapsed = max((now - counter.busy_since) / timedelta(minutes=1), 0.0)
    left = pace.remaining(counter.busy_field, elapsed) + pace.turnaround
    return now + timedelta(minutes=left)


class _Lines:
    """The line, by what a counter must serve to call from it."""

    def __init__(self, line: Sequence[InLine]) -> None:
        self._lines: dict[str | int, deque[tuple[int, InLine]]] = {}
        for place, one in enumerate(line):
            key = one.field if one.counter_id is None else one.counter_id
            self._lines.setdefault(key, deque()).append((place, one))

    def take(self, counter: OpenCounter) -> InLine | None:
        """Whom the counter would call."""
        heads = [
            (self._lines[key][0][0], key)
            for key in (*counter.fields, counter.id)
            if self._lines.get(key)
        ]
        if not heads:
            return None
        _, key = min(heads, key=lambda head: head[0])
        return self._lines[key].popleft()[1]
