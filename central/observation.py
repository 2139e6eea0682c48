"""What is told of every request: a line in the log, and the figures Prometheus asks for.

A request is known by the pattern of its route, never by its path. Several workers keep their
figures in one folder (``PROMETHEUS_MULTIPROC_DIR``), so that any of them answers for all.
"""

from __future__ import annotations

import ipaddress
import logging
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import cast

from fastapi import FastAPI, HTTPException, Request, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import REGISTRY, Collector
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from central.api.access import Server
from central.db.models import Device, Printer, Role, StoredEvent, Ticket
from central.services.offices import all_offices
from central.services.queue import waiting

_log = logging.getLogger(__name__)
_QUIET = ("/static", "/fonts", "/health", "/metrics")
_ROUTINE = ("/v1/events", "/v1/changes")
"""A city's kiosks would fill the journal with fifty lines a second that all is well; the figures
count them."""
_UNKNOWN = "(none)"

REQUESTS = Counter(
    "central_requests_total", "Requests answered, by route.", ("method", "route", "status")
)
SECONDS = Histogram(
    "central_request_seconds",
    "Until the answer began, by route; of a stream, too.",
    ("route",),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
UNDER_WAY = Gauge(
    "central_requests_under_way",
    "Requests and streams being served now.",
    multiprocess_mode="livesum",
)


class Observation:
    """ASGI middleware: the outermost, so that faults are seen as well."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request and tell of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.perf_counter()
        status, until_answer = 500, 0.0

        async def send_on(message: Message) -> None:
            nonlocal status, until_answer
            if message["type"] == "http.response.start":
                status, until_answer = message["status"], time.perf_counter() - begun
            await send(message)

        UNDER_WAY.inc()
        try:
            await self._app(scope, receive, send_on)
        finally:
            UNDER_WAY.dec()
            self._tell(scope, status, until_answer, time.perf_counter() - begun)

    def _tell(self, scope: Scope, status: int, until_answer: float, whole: float) -> None:
        route, method = _route(scope), scope["method"] if scope["method"] in _METHODS else "OTHER"
        REQUESTS.labels(method, route, status).inc()
        SECONDS.labels(route).observe(until_answer)
        is_routine = route in _ROUTINE and status < 400
        if not is_routine and not route.startswith(_QUIET):
            what = {"method": method, "route": route, "status": status, "ms": round(whole * 1e3, 1)}
            _log.info("%s %s %d", method, route, status, extra=what)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _route(scope: Scope) -> str:
    """The pattern; all paths that lead nowhere are one, or a scanner would fill the memory."""
    pattern = cast("str | None", getattr(scope.get("route"), "path", None))
    if pattern is None:
        # A mounted folder of files: its own path is all that is said.
        return scope.get("root_path") or _UNKNOWN
    # A route knows its path below its router's prefix only; the prefix is what else was asked for.
    asked, own = str(scope["path"]).split("/"), pattern.split("/")[1:]
    names = {str(value): f"{{{name}}}" for name, value in scope.get("path_params", {}).items()}
    before = asked[: len(asked) - len(own)]
    return "/".join([names.get(part, part) for part in before] + own)


class _Database(Collector):
    """What the tables say when Prometheus asks."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def collect(self) -> Iterator[GaugeMetricFamily]:
        up = GaugeMetricFamily("central_database_up", "Whether the database could be read.")
        figures: list[GaugeMetricFamily] = []
        try:
            figures = self._read()
        except SQLAlchemyError:
            _log.error("The database cannot be read for the metrics")
        up.add_metric((), 1 if figures else 0)
        yield up
        yield from figures

    def _read(self) -> list[GaugeMetricFamily]:
        offices = GaugeMetricFamily(
            "central_office_open",
            "Whether people of the office are let in.",
            labels=("office", "name"),
        )
        waits = GaugeMetricFamily(
            "central_tickets_waiting",
            "Holding a ticket of today, not called.",
            labels=("office", "field"),
        )
        printers = GaugeMetricFamily(
            "central_printers", "Kiosks whose printer said so last.", labels=["state"]
        )
        kiosks = GaugeMetricFamily("central_kiosks", "Kiosks that may speak to this server.")
        events = GaugeMetricFamily("central_events_stored", "Newest event's place in arrival.")
        tickets = GaugeMetricFamily("central_tickets_stored", "Newest ticket's place in arrival.")
        with self._server.database.reading() as session:
            for office in all_offices(session):
                is_open = 0 if office.closed_at else 1
                offices.add_metric((str(office.id), office.name), is_open)
            for (number, of), count in waiting(session, self._server.today()).items():
                waits.add_metric((str(number), of), count)
            states = select(Printer.state, func.count()).group_by(Printer.state)
            for state, count in session.execute(states):
                printers.add_metric((state,), count)
            active = select(func.count()).where(
                Device.role == Role.KIOSK, Device.revoked_at.is_(None)
            )
            kiosks.add_metric((), session.scalar(active) or 0)
            # The largest position, not a count: counting reads a whole table.
            events.add_metric((), session.scalar(select(func.max(StoredEvent.position))) or 0)
            tickets.add_metric((), session.scalar(select(func.max(Ticket.position))) or 0)
        return [offices, waits, printers, kiosks, events, tickets]


def observe(app: FastAPI, allowed: Iterable[str]) -> None:
    """Have every request of ``app`` observed, and the figures given at ``/metrics`` to the
    networks ``allowed`` (a network is an address with or without a length: ``10.0.0.0/8``)."""
    networks = [ipaddress.ip_network(each) for each in allowed]
    server: Server = app.state.server

    def get_metrics(request: Request) -> Response:
        if not _is_in(request.client.host if request.client else "", networks):
            raise HTTPException(403)
        registry = CollectorRegistry()
        registry.register(_Database(server))
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            MultiProcessCollector(registry)
            shown = generate_latest(registry)
        else:
            shown = generate_latest(REGISTRY) + generate_latest(registry)
        return Response(shown, media_type=CONTENT_TYPE_LATEST)

    app.add_api_route("/metrics", get_metrics, include_in_schema=False)
    app.add_middleware(Observation)


def forget_dead_workers() -> None:
    """Leave out of sums what workers that ended were doing."""
    folder = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
    for file in folder.glob("gauge_live*_*.db"):
        process = int(file.stem.rpartition("_")[2])
        if not Path("/proc", str(process)).exists():
            mark_process_dead(process)


def _is_in(address: str, networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    try:
        host = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(host in network for network in networks)
