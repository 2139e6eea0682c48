"""The load: kiosks that sync, walls and phones that watch, officers who press *next*.

It runs in processes of its own, and counts every answer.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import re
import time
from collections.abc import AsyncIterator, Awaitable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from multiprocessing import get_context
from typing import Any
from uuid import UUID, uuid4

import httpx

from central.bench.city import FIELDS, BenchKiosk, Browser

TIMEOUT_S = 30.0
_AGAIN = 0.02
"""Of batches, delivered twice: as if the answer had been lost."""


@dataclass(slots=True)
class Synced:
    """What the kiosks saw. Times in ms."""

    first_ms: list[float] = field(default_factory=list[float])
    """Of each kiosk's first question, when it has just been enrolled."""
    ms: list[float] = field(default_factory=list[float])
    acknowledged: list[UUID] = field(default_factory=list[UUID])
    failed: int = 0
    cpu_s: float = 0.0
    """What making the load took: it shares the machine with the server."""

    def add(self, other: Synced) -> None:
        """Take in another process's."""
        self.first_ms += other.first_ms
        self.ms += other.ms
        self.acknowledged += other.acknowledged
        self.failed += other.failed
        self.cpu_s += other.cpu_s


@dataclass(slots=True)
class Watched:
    """What the walls and phones were told."""

    open: int = 0
    events: int = 0
    broken: int = 0


@dataclass(frozen=True, slots=True)
class Stream:
    """Something that watches."""

    path: str
    token: str | None


def sync_for(
    url: str, kiosks: Sequence[BenchKiosk], seconds: float, every_s: float, day: date
) -> Synced:
    """Have the kiosks sync one ticket every ``every_s``, from this process."""
    begun = time.process_time()
    seen = asyncio.run(_sync(url, kiosks, seconds, every_s, day))
    seen.cpu_s = time.process_time() - begun
    return seen


async def _sync(
    url: str, kiosks: Sequence[BenchKiosk], seconds: float, every_s: float, day: date
) -> Synced:
    seen, begins = Synced(), time.monotonic() + every_s
    until = begins + seconds
    kiosks_at_work = (_kiosk(url, each, seen, begins, until, every_s, day) for each in kiosks)
    await asyncio.gather(*kiosks_at_work)
    return seen


def _client(url: str, read_s: float = TIMEOUT_S) -> httpx.AsyncClient:
    """Of one kiosk, wall, phone or officer: with its own connection, as in earnest. Of all, it
    would look through hundreds of connections at each request, which costs more than the server.
    """
    timeout = httpx.Timeout(TIMEOUT_S, read=read_s)
    kept = httpx.Limits(keepalive_expiry=None)  # as a kiosk's, which leaves that to the server
    # No TLS here.
    return httpx.AsyncClient(base_url=url, timeout=timeout, limits=kept, verify=False)  # noqa: S501  # nosec B501


async def _kiosk(
    url: str,
    kiosk: BenchKiosk,
    seen: Synced,
    begins: float,
    until: float,
    every_s: float,
    day: date,
) -> None:
    chance = random.Random(kiosk.place)
    due = begins + chance.uniform(0, every_s)
    async with _client(url) as client:
        await asyncio.sleep(max(0.0, due - every_s - time.monotonic()))
        asked = client.get("/v1/changes", headers=_signed(kiosk))
        cursor = _cursor(await _timed(seen, asked, seen.first_ms)) or {"after": 0}
        for seq in itertools.count(1):
            if due >= until:
                return
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            due += every_s
            sent = {"events": [_ticket(kiosk, seq, day)]}
            for _ in range(2 if chance.random() < _AGAIN else 1):
                asked = client.post("/v1/events", params=cursor, json=sent, headers=_signed(kiosk))
                ack = await _timed(seen, asked, seen.ms)
                seen.acknowledged += map(UUID, ack.get("stored", ()))
                cursor = _cursor(ack.get("changes", {})) or cursor


def _cursor(told: dict[str, Any]) -> dict[str, Any] | None:
    return {"stream": told["stream"], "after": told["cursor"]} if told else None


def _signed(kiosk: BenchKiosk) -> dict[str, str]:
    return {"Authorization": f"Bearer {kiosk.signature()}"}


async def _timed(seen: Synced, asked: Awaitable[httpx.Response], ms: list[float]) -> dict[str, Any]:
    """The answer; empty when it failed."""
    begun = time.perf_counter()
    try:
        answer = await asked
        answer.raise_for_status()
    except httpx.HTTPError:
        seen.failed += 1
        return {}
    ms.append((time.perf_counter() - begun) * 1e3)
    return answer.json()


def _ticket(kiosk: BenchKiosk, seq: int, day: date) -> dict[str, object]:
    digits = f"{kiosk.place:06d}{seq:08d}"
    return {
        "id": str(uuid4()),
        "seq": seq,
        "at": datetime.now(UTC).isoformat(),
        "body": {
            "kind": "ticket_issued",
            "ticket": str(uuid4()),
            "number": f"A{seq % 1000:03d}",
            "reference": "KK" + "".join("ABCDEFGHIJ"[int(each)] for each in digits),
            "sequence": seq,
            "field": FIELDS[seq % len(FIELDS)],
            "day": day.isoformat(),
            "way": "hand",
        },
    }


def sync_from_processes(
    url: str,
    kiosks: Sequence[BenchKiosk],
    seconds: float,
    every_s: float,
    day: date,
    processes: int = 2,
) -> Synced:
    """As :func:`sync_for`, from several processes, so that the load does not wait for itself."""
    parts = [kiosks[start::processes] for start in range(processes)]
    whole = Synced()
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        asked = [pool.submit(sync_for, url, part, seconds, every_s, day) for part in parts]
        for each in asked:
            whole.add(each.result())
    return whole


@asynccontextmanager
async def watching(url: str, streams: Sequence[Stream]) -> AsyncIterator[Watched]:
    """Keep all of them open meanwhile."""
    seen = Watched()
    tasks = [asyncio.create_task(_watch(url, each, seen)) for each in streams]
    try:
        yield seen
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _watch(url: str, stream: Stream, seen: Watched) -> None:
    cookies = {"Cookie": f"central={stream.token}"} if stream.token else {}
    with suppress(asyncio.CancelledError):
        try:
            async with (
                _client(url, read_s=60.0) as client,
                client.stream("GET", stream.path, headers=cookies) as answer,
            ):
                answer.raise_for_status()
                seen.open += 1
                async for line in answer.aiter_lines():
                    seen.events += line.startswith("event:")
        except httpx.HTTPError:
            pass
        seen.broken += 1


_CALLED = re.compile(r'name="ticket" value="([0-9a-f-]{36})"')


async def press_next(url: str, browsers: Sequence[Browser], presses: int) -> list[float]:
    """All of them press *next*, ``presses`` times each, as fast as they are answered; ms each."""
    ms: list[float] = []

    async def officer(browser: Browser) -> None:
        current: str | None = None
        headers = {
            "Cookie": f"central={browser.token}",
            "X-CSRF-Token": browser.csrf,
            "HX-Request": "true",
        }
        async with _client(url) as client:
            for _ in range(presses):
                begun = time.perf_counter()
                form = {"ticket": current} if current else {}
                answer = await client.post("/counter/next", data=form, headers=headers)
                ms.append((time.perf_counter() - begun) * 1e3)
                answer.raise_for_status()
                found = _CALLED.search(answer.text)
                current = found[1] if found else None

    await asyncio.gather(*map(officer, browsers))
    return ms
