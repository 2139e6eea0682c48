"""What the kiosks of an office share and no database holds: the secrets that turn templates and
key the index of identity numbers.

A kiosk without a server makes its own on first use. One that is enrolled at a central server is
given the office's, and from then on those are in force.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Collection, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from kiosk.errors import StoreError
from kiosk.store.disk import disk_fault
from kiosk.store.durable import replace
from wire import OfficeSecret

Purpose = Literal["template", "number"]

_CREDENTIAL = "office-secrets"
_SHARED_BITS = 0o177
"""What only the owner may read and write has none of these mode bits."""
_MADE_HERE = datetime(1970, 1, 1, tzinfo=UTC)
"""When a secret that no server gave was issued: any that one gives is newer."""
_FILE = TypeAdapter(tuple[OfficeSecret, ...])


class OfficeSecrets:
    """The secrets in ``path`` (mode 0600), and in the systemd credential ``office-secrets``.

    Several processes use the file at once; each sees at once what another has put there. Every
    method raises :class:`StoreError` when the file is readable by others, malformed, or cannot
    be read or written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: dict[Path, tuple[tuple[int, int], tuple[OfficeSecret, ...]]] = {}

    def template(self) -> OfficeSecret:
        """The secret that templates are to be turned by, made on first use."""
        return self._in_force("template")

    def number(self) -> OfficeSecret:
        """The secret that keys the index of identity numbers, made on first use."""
        return self._in_force("number")

    def get(self, secret: str) -> OfficeSecret | None:
        """The secret with this id, if it is here."""
        return next((one for one in self._all() if one.id == secret), None)

    def keep(self, secret: OfficeSecret) -> bool:
        """Take a secret that central issued; whether it is new here."""
        with self._locked():
            if self.get(secret.id) is not None:
                return False
            self._write((*self._load(self._path), secret))
        return True

    def dump(self) -> bytes:
        """Every secret, as :meth:`merge` takes them. Not to be written down unencrypted."""
        return _FILE.dump_json(self._all())

    def merge(self, dumped: bytes) -> None:
        """Take what an older copy held, beside what is here. Raises :class:`StoreError`."""
        try:
            held = _FILE.validate_json(dumped)
        except ValidationError:  # its details would hold the secrets
            raise StoreError("store_secrets_malformed", file=self._path) from None
        for secret in held:
            self.keep(secret)

    def drop_unused(self, used: Collection[str]) -> None:
        """Forget secrets that are neither in force nor among ``used`` (ids): from then on what
        an old backup holds under them is worthless."""
        in_force = {newest.id for newest in map(self._newest, ("template", "number")) if newest}
        with self._locked():
            kept = self._load(self._path)
            left = tuple(one for one in kept if one.id in in_force or one.id in used)
            if left != kept:
                self._write(left)

    def erase(self) -> None:
        """Forget every secret: nothing turned by them can be compared with anything."""
        with self._locked():
            self._write(())

    def _in_force(self, purpose: Purpose) -> OfficeSecret:
        if newest := self._newest(purpose):
            return newest
        with self._locked():  # of two processes that start at once, both use what one has made
            if newest := self._newest(purpose):
                return newest
            made = OfficeSecret.of(
                secrets.token_hex(8), purpose, secrets.token_bytes(32), _MADE_HERE
            )
            self._write((*self._load(self._path), made))
        return made

    def _newest(self, purpose: Purpose) -> OfficeSecret | None:
        of_purpose = [one for one in self._all() if one.purpose == purpose]
        return max(of_purpose, key=lambda one: (one.issued_at, one.id), default=None)

    def _all(self) -> tuple[OfficeSecret, ...]:
        folder = os.environ.get("CREDENTIALS_DIRECTORY")
        given = self._load(Path(folder, _CREDENTIAL)) if folder else ()
        return (*given, *self._load(self._path))

    def _load(self, path: Path) -> tuple[OfficeSecret, ...]:
        try:
            found = path.stat()
            version = (found.st_ino, found.st_mtime_ns)
            if path not in self._read or self._read[path][0] != version:
                if path == self._path and found.st_mode & _SHARED_BITS:
                    raise StoreError("store_secrets_mode", file=path)
                self._read[path] = version, _FILE.validate_json(path.read_bytes())
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise disk_fault(path, error.strerror) from error
        except ValidationError:  # its details would hold the secrets
            raise StoreError("store_secrets_malformed", file=path) from None
        return self._read[path][1]

    def _write(self, content: tuple[OfficeSecret, ...]) -> None:
        replace(self._path, _FILE.dump_json(content, indent=1) + b"\n")

    @contextmanager
    def _locked(self) -> Generator[None]:
        """One process at a time changes the file."""
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise disk_fault(self._path, error.strerror) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
