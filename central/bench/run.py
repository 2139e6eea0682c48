"""One measurement after the other, on a PostgreSQL and servers started for it."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
from sqlalchemy import func, select

from central.bench import city, growth
from central.bench.load import (
    Stream,
    Synced,
    Watched,
    press_next,
    sync_from_processes,
    watching,
)
from central.db.accounts import UserRole
from central.db.cluster import Cluster
from central.db.engine import Database
from central.db.models import StoredEvent, Ticket
from central.db.queue import Call
from central.settings import Settings

SERVER = {"shared_buffers": "512MB", "max_connections": "120", "random_page_cost": "1.1"}
"""As docs/scale.md recommends for a machine with a solid-state disk."""
_START_S = 120.0

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How large a city, for how long."""

    offices: int = 126
    kiosks: int = 504
    every_s: float = 10.0
    seconds: float = 60.0
    streams: int = 200
    officers: int = 50
    presses: int = 10
    workers: int = 2
    rows: tuple[int, ...] = (10_000, 100_000, 1_000_000)


@dataclass(frozen=True, slots=True)
class Result:
    """What ``--json`` prints."""

    first_p50_ms: float
    first_p99_ms: float
    """Of a server that has just started, and kiosks it has never seen."""
    sync_p50_ms: float
    sync_p99_ms: float
    requests: int
    failed: int
    took_s: float
    """Of the planned seconds and what was still to be answered then."""
    load_share: float
    """Of all the cores' time, what went into making the load."""
    busy_before: float
    """Processes that wanted a core before anything began: other people's work."""
    events: int
    lost: int
    duplicated: int
    streams_open: int
    streams_broken: int
    stream_events: int
    empty_p50_ms: float
    empty_p99_ms: float
    next_conflicts: int
    next_calls: int
    next_p50_ms: float
    next_p99_ms: float
    next_ms_by_rows: dict[str, float]
    board_ms_by_rows: dict[str, float]
    plans: dict[str, list[str]]

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self)


def run(plan: Plan, say: Say) -> Result:
    """Everything. ``say`` is told what begins."""
    zone = ZoneInfo(Settings().timezone)
    today = datetime.now(UTC).astimezone(zone).date()
    busy_before = os.getloadavg()[0]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="central-bench-")))
        say("PostgreSQL")
        cluster = stack.enter_context(Cluster(SERVER, safe=True))
        cluster.create("city")
        settings = Settings(database=cluster.url("city"), key_file=folder / "city.keys")
        database = stack.enter_context(closing(Database.open(settings.database, settings.key_file)))
        say(f"{plan.offices} offices, {plan.kiosks} kiosks")
        kiosks = city.build(database, plan.offices, plan.kiosks)
        streams = _streams(database, plan, today)
        serve = ("-m", "central", "serve", "--workers", str(plan.workers))
        with _served(serve, settings.to_environment(), folder, "/health/ready") as url:
            say(f"{plan.kiosks} kiosks, {plan.streams} streams, {plan.seconds:.0f} s")
            begun, cpu = time.monotonic(), time.process_time()
            synced, watched = asyncio.run(_day(url, plan, kiosks, streams, today))
            took_s = time.monotonic() - begun
            cpu_s = synced.cpu_s + time.process_time() - cpu
            say(f"{plan.officers} officers press next")
            browsers = city.officers(database, plan.officers)
            city.add_tickets(database, plan.officers * plan.presses, today, 1)
            pressed = asyncio.run(press_next(url, browsers, plan.presses))
        say("the same load on an empty route")
        empty = ("-m", "central.bench.empty", "--workers", str(plan.workers))
        with _served(empty, {}, folder, "/health/ready") as url:
            yard = sync_from_processes(url, kiosks, plan.seconds, plan.every_s, today)
        lost, duplicated, events = _counted(database, synced.acknowledged)
        conflicts, calls = _calls(database)
        costs: dict[int, growth.Cost] = {}
        filled = 0
        growth.open_office(database, today)
        for rows in plan.rows:
            say(f"{rows} stored tickets")
            growth.fill(settings.database, filled + 1, rows, today)
            filled = rows
            costs[rows] = growth.cost(database, zone)
    last = costs[plan.rows[-1]].plans if costs else {}
    return Result(
        *_quantiles(synced.first_ms),
        *_quantiles(synced.ms),
        len(synced.ms),
        synced.failed,
        round(took_s, 1),
        round(cpu_s / (took_s * (os.cpu_count() or 1)), 2),
        busy_before,
        events,
        lost,
        duplicated,
        watched.open,
        watched.broken,
        watched.events,
        *_quantiles(yard.ms),
        conflicts,
        calls,
        *_quantiles(pressed),
        {str(rows): round(each.next_ms, 2) for rows, each in costs.items()},
        {str(rows): round(each.board_ms, 2) for rows, each in costs.items()},
        last,
    )


def _streams(database: Database, plan: Plan, today: date) -> list[Stream]:
    """Half of them walls, each of another office; half of them phones, in ten offices."""
    found: list[Stream] = []
    with database.writing() as session:
        for number in range(plan.streams // 2):
            office = number % plan.offices + 1
            _, browser = city.sign_in(session, office, f"display{number}", UserRole.DISPLAY)
            found.append(Stream("/display/events", browser.token))
    phones = plan.streams - plan.streams // 2
    for office in range(1, 1 + min(10, plan.offices, phones)):
        references = city.add_tickets(database, -(-phones // 10), today, office, first=10_000)
        found += [Stream(f"/t/{reference}/events", None) for reference in references]
    return found[: plan.streams]


async def _day(
    url: str,
    plan: Plan,
    kiosks: Sequence[city.BenchKiosk],
    streams: Sequence[Stream],
    today: date,
) -> tuple[Synced, Watched]:
    async with watching(url, streams) as watched:
        give_up = time.monotonic() + _START_S
        while watched.open < len(streams) and time.monotonic() < give_up:
            await asyncio.sleep(0.1)
        synced = await asyncio.to_thread(
            sync_from_processes, url, kiosks, plan.seconds, plan.every_s, today
        )
        seen = Watched(watched.open, watched.events, watched.broken)
    return synced, seen


def _counted(database: Database, acknowledged: Sequence[UUID]) -> tuple[int, int, int]:
    """Events acknowledged and not there; effects there more than once; events stored."""
    with database.reading() as session:
        stored = list(session.scalars(select(StoredEvent.id)))
        tickets = session.scalar(
            select(func.count()).select_from(Ticket).where(Ticket.reference.startswith("KK"))
        )
    lost = len(set(acknowledged) - set(stored))
    return (
        lost,
        (len(stored) - len(set(stored))) + max(0, (tickets or 0) - len(stored)),
        len(stored),
    )


def _calls(database: Database) -> tuple[int, int]:
    """Tickets that were called more than once, and calls."""
    with database.reading() as session:
        counts = session.execute(select(func.count()).select_from(Call).group_by(Call.ticket))
        each = [count for (count,) in counts]
    return sum(count > 1 for count in each), sum(each)


def _quantiles(ms: Sequence[float]) -> tuple[float, float]:
    """Median and 99th percentile."""
    if not ms:
        return float("nan"), float("nan")
    ordered = sorted(ms)
    return tuple(round(ordered[int(len(ordered) * part)], 1) for part in (0.5, 0.99))  # type: ignore[return-value]


@contextmanager
def _served(
    arguments: Sequence[str], environment: dict[str, str], folder: Path, path: str
) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = folder / f"log-{port}"
    with log.open("wb") as said:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig=TERM", sys.executable, *arguments, "--port", str(port)],
            env=os.environ | environment,
            stdout=said,
            stderr=said,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        give_up = time.monotonic() + _START_S
        while not _answers(url + path):
            if process.poll() is not None or time.monotonic() > give_up:
                said_last = log.read_text(errors="replace")[-2000:]
                raise RuntimeError(f"{arguments} ended with {process.poll()}: {said_last}")
            time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(60)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).is_success
    except httpx.HTTPError:
        return False
