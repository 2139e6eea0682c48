"""Batches that arrive at once wait for each other in one order only."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select

from central.db.engine import Database
from central.db.models import Device, Ticket
from central.services.enrolment import enrol, invite
from central.services.ingest import Unread, ingest
from tests.central.conftest import NOON, DeviceKey
from tests.central.people import citizen_id

KIOSKS, ROUNDS, TICKETS = 4, 8, 6


@pytest.mark.slow
def test_kiosks_that_tell_of_the_same_people_never_wait_for_each_other(
    database: Database, issued: Callable[..., dict[str, Any]]
) -> None:
    """PostgreSQL killed one of two that locked the office again in each of their savepoints while
    others waited for it, now and then: that is why it is locked once and before all of them."""
    devices: list[int] = []
    for name in map("K{}".format, range(KIOSKS)):
        with database.writing() as session:
            token = invite(session, name, NOON)
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
