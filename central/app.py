"""Composition root of the server: what it is built from, and how it ends."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from sqlalchemy.exc import OperationalError

from central.api import health, kiosk, office
from central.api.access import Server
from central.db.engine import Database
from central.settings import Settings

_log = logging.getLogger(__name__)


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


def create_app(settings: Settings, now: Callable[[], datetime] = utc_now) -> FastAPI:
    """The server as an ASGI application; the database is opened and brought up to date first.

    Raises :class:`sqlalchemy.exc.SQLAlchemyError` or :class:`OSError` when it cannot be.
    """
    database = Database.open(settings.database)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        database.close()

    app = FastAPI(title="Central", version="1", lifespan=lifespan)
    app.state.server = Server(database, ZoneInfo(settings.timezone), now)
    app.include_router(health.router, prefix="/v1")
    app.include_router(kiosk.router, prefix="/v1")
    app.include_router(office.router, prefix="/v1")
    app.add_exception_handler(OperationalError, _database_fault)
    app.openapi_schema = _published(app)
    return app


async def _database_fault(_request: Request, error: Exception) -> JSONResponse:
    """A full disk or a locked database passes: the kiosk keeps its events and tries again."""
    _log.error("The database cannot serve a request: %s", error)
    return JSONResponse({"detail": "the database cannot serve this now"}, 503)


def _published(app: FastAPI) -> dict[str, Any]:
    schema = get_openapi(title=app.title, version=app.version, routes=app.routes)
    schema["components"]["schemas"] |= kiosk.batch_schemas()
    return schema
