"""Batches that arrive at once wait for each other in one order only."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from central.db.engine import Database
from central.db.models import FIRST_OFFICE, Device, Ticket
from central.db.queue import Outcome
from central.services import audit, serving
from central.services.citizens import erase
from central.services.counters import QueueRefusal, current_ticket
from central.services.enrolment import enrol, invite
from central.services.ingest import Unread, ingest
from central.services.offices import settle
from central.services.policy import QueuePolicy
from central.services.queue import policy_of, settle_policy
from tests.central.conftest import NOON, DeviceKey, postgresql_only
from tests.central.people import citizen_id
from tests.central.queueing import FIELDS, OFFICE, TODAY, Hall, desk, settings

MakeIssued = Callable[..., dict[str, Any]]

KIOSKS, ROUNDS, TICKETS = 4, 8, 6


@pytest.mark.slow
def test_kiosks_that_tell_of_the_same_people_never_wait_for_each_other(
    database: Database, issued: MakeIssued
) -> None:
    """PostgreSQL killed one of two that locked the office again in each of their savepoints while
    others waited for it, now and then: that is why it is locked once and before all of them."""
    devices: list[int] = []
    for name in map("K{}".format, range(KIOSKS)):
        with database.writing() as session:
            token = invite(session, FIRST_OFFICE, name, NOON)
            enrol(session, database.keys, DeviceKey().asking(token), NOON)
            devices.append(session.scalars(select(Device.id).where(Device.name == name)).one())
    chance = random.Random(1)

    def deliver(kiosk: int) -> None:
        for turn in range(ROUNDS):
            first = 1 + (kiosk * ROUNDS + turn) * TICKETS
            people = chance.choices([None, citizen_id(1), citizen_id(2)], k=TICKETS)
            batch = [issued(first + n, citizen=who) for n, who in enumerate(people)]
            unread = [Unread.model_validate(each) for each in batch]
            with database.writing() as session:
                ack = ingest(session, database.keys, devices[kiosk], unread, NOON)
            assert (ack.refused, ack.duplicates) == ((), 0)

    with ThreadPoolExecutor(KIOSKS) as pool:
        list(pool.map(deliver, range(KIOSKS)))
    with database.reading() as session:
        count = session.scalar(select(func.count()).select_from(Ticket))
    assert count == KIOSKS * ROUNDS * TICKETS


STEPS = 24
"""Of each thread; some hundred meetings of each with each."""


@pytest.mark.slow
@postgresql_only
def test_officers_kiosks_and_managers_at_once_never_wait_for_each_other(
    database: Database, issued: MakeIssued
) -> None:
    """PostgreSQL ends one of two that wait for each other (after 20 ms here): whoever takes several
    locks takes them in one order, device, office, queue, tickets by their position, audit log."""
    hall = Hall(database)
    people = [citizen_id(which) for which in range(12)]
    with database.reading() as session:
        device = session.scalars(select(Device.id).where(Device.name == "hall")).one()
    for number in (1, 2, 3):
        hall.officer(number, hall.counter(str(number)))

    def officer(number: int) -> None:
        chance = random.Random(number)
        for _ in range(STEPS):
            with suppress(QueueRefusal), database.writing() as session:
                mine = desk(session, number)
                ticket = current_ticket(session, mine, TODAY)
                if ticket is None:
                    serving.call_next(session, mine, TODAY, NOON)
                elif chance.random() < 0.4:
                    to = chance.choice(list(FIELDS))
                    serving.transfer(session, mine, ticket.id, TODAY, NOON, field=to)
                elif chance.random() < 0.5:
                    serving.hold(session, mine, ticket.id, TODAY, NOON)
                    serving.back_in_line(session, mine, ticket.id, TODAY, NOON)
                else:
                    serving.finish(session, mine, ticket.id, Outcome.SERVED, TODAY, NOON)
                audit.record(
                    session, database.keys, NOON, FIRST_OFFICE, f"user:{number}", "citizen.seen"
                )

    def kiosk(number: int) -> None:
        chance = random.Random(number)
        for turn in range(STEPS):
            who = chance.choices([None, *people], k=4)
            batch = [
                issued(1 + turn * 4 + place, citizen=each, priority="elderly")
                for place, each in enumerate(who)
            ]
            with database.writing() as session:
                unread = [Unread.model_validate(each) for each in batch]
                assert not ingest(session, database.keys, device, unread, NOON).refused

    def manager(_: int) -> None:
        for turn in range(STEPS):
            with database.writing() as session:
                policy = QueuePolicy(head_start_min={"elderly": turn})
                settle_policy(session, OFFICE, policy, TODAY)
            with database.writing() as session:
                settle(session, FIRST_OFFICE, settings())
                audit.record(
                    session, database.keys, NOON, FIRST_OFFICE, "user:9", "office.settings"
                )

    def forgetful(_: int) -> None:
        for who in people:
            for _ in range(STEPS // len(people)):
                with database.reading() as session:
                    policy_of(session, OFFICE)
            with database.writing() as session:
                erase(session, OFFICE, UUID(who), NOON, "asked")
                audit.record(session, database.keys, NOON, FIRST_OFFICE, "user:8", "citizen.erased")

    work = [(officer, 1), (officer, 2), (officer, 3), (kiosk, 4), (manager, 5), (forgetful, 6)]
    with ThreadPoolExecutor(len(work)) as pool:
        for ended in [pool.submit(does, number) for does, number in work]:
            ended.result()  # raises what was raised there
    with database.reading() as session:
        assert audit.verify(session, database.keys)[1] is None
        assert session.scalar(select(func.count()).select_from(Ticket)) == STEPS * 4
        assert not session.scalars(select(Ticket.id).where(Ticket.citizen.is_not(None))).all()
