"""Announcements come to each watcher once and in order, on any worker, whatever they missed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, suppress
from dataclasses import replace
from queue import Queue
from zoneinfo import ZoneInfo

import pytest

from central.db.engine import Database
from central.db.queue import Outcome
from central.db.signals import touch
from central.live import Boards, Live, View
from central.services import serving
from central.settings import Settings
from tests.central.conftest import sqlite_only
from tests.central.queueing import NOON, OFFICE, TODAY, Hall, desk

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
ANN = 1
PATIENCE_S = 10


@pytest.fixture
def other(settings: Settings) -> Iterator[Database]:
    """The same database, as another process has it."""
    opened = Database.open(settings.database, settings.key_file)
    yield opened
    opened.close()


@pytest.fixture
def hall(other: Database) -> Hall:
    made = Hall(other)
    made.officer(ANN, made.counter("1"))
    return made


def call_one(hall: Hall) -> None:
    hall.ticket()
    with hall.database.writing() as session:
        ticket = serving.call_next(session, desk(session, ANN), TODAY, NOON)
        assert ticket is not None
        serving.finish(session, desk(session, ANN), ticket.id, Outcome.SERVED, TODAY, NOON)


async def hears(views: AsyncGenerator[View], count: int) -> list[int]:
    """Positions of the next ``count`` announcements."""
    heard: list[int] = []
    async with asyncio.timeout(PATIENCE_S):
        while len(heard) < count:
            heard += [one.position for one in (await anext(views)).news]
    return heard


def watching(database: Database) -> Live:
    return Live(database, ZONE, lambda: NOON)


@pytest.mark.slow
def test_every_watcher_hears_every_call_once(database: Database, hall: Hall) -> None:
    live = watching(database)

    async def watch() -> None:
        async with aclosing(live.watch(OFFICE)) as one, aclosing(live.watch(OFFICE)) as two:
            for views in (one, two):
                assert (await anext(views)).news == ()
            for _ in range(3):
                await asyncio.to_thread(call_one, hall)
            assert await hears(one, 3) == await hears(two, 3) == [1, 2, 3]

    asyncio.run(watch())


@pytest.mark.slow
def test_whoever_was_away_is_told_what_they_missed(database: Database, hall: Hall) -> None:
    for _ in range(4):
        call_one(hall)

    async def watch(after: int | None) -> tuple[int, ...]:
        async with aclosing(watching(database).watch(OFFICE, after)) as views:
            return tuple(one.position for one in (await anext(views)).news)

    assert asyncio.run(watch(2)) == (3, 4)
    assert asyncio.run(watch(4)) == ()
    assert asyncio.run(watch(None)) == ()
    assert asyncio.run(watch(99)) == ()  # it has seen more than this older copy holds


def test_when_somebody_joins_the_line_alone_tells_as_much_as_the_whole(hall: Hall) -> None:
    boards = Boards(hall.database, ZONE, lambda: NOON)
    hall.ticket("land")
    before = boards.read(OFFICE)
    hall.ticket()
    hall.ticket(priority="elderly")
    by_line = boards.read_line(before)
    assert len(by_line.waiting) == 3
    assert by_line == replace(boards.read(OFFICE), hours=before.hours)


@pytest.mark.slow
def test_a_call_is_pressing_and_a_newcomer_is_not(hall: Hall) -> None:
    heard: Queue[tuple[int | None, bool]] = Queue()
    hall.database.signals.listen(lambda office, pressing: heard.put((office, pressing)))
    assert heard.get(timeout=PATIENCE_S) == (None, True)  # listening: what was before is unknown

    def of_the_office() -> bool:
        while True:
            office, pressing = heard.get(timeout=PATIENCE_S)
            if office is not None:  # another process may have written: a file says no more
                return pressing

    hall.ticket()
    assert not of_the_office()
    with hall.database.writing() as session:
        assert serving.call_next(session, desk(session, ANN), TODAY, NOON)
    assert of_the_office()


@sqlite_only
def test_only_what_is_committed_is_told(database: Database) -> None:
    heard: list[int | None] = []
    database.signals.listen(lambda office, _pressing: heard.append(office))
    with suppress(ZeroDivisionError), database.writing() as session:
        touch(session, OFFICE)
        raise ZeroDivisionError
    with database.writing() as session:
        with session.begin_nested():
            touch(session, OFFICE)
        assert OFFICE not in heard
    assert heard.count(OFFICE) == 1
