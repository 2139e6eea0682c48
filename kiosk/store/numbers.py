"""Which number comes next. There is no counter: the tickets themselves are what is counted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from kiosk.clock import Reading
from kiosk.config import Office
from kiosk.store.database import Database
from wire import NumbersGiven

QUIET = timedelta(hours=12)
"""No office serves for so long on one day: if nobody took a number for so long, and the date
changed, a night has passed, even where the clock is late."""


@dataclass(frozen=True, slots=True)
class Series:
    """One day's numbers."""

    index: int
    """Counts up."""
    day: date
    """The office's date as far as it is known."""


@dataclass(frozen=True, slots=True)
class LastTicket:
    """When a number was last handed out."""

    issued_at: datetime
    certain: bool
    boot: str


def night_has_passed(last: LastTicket, now: Reading, zone: ZoneInfo) -> bool:
    """Whether it is certain that the office's midnight lies between ``last`` and ``now``.

    Only then may numbers begin anew: two people must never hold the same number on one day.

    - Two certain moments are compared by date.
    - An uncertain ``now`` is late, never early (:class:`OfficeClock`): since a certain ``last``
      at least the time has passed that it shows. Two moments of one run of the machine are as
      far apart as they say, whatever the date.
    - Otherwise ``last`` may have been today: the day goes on counting where it was.
    """
    if _day(now.moment, zone) <= _day(last.issued_at, zone):
        return False
    if now.certain:
        return last.certain
    comparable = last.certain or last.boot == now.boot
    return comparable and now.moment - last.issued_at >= QUIET


def current_series(db: Database, now: Reading, zone: ZoneInfo) -> Series:
    """The series a ticket issued ``now`` belongs to."""
    day = _day(now.moment, zone)
    row = db.row("SELECT series, issued_at, certain, boot FROM ticket ORDER BY seq DESC LIMIT 1")
    if row is None:
        return Series(1, day)
    last = LastTicket(datetime.fromisoformat(row["issued_at"]), bool(row["certain"]), row["boot"])
    if not night_has_passed(last, now, zone):
        return Series(row["series"], day)
    return Series(db.rows("SELECT max(series) FROM ticket")[0][0] + 1, day)


def next_sequence(
    db: Database, series: Series, field: str, priority: str, letters: str, office: Office
) -> int:
    """The first number after the last one that belongs to this kiosk's lane.

    Lane ``l`` of ``n`` owns l+1, l+1+n, l+1+2n, … To be called under the write lock. Numbers that
    begin with ``letters`` and were given before this kiosk's card was new count too.
    """
    last = db.rows(
        "SELECT coalesce(max(sequence), 0) FROM ticket"
        " WHERE series = ? AND field = ? AND priority = ?",
        (series.index, field, priority),
    )[0][0]
    before = db.row(
        "SELECT highest FROM numbers_given WHERE letters = ? AND day = ?",
        (letters, series.day.isoformat()),
    )
    last = max(last, before["highest"] if before else 0)
    first, lanes = office.lane + 1, office.lanes
    return first + max(0, math.ceil((last + 1 - first) / lanes)) * lanes


def keep_numbers(db: Database, given: Sequence[NumbersGiven]) -> None:
    """What central tells of the numbers this kiosk gave before; nothing leaves it as it is."""
    if given:
        db.execute("DELETE FROM numbers_given")
    for each in given:
        db.execute(
            "INSERT OR REPLACE INTO numbers_given VALUES (?, ?, ?)",
            (each.letters, each.day.isoformat(), each.highest),
        )


def handed_out(db: Database, series: Series, field: str, *, after: int = 0) -> int:
    """How many tickets of ``series`` and its date are for ``field``, with events newer than
    ``after``."""
    return db.rows(
        "SELECT count(*) FROM ticket WHERE series = ? AND field = ? AND day = ? AND seq > ?",
        (series.index, field, series.day.isoformat(), after),
    )[0][0]


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()
