"""What the server does by itself from time to time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from central.db.engine import Database
from central.services.admission import sweep
from central.services.retention import EVERY, enforce

_log = logging.getLogger(__name__)


@asynccontextmanager
async def chores(database: Database, now: Callable[[], datetime]) -> AsyncIterator[None]:
    """Do them while the server runs. Several workers may: each finds what the others left."""
    task = asyncio.create_task(_each_hour(database, now))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _each_hour(database: Database, now: Callable[[], datetime]) -> None:
    while True:
        await asyncio.to_thread(remove_old, database, now())
        await asyncio.sleep(EVERY.total_seconds())


def remove_old(database: Database, now: datetime) -> None:
    """Remove what is kept no longer. A database that cannot serve this now is asked again in an
    hour."""
    try:
        removed = enforce(database, now)
        with database.noting() as session:
            sweep(session, now)
    except SQLAlchemyError as error:
        _log.error("What is too old could not be removed: %s", type(error).__name__)
        return
    if removed:
        _log.info("Removed what was too old: %s", removed)
