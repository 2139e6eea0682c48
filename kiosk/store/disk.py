"""Telling a full disk from a broken one: the file system often reports both as an I/O error."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path

from kiosk.errors import StoreError

_LEAST_FREE = 64 * 1024
"""Bytes. Opening a database takes 32 KiB for the index of its log alone
(https://www.sqlite.org/walformat.html, section 2)."""

_SAID_TO_BE_FULL = frozenset({os.strerror(errno.ENOSPC), os.strerror(errno.EDQUOT)})


def disk_fault(path: Path, reason: str | None) -> StoreError:
    """The error for a failed read or write of ``path``."""
    if reason in _SAID_TO_BE_FULL:
        return StoreError("store_full", file=path)
    with suppress(OSError):
        disk = os.statvfs(path.parent)
        if disk.f_bavail * disk.f_frsize < _LEAST_FREE:
            return StoreError("store_full", file=path)
    return StoreError("store_io", file=path, reason=reason)
