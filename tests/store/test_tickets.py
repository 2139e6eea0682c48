"""Numbers: committed with their event, gapless per lane, honest about the wait."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.clock import Reading
from kiosk.config import FieldOfBusiness, Office
from kiosk.idcard.document import IdentityDocument
from kiosk.store import outbox
from kiosk.store.citizens import Citizens
from kiosk.store.database import Database
from kiosk.store.fields import keep_queues
from kiosk.store.templates import Template
from kiosk.store.tickets import Queue, Tickets
from wire import Changes, FieldStatus, TicketIssued, TicketPrinted


def test_a_ticket_is_committed_with_its_event(db: Database, tickets: Tickets) -> None:
    ticket = tickets.issue("civil", None, "hand")
    assert (ticket.number, ticket.sequence, ticket.day) == ("C001", 1, date(2026, 3, 2))
    (event,) = outbox.pending(db, 10)
    assert event.at == ticket.issued_at
    assert isinstance(event.body, TicketIssued)
    assert str(event.body.ticket) == ticket.id
    assert (event.body.number, event.body.reference, event.body.way) == (
        "C001",
        ticket.reference,
        "hand",
    )


def test_references_cannot_be_guessed(tickets: Tickets) -> None:
    references = {tickets.issue("civil", None, "touch").reference for _ in range(20)}
    assert len(references) == 20
    assert all(re.fullmatch(r"[A-Z2-7]{16}", reference) for reference in references)


def test_numbers_grow_beyond_999(db: Database, tickets: Tickets) -> None:
    ticket = tickets.issue("civil", None, "touch")
    db.execute("UPDATE ticket SET sequence = 999 WHERE id = ?", (ticket.id,))
    assert tickets.issue("civil", None, "touch").number == "C1000"


def test_the_day_is_the_offices(tickets: Tickets, clock: Any) -> None:
    clock.time = datetime(2026, 3, 2, 16, 59, tzinfo=UTC)  # 23:59 in Hà Nội
    assert tickets.issue("civil", None, "touch").day == date(2026, 3, 2)
    clock.advance(minutes=1)
    fresh = tickets.issue("civil", None, "touch")
    assert (fresh.day, fresh.number) == (date(2026, 3, 3), "C001")


def test_a_clock_set_back_a_day_does_not_repeat_numbers(tickets: Tickets, clock: Any) -> None:
    numbers = []
    for step in (0, 1, -1, 0):
        clock.advance(days=step)
        ticket = tickets.issue("civil", None, "touch")
        numbers.append((ticket.day, ticket.sequence))
    assert len(set(numbers)) == 4


def test_an_unknown_field_is_our_fault(db: Database, tickets: Tickets) -> None:
    with pytest.raises(KeyError):
        tickets.issue("nowhere", None, "touch")
    assert outbox.pending(db, 1) == []


def test_a_forgotten_citizen_still_gets_a_number(
    db: Database,
    tickets: Tickets,
    citizens: Citizens,
    document: IdentityDocument,
    template: Template,
) -> None:
    citizen = citizens.enrol(document, "2026-01", template)
    citizens.erase(citizen)
    tickets.issue("civil", citizen, "hand")
    event = outbox.pending(db, 10)[-1]
    assert isinstance(event.body, TicketIssued)
    assert event.body.citizen is None


@given(
    lanes=st.integers(1, 8).flatmap(
        lambda n: st.tuples(st.just(n), st.lists(st.integers(0, n - 1), min_size=1, max_size=12))
    )
)
def test_lanes_never_meet_and_leave_no_gap(lanes: tuple[int, list[int]]) -> None:
    count, order = lanes
    word = {"vi": "chữ"}
    field = FieldOfBusiness.model_validate(
        {"id": "civil", "prefix": "C", "name": word, "examples": word}
    )
    given_out: dict[int, list[int]] = {lane: [] for lane in range(count)}
    with TemporaryDirectory() as folder:
        dbs = {lane: Database.open(Path(folder, str(lane)), "5a" * 32) for lane in set(order)}
        for lane in order:
            office = Office.model_validate(
                {"name": word, "unit": word, "lane": lane, "lanes": count}
            )
            kiosk = Tickets(
                dbs[lane], office, [field], lambda: Reading(datetime(2026, 3, 2, tzinfo=UTC))
            )
            given_out[lane].append(kiosk.issue("civil", None, "touch").sequence)
        for db in dbs.values():
            db.close()
    for lane, numbers in given_out.items():
        assert numbers == [lane + 1 + count * index for index in range(len(numbers))]


def test_a_second_kiosk_set_up_at_noon_does_not_stop_the_first(
    db: Database,
    office: Office,
    fields: tuple[FieldOfBusiness, ...],
    clock: Any,
) -> None:
    morning = Tickets(db, office, fields, clock.read)
    assert [morning.issue("civil", None, "touch").sequence for _ in range(3)] == [1, 2, 3]
    noon = Tickets(db, office.model_copy(update={"lane": 1, "lanes": 2}), fields, clock.read)
    assert [noon.issue("civil", None, "touch").sequence for _ in range(2)] == [4, 6]


def test_paper_is_recorded_with_its_event(db: Database, tickets: Tickets) -> None:
    ticket = tickets.issue("civil", None, "touch")
    tickets.record_print(ticket.id, "failed", "paper_out")
    event = outbox.pending(db, 10)[-1]
    assert isinstance(event.body, TicketPrinted)
    assert (event.body.outcome, event.body.reason) == ("failed", "paper_out")
    row = db.row("SELECT printing, print_reason FROM ticket")
    assert row is not None
    assert tuple(row) == ("failed", "paper_out")


def test_paper_of_no_ticket_leaves_no_event(db: Database, tickets: Tickets) -> None:
    with pytest.raises(LookupError):
        tickets.record_print("01900000-0000-7000-8000-000000000000", "printed")
    assert outbox.pending(db, 10) == []


def test_what_a_crash_left_open(tickets: Tickets) -> None:
    queued, sending, printed = (tickets.issue("civil", None, "touch") for _ in range(3))
    tickets.begin_print(sending.id)
    tickets.begin_print(printed.id)
    tickets.record_print(printed.id, "printed")
    left = tickets.unfinished()
    assert [(item.ticket.id, item.sending) for item in left] == [
        (queued.id, False),
        (sending.id, True),
    ]
    assert left[0].ticket == queued


def told(clock: Any, waiting: int, last_seq: int = 0, minutes: float | None = None) -> Changes:
    status = FieldStatus(field="civil", waiting=waiting, minutes_each=minutes)
    return Changes(as_of=clock(), last_seq=last_seq, fields=(status,))


def test_without_word_from_central_nobody_guesses(tickets: Tickets) -> None:
    ticket = tickets.issue("civil", None, "touch")
    assert (ticket.ahead, ticket.wait_min) == (None, None)
    assert tickets.queue("civil") is None


def test_people_ahead_are_centrals_and_our_own_it_had_not_heard_of(
    db: Database, tickets: Tickets, clock: Any
) -> None:
    tickets.issue("civil", None, "touch")
    keep_queues(db, told(clock, waiting=7, last_seq=1), clock())
    tickets.issue("land", None, "touch")
    second = tickets.issue("civil", None, "touch")
    assert (second.ahead, second.wait_min) == (7, 28)
    third = tickets.issue("civil", None, "touch")
    assert (third.ahead, third.wait_min) == (8, 32)
    assert tickets.queue("civil") == Queue(9, 36)


def test_centrals_own_pace_is_preferred(db: Database, tickets: Tickets, clock: Any) -> None:
    keep_queues(db, told(clock, waiting=3, minutes=2.5), clock())
    assert tickets.queue("civil") == Queue(3, 8)


def test_a_field_central_does_not_name_has_nobody_waiting(
    db: Database, tickets: Tickets, clock: Any
) -> None:
    keep_queues(db, told(clock, waiting=3), clock())
    assert tickets.queue("land") == Queue(0, 0)


@pytest.mark.parametrize("minutes", [10.1, -10.1, 24 * 60])
def test_an_old_count_is_not_shown(
    db: Database, tickets: Tickets, clock: Any, minutes: float
) -> None:
    keep_queues(db, told(clock, waiting=3), clock())
    clock.advance(minutes=minutes)
    assert tickets.queue("civil") is None


def test_a_later_word_replaces_the_earlier(db: Database, tickets: Tickets, clock: Any) -> None:
    keep_queues(db, told(clock, waiting=3), clock())
    keep_queues(db, Changes(as_of=clock(), last_seq=0, fields=()), clock())
    assert tickets.queue("civil") == Queue(0, 0)
