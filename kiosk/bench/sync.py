"""``kiosk bench sync``: events a second to central over TLS, beside plain posts to an empty route.

Central and the empty FastAPI route are processes of their own on this machine, behind TLS with one
certificate, and their clients keep one connection each. The kiosk's side reads its encrypted queue,
signs, posts batches, deletes what was acknowledged and asks for changes; central's side verifies,
stores each event with its effect and commits to disk. The peers do nothing but move the same bytes.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from base64 import b32encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import requests
import typer
from rich.console import Console
from rich.table import Table

from kiosk.bench.conditions import Advance, progress
from kiosk.bench.processes import Memory
from kiosk.config import PrivacySettings, SyncSettings
from kiosk.errors import SyncError
from kiosk.store import outbox
from kiosk.store.citizens import Citizens
from kiosk.store.clock import office_clock
from kiosk.store.database import Database
from kiosk.sync.client import Client, enrol_device
from kiosk.sync.exchange import BATCH, Exchanger
from wire import Batch, TicketIssued, TicketPrinted, VisitEnded

_KEY = "5a" * 32
_EMPTY = """
from fastapi import FastAPI, Request
app = FastAPI()
@app.post("/")
async def empty(request: Request):
    await request.body()
    return {}
"""
_SINGLE_POSTS, _BATCH_POSTS = 1000, 100
_SAMPLES = 20
_A_DAY = 500
"""Tickets; the backlog is of so many days."""
_PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Rate:
    """How fast the same events went."""

    kiosk: float
    """Events a second from the kiosk's database into central's."""
    single_posts: float
    """Events a second by ``requests.post`` of one each to an empty route."""
    batch_posts: float
    """The same, as batches of 200: the most that any protocol of this kind could do."""

    @property
    def to_single(self) -> float:
        """The kiosk's rate to that of single posts."""
        return self.kiosk / self.single_posts

    @property
    def to_batches(self) -> float:
        """The kiosk's rate to that of batches nobody reads."""
        return self.kiosk / self.batch_posts


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured."""

    events: int
    rate: Rate
    sender_rss_mb: list[float]
    """Of this process, at equal distances while the backlog drained."""
    central_rss_mb: list[float]


@dataclass(frozen=True, slots=True)
class _Tls:
    """What both servers show, and what their clients believe."""

    certificate: Path
    key: Path
    authority: Path


def main(*, events: int, as_json: bool) -> None:
    """Measure and print."""
    if missing := [name for name in ("central", "uvicorn", "fastapi") if not find_spec(name)]:
        typer.echo(f"Cần có: {', '.join(missing)}. Needed: touchless-kiosk[central].", err=True)
        raise typer.Exit(2)
    with TemporaryDirectory() as folder, progress(_SAMPLES) as advance:
        report = measure(Path(folder), events, advance)
    if as_json:
        rate = {
            "ratio_to_single_posts": round(report.rate.to_single, 3),
            "ratio_to_batch_posts": round(report.rate.to_batches, 3),
        }
        typer.echo(json.dumps(asdict(report) | rate))
    else:
        show(report)


def measure(folder: Path, events: int, advance: Advance) -> Report:
    """Fill a queue with ``events`` events and drain it, and let the peers move some of them.
    ``advance`` is called after each twentieth."""
    pem = folder / "tls"
    _run("central", "certificate", "create", "--host", "127.0.0.1", "--out", str(pem))
    tls = _Tls(pem / "server.pem", pem / "server.key", pem / "ca.pem")
    with Database.open(folder / "kiosk.db", _KEY) as db:
        _fill(db, events)
        single, batches = _posts(folder, tls, db)
        with _central(folder, tls, db) as (client, pid):
            rate, ours, theirs = _drained(db, client, events, pid, advance)
    return Report(events, Rate(rate, single, batches), ours, theirs)


def _fill(db: Database, events: int) -> None:
    """What visits leave: a ticket, its paper, the end of the visit."""
    now = datetime.now(UTC)
    with db.transaction():
        for visit in range(-(-events // 3)):
            day, sequence = visit // _A_DAY, visit % _A_DAY + 1
            at, ticket = now - timedelta(days=day), uuid4()
            issued = TicketIssued(
                ticket=ticket,
                number=f"A{sequence:03}",
                reference=b32encode(secrets.token_bytes(10)).decode(),
                sequence=sequence,
                field="civil",
                day=at.date(),
                way="hand",
            )
            printed = TicketPrinted(ticket=ticket, outcome="printed")
            ended = VisitEnded(visit=uuid4(), outcome="ticket", recognised=False)
            for body in (issued, printed, ended)[: events - 3 * visit]:
                outbox.append(db, body, at)


@contextmanager
def _central(folder: Path, tls: _Tls, db: Database) -> Iterator[tuple[Client, int]]:
    """A server of its own, a client that is enrolled there, and the server's process id."""
    database = ["--database", f"sqlite:///{folder / 'central.db'}"]
    token = _run("central", "device", "enrol", "bench", *database).strip()
    port = _free_port()
    pair = ["--tls-certificate", str(tls.certificate), "--tls-key", str(tls.key)]
    with _running("central", "serve", "--port", str(port), *database, *pair) as pid:
        url, clock = f"https://127.0.0.1:{port}", office_clock(db)
        settings = SyncSettings(url=url, device_file=folder / "device.json", ca_file=tls.authority)
        _until(lambda: enrol_device(settings, token, clock))
        with closing(Client(settings, clock)) as client:
            yield client, pid


def _drained(
    db: Database, client: Client, events: int, central: int, advance: Advance
) -> tuple[float, list[float], list[float]]:
    """Events a second; this process' and central's resident megabytes on the way."""
    clock = office_clock(db)
    citizens = Citizens(db, PrivacySettings(), clock)
    exchanger = Exchanger(db, citizens, client, lambda: clock().moment)
    ours: list[float] = []
    theirs: list[float] = []
    began, settled = time.perf_counter(), 0
    while settled < events:
        settled += exchanger.once().settled
        while len(ours) < settled * _SAMPLES // events:
            ours.append(Memory.of(os.getpid()).rss_mb)
            theirs.append(Memory.of(central).rss_mb)
            advance()
    return events / (time.perf_counter() - began), ours, theirs


def _posts(folder: Path, tls: _Tls, db: Database) -> tuple[float, float]:
    """Events a second by plain posts of the queue's first events: one each, and 200 each."""
    (folder / "empty.py").write_text(_EMPTY)
    port = _free_port()
    pair = ["--ssl-certfile", str(tls.certificate), "--ssl-keyfile", str(tls.key)]
    serve = ["--port", str(port), "--app-dir", str(folder), "--log-level", "warning"]
    first = outbox.pending(db, BATCH)
    single = [event.model_dump_json() for event in first]
    batch = Batch(events=tuple(first)).model_dump_json()
    with _running("uvicorn", "empty:app", *serve, *pair), requests.Session() as session:
        session.trust_env = False  # REQUESTS_CA_BUNDLE would win
        session.verify = str(tls.authority)

        def post(body: str) -> None:
            session.post(f"https://127.0.0.1:{port}/", data=body, timeout=5).raise_for_status()

        _until(lambda: post(batch))
        one_each = (single[number % len(single)] for number in range(_SINGLE_POSTS))
        return (
            _a_second(post, list(one_each)),
            _a_second(post, [batch] * _BATCH_POSTS) * len(first),
        )


def _a_second(post: Callable[[str], None], bodies: Sequence[str]) -> float:
    began = time.perf_counter()
    for body in bodies:
        post(body)
    return len(bodies) / (time.perf_counter() - began)


def _until(done: Callable[[], object]) -> None:
    """Try until a server is there."""
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            done()
        except (SyncError, requests.RequestException):
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def _run(module: str, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", module, *words], capture_output=True, text=True, check=True
    )
    return done.stdout


@contextmanager
def _running(module: str, *words: str) -> Iterator[int]:
    quiet = subprocess.DEVNULL
    process = subprocess.Popen([sys.executable, "-m", module, *words], stdout=quiet, stderr=quiet)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def show(report: Report) -> None:
    """Print what was measured."""
    rate = report.rate
    table = Table(
        title=f"Đồng bộ qua TLS · Sync over TLS, {report.events} sự kiện · events",
        title_justify="left",
        title_style="bold",
    )
    table.add_column("")
    table.add_column("sự kiện/s · events/s", justify="right")
    table.add_column("tỉ lệ · ratio", justify="right")
    table.add_row("kiosk → central", f"{rate.kiosk:.0f}", "")
    rows = {
        "requests, từng sự kiện · one each, FastAPI rỗng · empty route": (
            rate.single_posts,
            rate.to_single,
        ),
        "requests, mỗi lần 200 · 200 each, FastAPI rỗng · empty route": (
            rate.batch_posts,
            rate.to_batches,
        ),
    }
    for name, (events, ratio) in rows.items():
        table.add_row(name, f"{events:.0f}", f"{ratio:.3f}")
    console = Console(highlight=False)
    console.print(table)
    for name, megabytes in {
        "Bộ nhớ bên gửi · sender's memory": report.sender_rss_mb,
        "Bộ nhớ central · central's memory": report.central_rss_mb,
    }.items():
        first, last, most = megabytes[0], megabytes[-1], max(megabytes)
        console.print(f"{name}: {first:.0f} → {last:.0f} MB (≤ {most:.0f})")
