"""The schema's history: ``NNNN_what.sql``, applied forward, each in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from sqlite3 import complete_statement

from kiosk.errors import StoreError
from kiosk.store.migrations import keyed
from kiosk.store.office_secrets import OfficeSecrets
from kiosk.store.sealing import Sealing
from kiosk.store.sqlcipher import Connection

_FOLDER = Path(__file__).parent
_KEYED = 4
"""The step that calls the functions of :mod:`~kiosk.store.migrations.keyed`."""


def outdated_version(connection: Connection) -> int | None:
    """The version of a database that holds something and will be brought forward; else None."""
    version = _version(connection)
    return version if 0 < version < _newest() else None


def apply_migrations(
    connection: Connection, path: Path, sealing: Sealing, secrets: OfficeSecrets
) -> None:
    """Bring the database to the newest version; what must not stay in clear is sealed with
    ``sealing`` and turned by ``secrets``.

    Raises :class:`StoreError` when a newer release has already moved it further.
    """
    if _version(connection) > _newest():
        raise StoreError("store_newer", file=path)
    # Else a table that others refer to could not be replaced: they would be emptied with it.
    connection.execute("PRAGMA foreign_keys = OFF")
    for step in _steps():
        _apply(connection, step, path, sealing, secrets)
    connection.execute("PRAGMA foreign_keys = ON")


def _apply(
    connection: Connection, step: Path, path: Path, sealing: Sealing, secrets: OfficeSecrets
) -> None:
    # Another process may have been here first: the version only counts under the write lock.
    version = int(step.name[:4])
    if _version(connection) >= version:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        if _version(connection) < version:
            if version == _KEYED:
                keyed.offer(connection, sealing, secrets)
            for statement in _statements(step.read_text(encoding="utf-8")):
                connection.execute(statement)
            if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
                raise StoreError("store_damaged", file=path, reason="foreign_key_check")
            connection.execute(f"PRAGMA user_version = {version}")
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


def _steps() -> list[Path]:
    return sorted(_FOLDER.glob("[0-9]*.sql"))


def _newest() -> int:
    return int(_steps()[-1].name[:4])


def _version(connection: Connection) -> int:
    return connection.execute("PRAGMA user_version").fetchone()[0]


def _statements(script: str) -> Iterator[str]:
    """Split at statement ends. ``executescript`` would commit before it runs."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if complete_statement(statement):
            yield statement
            statement = ""
