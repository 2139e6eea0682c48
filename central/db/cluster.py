"""A PostgreSQL of one's own, for trying and measuring: a throwaway folder, a socket and no port,
so that any number run side by side. It is gone when it is closed or whoever made it dies.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self
from urllib.parse import quote

import psycopg
from psycopg import sql

from central.db.programs import ProgramMissing, postgresql_program

START_S = 60.0
"""A machine that is busy starts slowly."""
_ROLE = "central"
_UNSAFE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""Nothing of a throwaway cluster must outlive a power cut."""
_COMMON = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "dynamic_shared_memory_type": "posix",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class ClusterError(Exception):
    """PostgreSQL's programs are missing or it does not start; says what to do or what it said."""


class Cluster:
    """A running server. Root starts it as Debian's user ``postgres``, since PostgreSQL refuses to
    run as root."""

    def __init__(self, settings: Mapping[str, str], *, safe: bool) -> None:
        """``safe``: written through to the disk, as a real one. Raises :class:`ClusterError`."""
        self._folder = Path(tempfile.mkdtemp(prefix="central-postgresql-"))
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._make()
            self._run(_COMMON | ({} if safe else _UNSAFE) | dict(settings))
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def url(self, database: str) -> str:
        """SQLAlchemy URL of one of its databases."""
        return f"postgresql+psycopg://{_ROLE}@/{database}?host={quote(str(self._folder))}"

    def create(self, database: str, template: str = "template0") -> None:
        """A new database, a copy of ``template``, which nobody may be using."""
        names = (sql.Identifier(database), sql.Identifier(template))
        self._tell(sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY wal_log").format(*names))

    def drop(self, database: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self._tell(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))

    def close(self) -> None:
        """Stop it and remove everything."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)  # to a process that ended: to nobody
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _crashed(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def _tell(self, statement: sql.Composed) -> None:
        with psycopg.connect(self._where, autocommit=True) as connection:
            connection.execute(statement)

    def _make(self) -> None:
        if os.geteuid() == 0:
            shutil.chown(self._folder, "postgres", "postgres")
        options = ("--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        arguments = [f"--username={_ROLE}", "--no-instructions", *options]
        made = subprocess.run(
            [*_as_postgres(), _program("initdb"), "-D", self._data, *arguments],
            capture_output=True,
            check=False,
            cwd="/",
        )
        if made.returncode:
            raise ClusterError(made.stderr.decode(errors="replace"))

    def _run(self, settings: Mapping[str, str]) -> None:
        options = ["-k", str(self._folder)]
        options += [part for item in settings.items() for part in ("-c", "=".join(item))]
        log = self._folder / "log"
        with log.open("wb") as said:
            self._process = subprocess.Popen(
                [*_as_postgres(), _program("postgres"), "-D", self._data, *options],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                cwd="/",
            )
        give_up = time.monotonic() + START_S
        while not self._answers():
            if self._crashed() or time.monotonic() > give_up:
                raise ClusterError(log.read_text(errors="replace")[-2000:])
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self._where).close()
        except psycopg.OperationalError:
            return False
        return True

    @property
    def _where(self) -> str:
        return f"host={self._folder} user={_ROLE} dbname=postgres"

    @property
    def _data(self) -> str:
        return str(self._folder / "data")


def _program(name: str) -> str:
    try:
        return str(postgresql_program(name))
    except ProgramMissing as error:
        raise ClusterError(f"{name} is missing: apt-get install postgresql") from error


def _as_postgres() -> list[str]:
    """Ends with us (SIGINT: PostgreSQL's fast shutdown), and is not root."""
    setpriv = ["setpriv", "--pdeathsig=INT"]
    if os.geteuid() == 0:
        setpriv += ["--reuid=postgres", "--regid=postgres", "--init-groups"]
    return setpriv
