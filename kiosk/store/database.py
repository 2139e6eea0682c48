"""The encrypted database file: opening it, transactions, and nothing about its contents."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from kiosk.errors import StoreError
from kiosk.store import durable
from kiosk.store.disk import disk_fault
from kiosk.store.migrations import apply_migrations, outdated_version
from kiosk.store.office_secrets import OfficeSecrets
from kiosk.store.sealing import Sealing
from kiosk.store.sqlcipher import Connection, Row, connect, faults_translated

_BUSY_S = 5.0
"""How long one process waits for the other's commit; a commit takes milliseconds."""

Value = str | int | float | bytes | None
Parameters = Sequence[Value] | Mapping[str, Value]


def stamp(moment: datetime) -> str:
    """``moment`` (aware) as the database writes times: UTC, milliseconds, sorts as text."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


class Database:
    """One connection, used by the thread that opened it. Each process opens its own."""

    def __init__(
        self, connection: Connection, path: Path, sealing: Sealing, secrets: OfficeSecrets
    ) -> None:
        self._connection = connection
        self.path = path
        self.sealing = sealing
        """Seals and opens columns."""
        self.secrets = secrets
        """What the kiosks of the office share."""
        self._inode = _inode(path)

    @classmethod
    def open(cls, path: Path, key: str, secrets: OfficeSecrets | None = None) -> Database:
        """Open or create the database at ``path`` with ``key`` (64 hex digits). ``secrets`` are
        the office's; by default those in the file ``office.secrets`` beside it.

        The whole file is checked and the schema brought up to date; a copy of what it was before
        is kept beside it as ``NAME.before-vN``. Raises
        :class:`KeyMismatch` without touching the file when the key does not open it, and
        :class:`StoreError` when the file is damaged, newer than this release, or the disk full.
        """
        sealing = Sealing.of(key)
        secrets = secrets or OfficeSecrets(path.with_name("office.secrets"))
        with faults_translated(path):
            _ensure_file(path)
            prove_key(path, key)
            connection = connect_to(path, key, "rw")
            try:
                _configure(connection)
                _check(connection, path)
                _keep_what_was_before(connection, path, key)
                apply_migrations(connection, path, sealing, secrets)
            except BaseException:
                connection.close()
                raise
        return cls(connection, path, sealing, secrets)

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Everything inside is committed to disk together, or not at all.

        Holds the write lock from the start, so what is read inside stays true until the commit.
        A transaction inside another is committed with it; what fails inside can be undone alone.
        """
        if self._connection.in_transaction:
            with self._part():
                yield
            return
        with faults_translated(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.rollback()
                raise

    @contextmanager
    def _part(self) -> Generator[None]:
        with faults_translated(self.path):
            self._connection.execute("SAVEPOINT part")
            try:
                yield
                self._connection.execute("RELEASE part")
            except BaseException:
                if self._connection.in_transaction:  # a full disk has undone the whole of it
                    self._connection.execute("ROLLBACK TO part")
                    self._connection.execute("RELEASE part")
                raise

    def execute(self, statement: str, parameters: Parameters = ()) -> int:
        """Run a statement; how many rows it changed."""
        with faults_translated(self.path):
            return self._connection.execute(statement, parameters).rowcount

    def insert(self, statement: str, parameters: Parameters = ()) -> int:
        """Run an INSERT; the new row's integer key."""
        with faults_translated(self.path):
            return self._connection.execute(statement, parameters).lastrowid or 0

    def rows(self, statement: str, parameters: Parameters = ()) -> list[Row]:
        """Every row of a query, by column name."""
        with faults_translated(self.path):
            return self._connection.execute(statement, parameters).fetchall()

    def row(self, statement: str, parameters: Parameters = ()) -> Row | None:
        """The first row of a query, if there is one."""
        return next(iter(self.rows(statement, parameters)), None)

    def used_bytes(self) -> int:
        """What the database's content takes; pages that are free again do not count."""
        pages = "SELECT (page_count - freelist_count) * page_size used FROM"
        row = self.row(f"{pages} pragma_page_count, pragma_freelist_count, pragma_page_size")
        return row["used"] if row else 0

    def copy_into(
        self, target: Connection, pages: int, progress: Callable[[int, int, int], None]
    ) -> None:
        """Copy every page as it is committed now into ``target``, ``pages`` at a time."""
        with faults_translated(self.path):
            self._connection.backup(target, pages=pages, progress=progress)

    def faults(self) -> list[str]:
        """What a whole check finds: damaged pages, indices that do not fit, rows that refer to
        nothing. Reads everything; empty: all is well."""
        with faults_translated(self.path):
            found = self._connection.execute("PRAGMA cipher_integrity_check").fetchall()
            found += self._connection.execute("PRAGMA integrity_check(20)").fetchall()
            broken = self._connection.execute("PRAGMA foreign_key_check").fetchall()
        return [row[0] for row in found if row[0] != "ok"] + [
            f"foreign key: {row['table']}" for row in broken
        ]

    def is_replaced(self) -> bool:
        """Whether another file has taken this one's place: a copy was put back, the key changed,
        a damaged file set aside. To be opened anew then."""
        return _inode(self.path) != self._inode

    def close(self) -> None:
        """Close the connection; the last one folds the log into the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _keep_what_was_before(connection: Connection, path: Path, key: str) -> None:
    """Copy a database that is about to be migrated: a release that has to be taken back finds
    what it knew."""
    version = outdated_version(connection)
    copy = path.with_name(f"{path.name}.before-v{version}")
    if version is None or copy.exists():
        return
    aside = copy.with_name(f".{copy.name}.{os.getpid()}")
    try:
        os.close(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        with closing(connect_to(aside, key, "rw")) as target:
            connection.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")  # one file
        aside.rename(copy)
        durable.sync_folder(copy.parent)
    except OSError as error:
        raise disk_fault(copy, error.strerror) from error
    finally:
        aside.unlink(missing_ok=True)


def _inode(path: Path) -> int:
    try:
        return path.stat().st_ino
    except OSError:
        return 0


def _ensure_file(path: Path) -> None:
    # The log files beside it inherit this mode from SQLite.
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        path.chmod(0o600)
    except OSError as error:
        raise disk_fault(path, error.strerror) from error


def prove_key(path: Path, key: str) -> None:
    """Read one page through a read-only connection. Raises :class:`KeyMismatch` or
    :class:`StoreError`.

    A writable connection would, on closing, fold the log into the file even with a wrong key.
    """
    with faults_translated(path), closing(connect_to(path, key, "ro")) as connection:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()


def connect_to(path: Path, key: str, mode: str) -> Connection:
    """A connection to the encrypted file ``path``; ``mode``: ``ro``, ``rw``. For what is done to
    a file as a whole: everything else goes through :class:`Database`."""
    connection = connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=_BUSY_S,
        isolation_level=None,
    )
    connection.row_factory = Row
    connection.execute("PRAGMA cipher_log_level = NONE")  # faults are raised, not printed
    connection.execute(f"PRAGMA key = \"x'{key}'\"")
    return connection


def _configure(connection: Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _check(connection: Connection, path: Path) -> None:
    """Every page is read, decrypted and authenticated, and every row looked at."""
    if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise StoreError("store_damaged", file=path, reason="quick_check")
