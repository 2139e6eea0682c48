"""What *next* and the board cost beside ten thousand stored tickets, and beside a million.

The office that is measured stays as it is: so many counters, so many who wait, so many calls of
late. Only the past grows, of every office and of this one.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.orm import Session

from central.bench import city
from central.bench.city import FIELDS
from central.db.engine import Database
from central.db.queue import Outcome
from central.services.board import read_board, read_pace
from central.services.counters import open_sessions
from central.services.serving import call_next, finish

_REPEATS = 40
_OFFICES = 126
_OFFICE = 2
_COUNTERS = 12
_WAITING = 60
_CALLS_EACH = 10
"""Of each counter, lately: 30 of each field, all that the pace is made of."""

_TICKETS = text(f"""
    INSERT INTO ticket (id, device_id, number, reference, sequence, field, priority, day, way,
        issued_at, called_at, office_id, state, queued_at, rank_at)
    SELECT gen_random_uuid(), 1, 'A' || lpad((n % 1000)::text, 3, '0'),
        'P' || lpad(translate(n::text, '0123456789', 'ABCDEFGHIJ'), 15, 'A'), n,
        (ARRAY{list(FIELDS)})[n % 4 + 1], '', at::date, 'hand',
        at, at + interval '9 minutes', n % {_OFFICES} + 1, 'done', at, at
    FROM (SELECT n, :today - interval '1 day' * (15 + n % 351) + interval '1 second' * (n % 28800)
        AS at FROM generate_series(CAST(:first AS bigint), :last) AS n) AS past
""")  # noqa: S608 - of constants
_CALLS = text("""
    INSERT INTO call (office_id, ticket, day, field, priority, queued_at, called_at, recalls,
        started_at, ended_at, outcome)
    SELECT office_id, id, day, field, '', issued_at, called_at, 0, called_at,
        called_at + interval '6 minutes', 'served'
    FROM ticket WHERE state = 'done' AND sequence BETWEEN :first AND :last AND way = 'hand'
        AND reference LIKE 'P%'
""")


@dataclass(frozen=True, slots=True)
class Cost:
    """Median ms of one, and how the tables were read."""

    next_ms: float
    board_ms: float
    plans: dict[str, list[str]]


def open_office(database: Database, today: date) -> None:
    """A ward's office in the middle of a busy day; one of its counters is free."""
    city.officers(database, _COUNTERS, _OFFICE)
    served = _COUNTERS * _CALLS_EACH
    city.add_tickets(database, served + _COUNTERS - 1 + _WAITING, today, _OFFICE, first=50_000)
    now = datetime.now(UTC)
    with database.writing() as session:
        desks = open_sessions(session, _OFFICE)
        for ago in range(_CALLS_EACH, 0, -1):
            begun = now - timedelta(minutes=10 * ago)
            for desk in desks:
                ticket = call_next(session, desk, today, begun)
                if ticket is not None:
                    ended = begun + timedelta(minutes=9)
                    finish(session, desk, ticket.id, Outcome.SERVED, today, ended)
        for desk in desks[1:]:
            call_next(session, desk, today, now)


def fill(url: str, first: int, last: int, today: date) -> None:
    """Tickets of the past, numbered so, served and gone, of every office in turn."""
    engine = create_engine(url)
    with engine.begin() as connection:
        numbers = {"first": first, "last": last}
        connection.execute(
            _TICKETS, numbers | {"today": datetime.combine(today, datetime.min.time(), UTC)}
        )
        connection.execute(_CALLS, numbers)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in ("ticket", "call"):
            connection.execute(text(f"VACUUM ANALYZE {table}"))
    engine.dispose()


def cost(database: Database, zone: ZoneInfo) -> Cost:
    """Of the office that :func:`open_office` opened. Nothing is changed."""
    return Cost(
        _median_ms(database, lambda session: _next(session, zone)),
        _median_ms(database, lambda session: _board(session, zone)),
        {
            "next": _plans(database, lambda session: _next(session, zone)),
            "board": _plans(database, lambda session: _board(session, zone)),
        },
    )


class _Undo(Exception):
    """What was done is only measured."""


def _next(session: Session, zone: ZoneInfo) -> None:
    now = datetime.now(UTC)
    [desk] = open_sessions(session, _OFFICE)[:1]
    call_next(session, desk, now.astimezone(zone).date(), now)
    session.flush()


def _board(session: Session, zone: ZoneInfo) -> None:
    now = datetime.now(UTC)
    read_board(session, _OFFICE, zone, read_pace(session, _OFFICE, now), now)


def _median_ms(database: Database, step: Callable[[Session], None]) -> float:
    taken: list[float] = []
    for _ in range(_REPEATS):
        try:
            with database.writing() as session:
                begun = time.perf_counter()
                step(session)
                taken.append((time.perf_counter() - begun) * 1e3)
                raise _Undo
        except _Undo:
            pass
    return median(taken)


def _plans(database: Database, step: Callable[[Session], None]) -> list[str]:
    """How each statement that reads a growing table reads it, and how many rows, now."""
    found: list[str] = []
    try:
        with database.writing() as session:
            with _listened() as statements:
                step(session)
            for statement, parameters in statements:
                plan = session.connection().exec_driver_sql(
                    f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters
                )
                found += _scans(plan.scalar_one())
            raise _Undo
    except _Undo:
        pass
    return sorted(set(found))


@contextmanager
def _listened() -> Iterator[list[tuple[str, Any]]]:
    heard: list[tuple[str, Any]] = []

    def hear(
        _connection: object, _cursor: object, statement: str, parameters: Any, *_: object
    ) -> None:
        if statement.startswith("SELECT") and any(
            f"FROM {each}" in statement or f"JOIN {each}" in statement for each in _GROWING
        ):
            heard.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        event.remove(Engine, "before_cursor_execute", hear)


_GROWING = ("ticket", "call", "announcement", "event")


def _scans(plan: Any) -> Iterator[str]:
    nodes = [each["Plan"] for each in (json.loads(plan) if isinstance(plan, str) else plan)]
    while nodes:
        node = nodes.pop()
        nodes += node.get("Plans", [])
        if node.get("Relation Name") in _GROWING:
            index = node.get("Index Name")
            by = f" by {index}" if index else ""
            read = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
            rows = f"{read * node['Actual Loops']:.0f} rows"
            yield f"{node['Node Type']} on {node['Relation Name']}{by}, {rows}"
        elif node["Node Type"] == "Bitmap Index Scan":
            yield f"Bitmap Index Scan by {node['Index Name']}"
