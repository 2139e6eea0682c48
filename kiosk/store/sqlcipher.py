"""SQLCipher's driver, typed, and its faults in this product's words.

``sqlcipher3`` is the standard library's ``sqlite3`` built on SQLCipher: same names, same
signatures, no type stubs of its own.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.errors import KeyMismatch, StoreError
from kiosk.store.disk import disk_fault

if TYPE_CHECKING:
    from sqlite3 import Connection, IntegrityError, Row, connect
    from sqlite3 import Error as DriverError
else:
    from sqlcipher3.dbapi2 import Connection, IntegrityError, Row, connect
    from sqlcipher3.dbapi2 import Error as DriverError

__all__ = ["Connection", "DriverError", "IntegrityError", "Row", "connect", "faults_translated"]

_FULL, _BUSY, _LOCKED, _CORRUPT, _NOT_A_DATABASE = 13, 5, 6, 11, 26
"""Primary result codes: https://www.sqlite.org/rescode.html"""
_KEYS = {
    _FULL: "store_full",
    _BUSY: "store_busy",
    _LOCKED: "store_busy",
    _CORRUPT: "store_damaged",
}


@contextmanager
def faults_translated(path: Path) -> Generator[None]:
    """Raise the driver's faults as :class:`StoreError`.

    A broken rule of the schema (:class:`IntegrityError`) and a wrong statement are faults of
    ours, not of the disk: they pass as they are.
    """
    try:
        yield
    except IntegrityError:
        raise
    except DriverError as error:
        code = getattr(error, "sqlite_errorcode", None)
        if code is None or code & 0xFF in (1, 21):  # no result code, SQLITE_ERROR, SQLITE_MISUSE
            raise
        if code & 0xFF == _NOT_A_DATABASE:
            raise KeyMismatch("store_key_mismatch", file=path) from error
        if key := _KEYS.get(code & 0xFF):
            raise StoreError(key, file=path, reason=error.sqlite_errorname) from error
        raise disk_fault(path, error.sqlite_errorname) from error
