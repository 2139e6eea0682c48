"""PostgreSQL's own programs, where Debian puts them."""

from __future__ import annotations

import shutil
from pathlib import Path

_DEBIAN = Path("/usr/lib/postgresql")


class ProgramMissing(Exception):
    """``apt-get install postgresql``, or for ``pg_dump`` alone ``postgresql-client``."""


def postgresql_program(name: str) -> Path:
    """The newest one: a ``pg_dump`` must not be older than its server.

    Raises :class:`ProgramMissing`.
    """
    versions = [folder for folder in _DEBIAN.glob("*") if folder.name.isdecimal()]
    for folder in sorted(versions, key=lambda each: int(each.name), reverse=True):
        program = folder / "bin" / name
        if program.exists():
            return program
    if found := shutil.which(name):
        return Path(found)
    raise ProgramMissing(name)
