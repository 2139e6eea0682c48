"""What must be true of an office's numbers, whatever happened (see :mod:`numbering`)."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from kiosk.store import outbox
from tests.store.numbering import LIMIT, ZONE, Kiosk, Office
from wire import TicketIssued, TicketPrinted


def check(office: Office) -> None:
    """Raises :class:`AssertionError` for the first thing that is not as it must be."""
    _no_number_twice_a_day(office)
    for kiosk in office.kiosks:
        rows = kiosk.db.rows("SELECT * FROM ticket ORDER BY seq")
        _nothing_is_lost(kiosk, rows)
        _no_gap_without_a_reason(kiosk, rows)
        _limits_hold(kiosk, rows)
        _certain_days_are_true(kiosk, rows)
        _paper_is_accounted_for(kiosk, rows)
        _central_will_hear_of_each(kiosk, rows)


def tally(office: Office) -> Counter[str]:
    """What this history had to offer, to see that all of it was tried."""
    counted: Counter[str] = Counter()
    for kiosk in office.kiosks:
        counted += kiosk.happened
        days: dict[int, set[date]] = defaultdict(set)
        for row in kiosk.db.rows("SELECT * FROM ticket ORDER BY seq"):
            begins = row["series"] > 1 and row["series"] not in days
            counted["a late clock began a day"] += begins and not row["certain"]
            counted["a set clock began a day"] += begins and row["certain"]
            days[row["series"]].add(_day(kiosk.truth[row["id"]]))
        counted["a day went on over night"] += sum(len(seen) > 1 for seen in days.values())
    return counted


def _day(moment: datetime) -> date:
    return moment.astimezone(ZONE).date()


def _no_number_twice_a_day(office: Office) -> None:
    held: Counter[tuple[date, str]] = Counter()
    for kiosk in office.kiosks:
        for row in kiosk.db.rows("SELECT id, number FROM ticket"):
            held[_day(kiosk.truth[row["id"]]), row["number"]] += 1
    doubled = {holder: count for holder, count in held.items() if count > 1}
    assert not doubled, f"two people hold the same number: {doubled}"


def _nothing_is_lost(kiosk: Kiosk, rows: list[Any]) -> None:
    stored = {row["id"]: row["number"] for row in rows}
    assert kiosk.truth.keys() == stored.keys(), "a ticket was on disk and is gone"
    for ticket in kiosk.issued.values():
        assert stored.get(ticket.id) == ticket.number, f"{ticket.number} was given and is lost"
    for paper in kiosk.papers:
        assert stored.get(paper.ticket) == paper.number, f"{paper.number} was printed, not stored"


def _no_gap_without_a_reason(kiosk: Kiosk, rows: list[Any]) -> None:
    first, lanes = kiosk.settings.office.lane + 1, kiosk.settings.office.lanes
    uncertain = {row["series"] for row in rows if not row["certain"]}
    runs: dict[Any, list[int]] = defaultdict(list)
    days: dict[Any, int] = {}
    for row in rows:
        series = (row["series"], row["field"], row["priority"])
        runs[series].append(row["sequence"])
        day = _day(kiosk.truth[row["id"]])
        days.setdefault((day, *series), row["sequence"])
    for series, run in runs.items():
        expected = [first + lanes * index for index in range(len(run))]
        assert run == expected, f"numbers of {series} are {run}"
    for (day, series, *_), begins in days.items():
        assert begins == first or series in uncertain, f"{day} begins with {begins} for no reason"


def _limits_hold(kiosk: Kiosk, rows: list[Any]) -> None:
    whole, rest = divmod(LIMIT, kiosk.settings.office.lanes)
    share = whole + (kiosk.settings.office.lane < rest)
    certain = [row for row in rows if row["field"] == "land" and row["certain"]]
    land = Counter(_day(kiosk.truth[row["id"]]) for row in certain)
    assert max(land.values(), default=0) <= share, f"more than {share} on one day: {land}"


def _certain_days_are_true(kiosk: Kiosk, rows: list[Any]) -> None:
    for row in rows:
        if row["certain"]:
            day = _day(kiosk.truth[row["id"]]).isoformat()
            assert row["day"] == day, f"{row['number']} says {row['day']}, it is {day}"


def _paper_is_accounted_for(kiosk: Kiosk, rows: list[Any]) -> None:
    first = Counter(paper.ticket for paper in kiosk.papers if not paper.again)
    again = Counter(paper.ticket for paper in kiosk.papers if paper.again)
    asked = Counter(kiosk.requests.values())
    for row in rows:
        ticket, number = row["id"], row["number"]
        assert row["printing"] in {"printed", "uncertain", "failed"}, f"{number} is left open"
        assert first[ticket] <= 1, f"{number}: two first papers"
        assert again[ticket] <= asked[ticket], f"{number}: more papers than were asked for"
        if row["printing"] == "printed":
            assert first[ticket] + again[ticket], f"{number} never came out"
        if first[ticket] and row["printing"] == "failed":
            assert asked[ticket], f"{number} came out and counts as failed"
    for paper in kiosk.papers:
        if not paper.again:
            age = paper.at - kiosk.truth[paper.ticket]
            assert age <= timedelta(seconds=600), f"{paper.number} was printed {age} late"
    due = kiosk.db.rows("SELECT * FROM reprint WHERE begun_at IS NULL")
    assert not due, "a reprint was forgotten"


def _central_will_hear_of_each(kiosk: Kiosk, rows: list[Any]) -> None:
    events = outbox.pending(kiosk.db, 10_000)
    told = [event.body.number for event in events if isinstance(event.body, TicketIssued)]
    assert told == [row["number"] for row in rows]
    paper = {str(event.body.ticket) for event in events if isinstance(event.body, TicketPrinted)}
    assert paper == {row["id"] for row in rows}
