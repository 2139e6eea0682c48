"""A day's numbers begin anew when a night has surely passed, and not before."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kiosk.clock import Reading
from kiosk.config_office import Bilingual, FieldOfBusiness, Hours, Office, PriorityClass
from kiosk.errors import StoreError
from kiosk.hours import Span
from kiosk.store import outbox
from kiosk.store.clock import office_clock
from kiosk.store.database import Database
from kiosk.store.fields import keep_queues
from kiosk.store.numbers import LastTicket, night_has_passed
from kiosk.store.tickets import Tickets
from tests.test_clock import Machine
from wire import Changes, TicketIssued

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
EVENING = datetime(2026, 3, 2, 16, 50, tzinfo=HANOI)
ELDERLY = PriorityClass(id="elderly", mark="U", name=Bilingual(vi="Người cao tuổi"))


@pytest.mark.parametrize(
    ("last", "now", "later_h", "passed"),
    [
        ("certain", "certain", 7.1, False),  # 23:56
        ("certain", "certain", 7.2, True),  # 00:02
        ("certain", "certain", -30, False),
        ("certain", "late", 7.2, False),  # nobody knows, and somebody was here not long ago
        ("certain", "late", 11.9, False),
        ("certain", "late", 12, True),  # at least twelve hours, and another date
        ("late", "late", 12, False),  # the other clock may have been later still
        ("late", "same run", 12, True),  # exactly twelve hours
        ("late", "same run", 7.2, False),
        ("late", "certain", 14, False),  # it may have been this morning
    ],
)
def test_when_a_night_has_passed(last: str, now: str, later_h: float, passed: bool) -> None:
    before = LastTicket(EVENING, last == "certain", "first")
    boot = "first" if now == "same run" else "second"
    reading = Reading(EVENING + timedelta(hours=later_h), now == "certain", boot)
    assert night_has_passed(before, reading, HANOI) is passed


def test_a_quiet_afternoon_is_no_night() -> None:
    before = LastTicket(datetime(2026, 3, 2, 7, tzinfo=HANOI), certain=True, boot="first")
    evening = Reading(datetime(2026, 3, 2, 20, tzinfo=HANOI), certain=False, boot="second")
    assert not night_has_passed(before, evening, HANOI)


def test_a_kiosk_without_a_network_counts_on_until_its_clock_is_set(
    db: Database, office: Office, fields: tuple[FieldOfBusiness, ...]
) -> None:
    machine = Machine()
    given: list[tuple[str, date]] = []

    def hand_out() -> None:
        tickets = Tickets(db, office, fields, office_clock(db, lambda: machine.shows))
        ticket = tickets.issue("civil", None, "touch")
        given.append((ticket.number, ticket.day))

    machine.jumps(timedelta(), trusted=True)
    hand_out()
    evening = machine.shows.wall + timedelta(hours=8)
    machine.restarts(evening)  # it is the next morning, but the machine has not lived through it
    hand_out()
    machine.passes(timedelta(minutes=5))
    machine.jumps(timedelta(hours=14, minutes=25), trusted=True)
    hand_out()
    machine.passes(timedelta(days=1))
    hand_out()
    assert given == [
        ("C001", date(2026, 3, 2)),
        ("C002", date(2026, 3, 2)),
        ("C003", date(2026, 3, 3)),
        ("C001", date(2026, 3, 4)),
    ]


def test_a_wrong_year_does_not_stay(
    db: Database, office: Office, fields: tuple[FieldOfBusiness, ...]
) -> None:
    machine = Machine()
    machine.jumps(timedelta(days=3000))
    tickets = Tickets(db, office, fields, office_clock(db, lambda: machine.shows))
    assert tickets.issue("civil", None, "touch").day.year == 2034
    machine.jumps(-timedelta(days=3000), trusted=True)
    right = tickets.issue("civil", None, "touch")
    assert (right.number, right.day) == ("C002", date(2026, 3, 2))
    machine.passes(timedelta(days=1))
    assert tickets.issue("civil", None, "touch").number == "C001"
    machine.restarts(machine.shows.wall)
    again = Tickets(db, office, fields, office_clock(db, lambda: machine.shows))
    assert again.issue("civil", None, "touch").day == date(2026, 3, 3)


def test_priority_classes_count_by_themselves(
    db: Database, office: Office, fields: tuple[FieldOfBusiness, ...], clock: Any
) -> None:
    tickets = Tickets(db, office, fields, clock.read, priorities=[ELDERLY])
    numbers = [
        tickets.issue(field, None, "touch", priority=priority).number
        for field, priority in [("civil", ""), ("civil", "elderly"), ("land", "elderly")] * 2
    ]
    assert numbers == ["C001", "CU001", "DU001", "C002", "CU002", "DU002"]
    event = outbox.pending(db, 10)[1].body
    assert isinstance(event, TicketIssued)
    assert (event.number, event.priority) == ("CU001", "elderly")
    with pytest.raises(KeyError):
        tickets.issue("civil", None, "touch", priority="nobody")


def test_whom_the_office_serves_first_is_told_no_wait(
    db: Database, office: Office, fields: tuple[FieldOfBusiness, ...], clock: Any
) -> None:
    keep_queues(db, Changes(as_of=clock(), last_seq=0, fields=()), clock())
    tickets = Tickets(db, office, fields, clock.read, priorities=[ELDERLY])
    first = tickets.issue("civil", None, "touch", priority="elderly")
    assert (first.ahead, first.wait_min) == (None, None)
    assert tickets.issue("civil", None, "touch").ahead == 1


def limited(db: Database, office: Office, clock: Any, limit: int) -> Tickets:
    word = Bilingual(vi="chữ")
    field = FieldOfBusiness(id="civil", prefix="C", name=word, examples=word, daily_limit=limit)
    return Tickets(db, office, [field], clock.read, priorities=[ELDERLY])


def test_a_days_limit_counts_every_class(db: Database, office: Office, clock: Any) -> None:
    tickets = limited(db, office, clock, 3)
    for priority in ("", "elderly", ""):
        assert tickets.availability("civil") == "open"
        tickets.issue("civil", None, "touch", priority=priority)
    assert tickets.availability("civil") == "full"
    with pytest.raises(StoreError) as refused:
        tickets.issue("civil", None, "touch", priority="elderly")
    assert refused.value.key == "field_full"
    clock.advance(days=1)
    assert tickets.availability("civil") == "open"
    assert tickets.issue("civil", None, "touch").number == "C001"


@pytest.mark.parametrize(("lane", "share"), [(0, 3), (1, 2), (2, 2)])
def test_kiosks_that_cannot_ask_each_other_share_the_limit(
    db: Database, office: Office, clock: Any, lane: int, share: int
) -> None:
    tickets = limited(db, office.model_copy(update={"lane": lane, "lanes": 3}), clock, 7)
    numbers = [tickets.issue("civil", None, "touch").sequence for _ in range(share)]
    assert numbers == [lane + 1 + 3 * index for index in range(share)]
    assert tickets.availability("civil") == "full"


@pytest.fixture
def mornings(office: Office) -> Office:
    monday = Hours.model_validate({"mon": ["07:30-11:30"]})
    return office.model_copy(update={"hours": monday, "holidays": (date(2026, 3, 9),)})


def test_out_of_hours_no_number_is_used_up(
    db: Database, mornings: Office, fields: tuple[FieldOfBusiness, ...], clock: Any
) -> None:
    tickets = Tickets(db, mornings, fields, clock.read)
    assert tickets.is_open()  # 08:00 on a Monday
    tickets.issue("civil", None, "touch")
    clock.advance(hours=4)
    assert not tickets.is_open()
    assert tickets.next_opening() == datetime(2026, 3, 16, 7, 30, tzinfo=HANOI)
    with pytest.raises(StoreError) as refused:
        tickets.issue("civil", None, "touch")
    assert refused.value.key == "office_closed"
    assert len(outbox.pending(db, 10)) == 1


def test_a_clock_that_may_be_wrong_turns_nobody_away(
    db: Database, mornings: Office, fields: tuple[FieldOfBusiness, ...], clock: Any
) -> None:
    clock.certain = False
    clock.advance(hours=9)
    tickets = Tickets(db, mornings, fields, clock.read)
    assert tickets.is_open()
    assert tickets.next_opening() is None
    assert tickets.issue("civil", None, "touch").number == "C001"


def test_a_clock_that_may_be_wrong_limits_nobody(db: Database, office: Office, clock: Any) -> None:
    tickets = limited(db, office, clock, 1)
    tickets.issue("civil", None, "touch")
    assert tickets.availability("civil") == "full"
    clock.certain = False
    assert tickets.availability("civil") == "open"
    assert tickets.issue("civil", None, "touch").number == "C002"


def test_the_week_begins_on_monday(mornings: Office) -> None:
    week = mornings.opening().week
    assert [len(day) for day in week] == [1, 0, 0, 0, 0, 0, 0]
    assert week[0] == (Span.parse("07:30-11:30"),)


def test_a_database_that_cannot_be_written_does_not_stop_the_clock(
    db: Database, path: Path, key: str, expected_warnings: list[str]
) -> None:
    expected_warnings.append("Another program has been holding the database")
    db.rows("PRAGMA busy_timeout = 0")
    machine = Machine()
    with Database.open(path, key) as other, other.transaction():
        clock = office_clock(db, lambda: machine.shows)
    assert clock().moment == machine.shows.wall
    assert db.row("SELECT * FROM clock") is None
