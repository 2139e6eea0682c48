"""The database key: 32 random bytes, kept as 64 hexadecimal digits.

On a kiosk systemd hands it over as a credential; on a desk it is a file only its owner reads.
"""

from __future__ import annotations

import os
import re
import secrets
from contextlib import suppress
from pathlib import Path

from kiosk.config import StoreSettings
from kiosk.errors import KeyMismatch, StoreError
from kiosk.store import durable
from kiosk.store.database import prove_key
from kiosk.store.disk import disk_fault

_CREDENTIAL = "kiosk-key"
_SHARED_BITS = 0o177
"""What only the owner may read and write has none of these mode bits."""


def key_for(store: StoreSettings) -> str:
    """The key of ``store``, made on first use.

    A key that is missing beside an existing database is never replaced: a new one could not
    open it. Raises :class:`StoreError`.
    """
    finish_rotation(store)
    unused = not (_credential() or store.key_file.exists() or store.path.exists())
    if unused:
        _write_once(store.key_file)
    return load_key(store.key_file)


def is_credential() -> bool:
    """Whether systemd hands the key over: then it is not for us to change."""
    return _credential() is not None


def new_key_file(key_file: Path) -> Path:
    """Where a key waits that the database is about to be encrypted with."""
    return key_file.with_name(f"{key_file.name}.new")


def finish_rotation(store: StoreSettings) -> None:
    """After a power cut while the key was changed: if the database is encrypted with the new one
    already, that is the key from now on. Raises :class:`StoreError`."""
    fresh = new_key_file(store.key_file)
    if not fresh.exists() or not store.path.exists():
        return
    try:
        prove_key(store.path, load_key(fresh))
    except KeyMismatch:
        return
    fresh.replace(store.key_file)
    durable.sync_folder(store.key_file.parent)


def load_key(key_file: Path) -> str:
    """The key in ``$CREDENTIALS_DIRECTORY/kiosk-key``, else in ``key_file``: 64 hex digits.

    Raises :class:`StoreError` when it is missing, malformed or readable by others.
    """
    credential = _credential()
    source = credential or key_file
    try:
        if credential is None and source.stat().st_mode & _SHARED_BITS:
            raise StoreError("store_key_mode", file=source)
        key = source.read_text(encoding="ascii").strip()
    except OSError as error:
        raise StoreError("store_key_missing", file=source, reason=error.strerror) from error
    except UnicodeDecodeError as error:
        raise StoreError("store_key_malformed", file=source) from error
    if not re.fullmatch(r"[0-9A-Fa-f]{64}", key):
        raise StoreError("store_key_malformed", file=source)
    return key.lower()


def create_key(path: Path) -> str:
    """Write a new key to ``path`` (mode 0600) and return it; an existing file is never replaced.

    Raises :class:`StoreError`.
    """
    if not _write_once(path):
        raise StoreError("store_key_exists", file=path)
    return load_key(path)


def _credential() -> Path | None:
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    path = Path(folder, _CREDENTIAL) if folder else None
    return path if path is not None and path.exists() else None


def _write_once(path: Path) -> bool:
    """Create ``path`` with a new key, whole and on disk or not at all; False when it exists.

    Written aside and linked into place: a power cut never leaves half a key, and of two
    processes starting at once one wins and both read the same key.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_to_disk(aside, secrets.token_hex(32))
        linked = _link(aside, path)
        _sync_folder(path.parent)
    except OSError as error:
        raise disk_fault(path, error.strerror) from error
    finally:
        with suppress(OSError):
            aside.unlink()
    return linked


def _write_to_disk(path: Path, key: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key + "\n")
        file.flush()
        os.fsync(file.fileno())


def _link(aside: Path, path: Path) -> bool:
    try:
        path.hardlink_to(aside)
    except FileExistsError:
        return False
    return True


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
