"""What an officer does with a ticket, and what cannot be done."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from central.db.engine import Database
from central.db.models import Ticket, TicketState
from central.db.queue import Announcement, Call, Outcome
from central.services import serving
from central.services.counters import (
    QueueRefusal,
    choose_fields,
    close_counter,
    current_ticket,
    open_counter,
)
from central.services.policy import QueuePolicy
from central.services.queue import settle_policy
from tests.central.conftest import Api
from tests.central.queueing import FIELDS, NOON, OFFICE, TODAY, Hall, desk, minute

ANN, BINH = 1, 2


@pytest.fixture
def hall(database: Database) -> Hall:
    made = Hall(database)
    made.officer(ANN, made.counter("1"))
    made.officer(BINH, made.counter("2", ["civil", "land"]), "civil")
    return made


def do(hall: Hall, officer: int, step: Callable[..., Any], *which: object, at: float = 0) -> Any:
    """``step`` of an officer, ``at`` minutes after noon; the ticket's id."""
    with hall.database.writing() as session:
        answer = step(session, desk(session, officer), *which, TODAY, minute(at))
        return answer.id if isinstance(answer, Ticket) else answer


def calls(hall: Hall, officer: int, at: float = 0) -> UUID | None:
    return do(hall, officer, serving.call_next, at=at)


def refused(hall: Hall, officer: int, step: Callable[..., Any], *which: object) -> str:
    with pytest.raises(QueueRefusal) as refusal:
        do(hall, officer, step, *which)
    return refusal.value.reason


def test_whoever_came_first_is_called_first_among_the_counters_fields(hall: Hall) -> None:
    land, civil, later = hall.ticket("land", 0), hall.ticket("civil", 1), hall.ticket("civil", 2)
    assert calls(hall, BINH) == civil  # opened for civil alone
    assert calls(hall, ANN) == land
    assert hall.row(later).state == TicketState.WAITING


def test_pressed_twice_it_calls_once(hall: Hall) -> None:
    first, second = hall.ticket(), hall.ticket()
    assert calls(hall, ANN) == first
    assert refused(hall, ANN, serving.call_next) == "busy"
    assert hall.row(second).state == TicketState.WAITING


def test_a_call_from_the_queue_to_the_end(hall: Hall) -> None:
    ticket = hall.ticket(at=0)
    calls(hall, ANN, at=7)
    do(hall, ANN, serving.recall, ticket, at=8)
    do(hall, ANN, serving.arrived, ticket, at=9)
    do(hall, ANN, serving.finish, ticket, Outcome.INCOMPLETE, at=14)
    with hall.database.reading() as session:
        call = session.scalars(select(Call)).one()
        times = (call.queued_at, call.called_at, call.started_at, call.ended_at)
        assert times == (minute(0), minute(7), minute(9), minute(14))
        assert (call.outcome, call.recalls, call.field) == (Outcome.INCOMPLETE, 1, "civil")
        said = session.execute(
            select(Announcement.position, Announcement.counter, Announcement.again)
        ).all()
        assert [tuple(each) for each in said] == [(1, "1", False), (2, "1", True)]
    assert hall.row(ticket).state == TicketState.DONE


def test_a_stale_page_touches_nobody_elses_ticket(hall: Hall) -> None:
    first, second = hall.ticket(), hall.ticket()
    calls(hall, ANN)
    calls(hall, BINH)
    for step in (serving.recall, serving.arrived, serving.not_there, serving.hold):
        assert refused(hall, ANN, step, second) == "stale"
    assert refused(hall, BINH, serving.finish, first, Outcome.SERVED) == "stale"
    do(hall, ANN, serving.finish, first, Outcome.SERVED)
    assert refused(hall, ANN, serving.finish, first, Outcome.SERVED) == "stale"


def test_who_was_not_there_comes_back_at_the_end(hall: Hall) -> None:
    absent, waiting = hall.ticket(at=0), hall.ticket(at=1)
    calls(hall, ANN, at=2)
    do(hall, ANN, serving.not_there, absent, at=3)
    do(hall, BINH, serving.back_in_line, absent, at=10)
    assert [calls(hall, ANN, at=11), calls(hall, BINH, at=11)] == [waiting, absent]


def test_who_was_not_there_keeps_the_place_when_the_office_says_so(hall: Hall) -> None:
    with hall.database.writing() as session:
        settle_policy(session, OFFICE, QueuePolicy(absent="keeps"), TODAY)
    absent = hall.ticket(at=0)
    hall.ticket(at=1)
    calls(hall, ANN, at=2)
    do(hall, ANN, serving.not_there, absent, at=3)
    do(hall, ANN, serving.back_in_line, absent, at=10)
    assert calls(hall, BINH, at=11) == absent


def test_a_held_ticket_is_called_again_without_waiting(hall: Hall) -> None:
    held, other = hall.ticket(at=0), hall.ticket(at=1)
    calls(hall, ANN)
    do(hall, ANN, serving.hold, held, at=2)
    assert calls(hall, ANN, at=3) == other
    assert refused(hall, BINH, serving.call_again, other) == "no_ticket"
    assert do(hall, BINH, serving.call_again, held, at=4) == held


def test_a_transfer_to_another_field_keeps_the_first_place(hall: Hall) -> None:
    ticket = hall.ticket("civil", at=0)
    hall.ticket("stamp", at=1)
    calls(hall, BINH, at=5)
    with hall.database.writing() as session:
        binh = desk(session, BINH)
        serving.transfer(session, binh, ticket, TODAY, minute(6), field="stamp")
    row = hall.row(ticket)
    assert (row.field, row.state, row.queued_at) == ("stamp", TicketState.WAITING, minute(6))
    assert calls(hall, ANN, at=7) == ticket


def test_a_ticket_sent_to_one_counter_is_called_there_alone(hall: Hall) -> None:
    ticket = hall.ticket("civil", at=0)
    calls(hall, ANN, at=1)
    with hall.database.writing() as session:
        counter = desk(session, BINH).counter.id
        ann = desk(session, ANN)
        serving.transfer(session, ann, ticket, TODAY, minute(2), counter_id=counter, field="land")
    assert calls(hall, ANN, at=3) is None
    assert calls(hall, BINH, at=3) == ticket  # though it calls no land


def test_closing_frees_those_who_were_sent_there(hall: Hall) -> None:
    ticket = hall.ticket("civil")
    calls(hall, ANN)
    with hall.database.writing() as session:
        counter = desk(session, BINH).counter.id
        ann = desk(session, ANN)
        serving.transfer(session, ann, ticket, TODAY, minute(2), counter_id=counter)
    do(hall, BINH, close_counter)
    assert calls(hall, ANN) == ticket


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ({}, "no_field"),
        ({"field": "civil"}, "no_field"),
        ({"field": "unknown"}, "no_field"),
        ({"counter_id": 99}, "no_counter"),
        ({"counter_id": 1}, "no_field"),  # where they are already
        ({"counter_id": 2, "field": "stamp"}, "no_field"),  # not served there
    ],
)
def test_a_transfer_needs_a_place_to_go(hall: Hall, where: dict[str, Any], why: str) -> None:
    ticket = hall.ticket("civil")
    calls(hall, ANN)
    with pytest.raises(QueueRefusal) as refusal, hall.database.writing() as session:
        serving.transfer(session, desk(session, ANN), ticket, TODAY, NOON, **where)
    assert refusal.value.reason == why
    assert hall.row(ticket).state == TicketState.CALLED


def test_a_counter_is_opened_by_one(hall: Hall) -> None:
    def opened(officer: int, counter: int, *fields: str, **how: bool) -> str:
        try:
            with hall.database.writing() as session:
                open_counter(session, OFFICE, officer, counter, fields, NOON, **how)
        except QueueRefusal as refusal:
            return refusal.reason
        return "open"

    assert opened(3, 1, "civil") == "taken"
    assert opened(ANN, 2, "civil") == "open_elsewhere"
    assert opened(3, 99, "civil") == "no_counter"
    three = hall.counter("3", ["land"])
    assert opened(3, three, "civil") == opened(3, three) == "no_field"
    assert opened(3, three, "land") == "open"
    assert opened(4, 1, "civil", take_over=True) == "open"


def test_whoever_takes_over_finds_the_citizen_there(hall: Hall) -> None:
    ticket = hall.ticket()
    calls(hall, ANN)
    with hall.database.writing() as session:
        open_counter(session, OFFICE, 3, 1, list(FIELDS), NOON, take_over=True)
    with hall.database.reading() as session:
        current = current_ticket(session, desk(session, 3), TODAY)
        assert current is not None
        assert current.id == ticket
    do(hall, 3, serving.finish, ticket, Outcome.SERVED)


def test_nobody_leaves_a_citizen_alone(hall: Hall) -> None:
    ticket = hall.ticket()
    calls(hall, ANN)
    assert refused(hall, ANN, close_counter) == "busy"
    do(hall, ANN, serving.finish, ticket, Outcome.SERVED)
    do(hall, ANN, close_counter)


def test_a_closed_counter_calls_nobody(hall: Hall) -> None:
    hall.ticket()
    with hall.database.writing() as session:
        ann = desk(session, ANN)
        close_counter(session, ann, TODAY, NOON)
        with pytest.raises(QueueRefusal):
            serving.call_next(session, ann, TODAY, NOON)


def test_fields_can_be_changed_in_between(hall: Hall) -> None:
    hall.ticket("land")
    assert calls(hall, BINH) is None
    with hall.database.writing() as session:
        choose_fields(session, desk(session, BINH), ["land"])
    assert calls(hall, BINH) is not None


def test_a_new_rule_holds_for_those_who_wait_already(hall: Hall) -> None:
    ordinary, elderly = hall.ticket(at=0), hall.ticket(at=30, priority="elderly")
    with hall.database.writing() as session:
        policy = QueuePolicy(head_start_min={"elderly": 10})
        settle_policy(session, OFFICE, policy, TODAY)
    assert [calls(hall, ANN, at=31), calls(hall, BINH, at=31)] == [ordinary, elderly]


@pytest.mark.slow
def test_fifty_officers_at_once_never_get_one_ticket(database: Database) -> None:
    hall = Hall(database)
    for officer in range(50):
        hall.officer(officer, hall.counter(str(officer)))
    tickets = [hall.ticket(at=number / 60) for number in range(60)]
    with ThreadPoolExecutor(50) as pool:
        called = list(pool.map(lambda officer: calls(hall, officer, at=2), range(50)))
    assert sorted(map(str, called)) == sorted(map(str, tickets[:50]))
    with database.reading() as session:
        positions = session.scalars(select(Announcement.position)).all()
        assert sorted(positions) == list(range(1, 51))


def test_kiosks_are_told_what_each_of_those_who_wait_adds(hall: Hall, kiosk: Api) -> None:
    """Five minutes each by the office's word; one of two counters calls no stamps."""
    for _ in range(4):
        hall.ticket("civil", at=-1)
    hall.ticket("stamp", at=0)
    told = {each["field"]: each for each in kiosk.get("changes").json()["fields"]}
    assert (told["civil"]["waiting"], told["civil"]["minutes_each"]) == (4, 2.5)
    assert (told["stamp"]["waiting"], told["stamp"]["minutes_each"]) == (1, 15)
