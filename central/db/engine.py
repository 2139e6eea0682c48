"""Opening central's database, and its transactions."""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, select
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from central.db.keys import KeyFileError, Keys, key_file_of
from central.db.models import Citizen
from central.db.signals import Signals
from central.db.tombstones import TombstoneFile

_MIGRATIONS = Path(__file__).parent / "migrations"
_BUSY_S = 15.0
"""How long a writer waits for another's commit, and a request for a connection."""
_RESTS = "rests since"
_RESTED_S = 1.0
"""A connection nobody used for so long is tried before it is used again."""
_STEADY = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
"""A reader sees one moment, as it does on SQLite by itself."""
_MIGRATES = 0x63656E74
"""Key of the advisory lock under which one of several processes migrates; ours by its letters."""
_POSTGRESQL_OPTIONS = {
    "timezone": "UTC",
    "lock_timeout": f"{_BUSY_S:.0f}s",
    # Whoever dies in the middle of a transaction holds its locks no longer than this.
    "idle_in_transaction_session_timeout": "60s",
}


CONNECTIONS = 10
HASTY_CONNECTIONS = 2
"""Beside them, for single statements whose commit waits for no disk: under a millisecond each."""


class Database:
    """An engine, its transactions, and the keys to what is sealed in it."""

    def __init__(self, engine: Engine, keys: Keys, hasty: Engine | None = None) -> None:
        self._engine, self._hasty = engine, hasty
        self._open = threading.local()
        steady = {} if engine.dialect.name == "sqlite" else _STEADY
        self._reader = sessionmaker(engine.execution_options(**steady))
        self._writer = sessionmaker(engine.execution_options(writes=True))
        alone = {} if engine.dialect.name == "sqlite" else {"isolation_level": "AUTOCOMMIT"}
        self._looker = sessionmaker(engine.execution_options(**alone))
        passing = engine.execution_options(writes=True, lasting=False)
        self._noter = sessionmaker(passing)
        self._marker = sessionmaker(hasty.execution_options(**alone) if hasty else passing)
        self.signals = Signals(engine)
        for transactions in (self._writer, self._noter):
            self.signals.follow(transactions)
        self.keys = keys
        self.tombstones = TombstoneFile(keys.path.with_suffix(".tombstones"))
        self.tombstones.follow(self._writer)

    @classmethod
    def open(
        cls, url: str, key_file: Path | None = None, connections: int = CONNECTIONS
    ) -> Database:
        """Open (SQLite: or create) the database and bring its schema up to date.

        ``connections``: at most so many at once to a PostgreSQL, by this process, beside
        :data:`HASTY_CONNECTIONS` and the one that listens.
        The keys are beside a database that is a file unless ``key_file`` says where; they are
        made when neither they nor anything sealed is there. Raises :class:`KeyFileError`,
        :class:`sqlalchemy.exc.SQLAlchemyError` or :class:`OSError`.
        """
        path = key_file or key_file_of(url)
        if path is None:
            raise KeyFileError(None, "missing")
        if make_url(url).get_backend_name() == "sqlite":
            engine, hasty = _sqlite(url), None
        else:
            engine = _postgresql(url, connections)
            hasty = _postgresql(url, HASTY_CONNECTIONS, synchronous_commit="off")
        try:
            keys = _keys(engine, path)
            _migrate(engine, keys)
            return cls(engine, keys, hasty)
        except BaseException:
            engine.dispose()
            raise

    @contextmanager
    def reading(self) -> Generator[Session]:
        """One consistent view; nothing is written."""
        with self._alone(self._reader) as session:
            yield session

    @contextmanager
    def looking(self) -> Generator[Session]:
        """For a single statement that writes nothing: a third of the round trips of
        :meth:`reading`."""
        with self._alone(self._looker) as session:
            yield session

    @contextmanager
    def writing(self) -> Generator[Session]:
        """All of it is committed, or none."""
        with self._alone(self._writer) as session:
            yield session

    @contextmanager
    def marking(self) -> Generator[Session]:
        """For a single statement that writes what :meth:`noting` may write: a fifth of its round
        trips."""
        with self._alone(self._marker) as session:
            yield session

    @contextmanager
    def noting(self) -> Generator[Session]:
        """As :meth:`writing`, but what is committed may be lost when the power fails: for what
        is worthless a minute later, and must not cost a wait for the disk."""
        with self._alone(self._noter) as session:
            yield session

    @contextmanager
    def _alone(self, transactions: sessionmaker[Session]) -> Generator[Session]:
        """One at a time in a thread: ten requests that each hold a connection and want a second
        one would wait for each other, and for nothing else, until they give up."""
        if getattr(self._open, "is_open", False):
            raise RuntimeError("this thread has a transaction already: pass its session on")
        self._open.is_open = True
        try:
            with transactions.begin() as session:
                yield session
        finally:
            self._open.is_open = False

    def revision(self) -> str:
        """Name of the newest migration it has been through."""
        with self._engine.connect() as connection:
            return str(MigrationContext.configure(connection).get_current_revision())

    def close(self) -> None:
        """Close every connection."""
        self.signals.stop()
        self._engine.dispose()
        if self._hasty is not None:
            self._hasty.dispose()


def _sqlite(url: str) -> Engine:
    file = make_url(url).database
    if file and file != ":memory:":
        _ensure_file(Path(file))
    # Errors and their log lines never quote parameters: they are people's data.
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": _BUSY_S})
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


def _postgresql(url: str, connections: int, **more: str) -> Engine:
    address = make_url(url)
    if address.drivername in ("postgres", "postgresql"):
        address = address.set(drivername="postgresql+psycopg")
    options = " ".join(f"-c {name}={value}" for name, value in (_POSTGRESQL_OPTIONS | more).items())
    engine = create_engine(
        address,
        hide_parameters=True,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=_BUSY_S,
        pool_use_lifo=True,
        connect_args={"application_name": "central", "connect_timeout": 10, "options": options},
    )
    event.listen(engine, "begin", _begin_postgresql)
    _try_rested(engine)
    return engine


def _try_rested(engine: Engine) -> None:
    """PostgreSQL was restarted meanwhile: the next request does not pay for it. As the pool's
    ``pre_ping``, which asks every time: a tenth of what a kiosk's sync costs."""
    dialect = engine.dialect

    def rest(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info[_RESTS] = time.monotonic()

    def wake(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
        if time.monotonic() - record.info.get(_RESTS, math.inf) < _RESTED_S:
            return
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error  # the pool opens another

    event.listen(engine, "checkin", rest)
    event.listen(engine, "checkout", wake)


def _ensure_file(path: Path) -> None:
    # The log files beside it inherit this mode from SQLite.
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    path.chmod(0o600)


def _configure(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where we say, in _begin
    # Deleted rows are overwritten: what was forgotten must not stay readable in the file.
    for pragma in ("journal_mode = WAL", "foreign_keys = ON", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    lasting = options.get("lasting", True)
    connection.exec_driver_sql(f"PRAGMA synchronous = {'FULL' if lasting else 'NORMAL'}")
    # SQLite changes a table by replacing it, which its foreign keys would not allow.
    connection.exec_driver_sql(f"PRAGMA foreign_keys = {0 if options.get('migrates') else 1}")
    # A writer takes the lock at once: SQLite cannot turn a stale reader into a writer.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("migrates"):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATES})")
    if not options.get("lasting", True):
        connection.exec_driver_sql("SET LOCAL synchronous_commit = off")


def _keys(engine: Engine, path: Path) -> Keys:
    """The keys in ``path``; new ones only for a database that holds nothing of older ones."""
    needed = _needed(engine)
    keys = Keys(path) if needed or path.exists() else Keys.create(path)
    if not all(keys.has(each) for each in needed):
        raise KeyFileError(path, "other")
    return keys


def _needed(engine: Engine) -> list[str]:
    """Ids of the keys without which something in the database cannot be read."""
    with engine.begin() as connection:
        if not inspect(connection).has_table("template"):
            return []
        return [
            *connection.scalars(select(Citizen.column_key).distinct()),
            *connection.scalars(select(Citizen.number_secret).distinct()),
        ]


def _migrate(engine: Engine, keys: Keys) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with engine.execution_options(writes=True, migrates=True).begin() as connection:
        before = MigrationContext.configure(connection).get_current_revision()
        config.attributes |= {"connection": connection, "keys": keys}
        command.upgrade(config, "head")
        after = MigrationContext.configure(connection).get_current_revision()
    if engine.dialect.name == "sqlite" and before not in (None, after):
        _rewrite(engine)


def _rewrite(engine: Engine) -> None:
    """Leave no page of the old file behind: it may show what is sealed now."""
    with closing(engine.raw_connection()) as connection:
        for statement in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
            connection.cursor().execute(statement)
