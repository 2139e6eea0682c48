"""A real PostgreSQL for the tests of this process: started once, its one migrated database put
back to its beginning before each test. That takes some milliseconds, a copy of a template ten
times that.
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from central.db.cluster import Cluster
from central.db.engine import Database

_DATABASE = "central"
_BEGINNING = "beginning"
"""Schema in which copies of the rows are that migrations make."""


class Migrated:
    """A database as a migration leaves it, again and again."""

    def __init__(self, cluster: Cluster, key_file: Path) -> None:
        cluster.create(_DATABASE)
        self.url = cluster.url(_DATABASE)
        Database.open(self.url, key_file).close()
        self._engine = sa.create_engine(self.url)
        with self._engine.begin() as connection:
            connection.execute(sa.text(f"CREATE SCHEMA {_BEGINNING}"))
            tables = connection.scalars(sa.text(_TABLES)).all()
            filled = [each for each in tables if _has_rows(connection, each)]
            for table in filled:
                made = f'CREATE TABLE {_BEGINNING}."{table}" AS TABLE "{table}"'
                connection.execute(sa.text(made))
            sequences = connection.execute(sa.text(_SEQUENCES)).all()
        self._again = "; ".join(
            [
                "SET LOCAL session_replication_role = replica",  # no foreign keys, no triggers
                *(f'DELETE FROM "{each}"' for each in tables),  # noqa: S608
                *(f'INSERT INTO "{each}" TABLE {_BEGINNING}."{each}"' for each in filled),
                *(
                    f"SELECT setval('\"{name}\"', {value}, {used})"
                    for name, value, used in sequences
                ),
            ]
        )

    def begin_again(self) -> str:
        """Its URL, when it is as it was and nobody else uses it."""
        with self._engine.begin() as connection:
            connection.exec_driver_sql(_LONELY)
            connection.exec_driver_sql(self._again)
        return self.url

    def close(self) -> None:
        self._engine.dispose()


def _has_rows(connection: sa.Connection, table: str) -> bool:
    return connection.scalar(sa.text(f'SELECT EXISTS (SELECT FROM "{table}")')) is True  # noqa: S608


_TABLES = """
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
"""
_SEQUENCES = """
    SELECT sequencename, coalesce(last_value, start_value), last_value IS NOT NULL
    FROM pg_sequences WHERE schemaname = 'public'
"""
_LONELY = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
