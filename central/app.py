"""Composition root of the server: what it is built from, and how it ends."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from central.api import health, kiosk, office, releases
from central.api.access import Server, denied
from central.chores import chores
from central.db.engine import Database
from central.gate import Gate
from central.live import Live
from central.observation import observe
from central.services.admission import Denial
from central.services.citizens import bury_again
from central.settings import Settings
from central.web import faults
from central.web.routes import add_pages

_AT_OTHER_WORK = 6
"""Threads of a worker that need no connection: passwords, speech, tables to export."""
_log = logging.getLogger(__name__)


class _Central(FastAPI):
    """FastAPI, publishing the wire's models beside its own."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document."""
        document = super().openapi()
        document["components"]["schemas"] |= kiosk.batch_schemas()
        return document


def _utc_now() -> datetime:
    return datetime.now(UTC)


def create_app(settings: Settings, now: Callable[[], datetime] = _utc_now) -> FastAPI:
    """The server as an ASGI application; the database is opened and brought up to date first.

    Raises :class:`KeyFileError`, :class:`sqlalchemy.exc.SQLAlchemyError` or :class:`OSError` when
    it cannot be.
    """
    database = Database.open(settings.database, settings.key_file, settings.connections)
    with database.writing() as session:
        risen = bury_again(session, database.tombstones.read())
    if risen:
        _log.warning("An older copy of the database: %d citizens were forgotten since", risen)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        # More threads than connections would only take turns at waiting for one.
        current_default_thread_limiter().total_tokens = settings.connections + _AT_OTHER_WORK
        async with chores(database, now):
            yield
        database.close()

    # No /docs page: it would load its scripts from the internet.
    app = _Central(title="Central", version="1", lifespan=lifespan, docs_url=None, redoc_url=None)
    zone = ZoneInfo(settings.timezone)
    live = Live(database, zone, now)
    app.state.server = Server(database, zone, now, Gate(database), live, settings.releases)
    app.include_router(health.router, prefix="/v1")
    app.include_router(kiosk.router, prefix="/v1")
    app.include_router(releases.router, prefix="/v1")
    app.include_router(office.router, prefix="/v1")
    app.include_router(health.probes)
    add_pages(app)
    observe(app, settings.metrics_from)
    app.add_exception_handler(Denial, denied)
    app.add_exception_handler(OperationalError, _database_fault)
    app.add_exception_handler(NoConnection, _database_fault)
    return app


async def _database_fault(request: Request, error: Exception) -> Response:
    """A full disk or a locked database passes: the kiosk keeps its events and tries again."""
    _log.error("The database cannot serve a request: %s", _first(error))
    if faults.is_for_people(request):
        return faults.page_of_fault(request, 503)
    return JSONResponse({"detail": "the database cannot serve this now"}, 503)


def _first(error: BaseException) -> BaseException:
    """The fault the others follow from: after a full disk SQLite has undone the transaction, and
    undoing its savepoint fails too."""
    while error.__context__ is not None:
        error = error.__context__
    return error
