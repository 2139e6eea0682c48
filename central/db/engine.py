"""Opening central's database, and its transactions."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.orm import Session

_MIGRATIONS = Path(__file__).parent / "migrations"
_BUSY_S = 15.0
"""How long a writer waits for another's commit."""


class Database:
    """An engine and its two kinds of transactions."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writer = engine.execution_options(writes=True)

    @classmethod
    def open(cls, url: str) -> Database:
        """Open (SQLite: or create) the database and bring its schema up to date.

        Raises :class:`sqlalchemy.exc.SQLAlchemyError` or :class:`OSError`.
        """
        if make_url(url).get_backend_name() == "sqlite":
            engine = _sqlite(url)
        else:
            engine = create_engine(url, hide_parameters=True)
        try:
            _migrate(engine)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine)

    @contextmanager
    def reading(self) -> Generator[Session]:
        """One consistent view; nothing is written."""
        with Session(self._engine) as session, session.begin():
            yield session

    @contextmanager
    def writing(self) -> Generator[Session]:
        """All of it is committed, or none."""
        with Session(self._writer) as session, session.begin():
            yield session

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def _sqlite(url: str) -> Engine:
    file = make_url(url).database
    if file and file != ":memory:":
        _ensure_file(Path(file))
    # Errors and their log lines never quote parameters: they are people's data.
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": _BUSY_S})
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


def _ensure_file(path: Path) -> None:
    # The log files beside it inherit this mode from SQLite.
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    path.chmod(0o600)


def _configure(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where we say, in _begin
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # A writer takes the lock at once: SQLite cannot turn a stale reader into a writer.
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _migrate(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with engine.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
