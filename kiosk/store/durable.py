"""Small files that a power cut leaves whole: the old content or the new, never half of either."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from kiosk.store.disk import disk_fault

_OWNER_ONLY = 0o600


def replace(path: Path, content: bytes) -> None:
    """Put ``content`` into ``path`` (mode 0600), on disk when this returns.

    Raises :class:`~kiosk.errors.StoreError`; the old content is then left as it was.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(aside, os.O_CREAT | os.O_TRUNC, content)
        aside.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise disk_fault(path, error.strerror) from error
    finally:
        with suppress(OSError):
            aside.unlink()


def append(path: Path, content: bytes) -> None:
    """Add ``content`` to the end of ``path`` (mode 0600), on disk when this returns.

    Raises :class:`~kiosk.errors.StoreError`; a part of ``content`` may then have been added.
    """
    try:
        new = not path.exists()
        _write(path, os.O_CREAT | os.O_APPEND, content)
        if new:
            sync_folder(path.parent)
    except OSError as error:
        raise disk_fault(path, error.strerror) from error


def sync_folder(folder: Path) -> None:
    """Have the names in ``folder`` on disk. Raises :class:`OSError`."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write(path: Path, how: int, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | how, _OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
