"""The PIN before the technician's screen: kept as a slow hash, guarded against being guessed.

A six-digit PIN is guessed in a million tries; after five wrong ones each further one costs a
minute, then two, four … up to an hour. What was tried is remembered over a restart.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from kiosk.errors import ConfigError
from kiosk.store import durable

_FREE_TRIES = 5
_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
_COST = {"n": 2**14, "r": 8, "p": 1}
"""scrypt, RFC 7914: 16 MiB and a tenth of a second on a Raspberry Pi 4."""


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True)

    salt: str
    hash: str
    failures: int = 0
    blocked_until: datetime | None = None


class TechnicianPin:
    """The PIN in ``path`` (mode 0600). ``now`` tells the date."""

    def __init__(self, path: Path, now: Callable[[], datetime]) -> None:
        self._path = path
        self._now = now

    @property
    def is_set(self) -> bool:
        """Whether there is a PIN; without one there is no technician's screen."""
        return self._read() is not None

    def set(self, pin: str) -> None:
        """Make ``pin`` the PIN. Raises :class:`ConfigError` for one that is not six digits or
        easily guessed, :class:`~kiosk.errors.StoreError` when it cannot be written."""
        if (
            not re.fullmatch(r"[0-9]{6}", pin)
            or len(set(pin)) < 3
            or pin in "01234567890 09876543210"
        ):
            raise ConfigError("technician_pin")
        salt = secrets.token_hex(16)
        self._write(_Kept(salt=salt, hash=_hashed(pin, salt)))

    def blocked_for(self) -> timedelta:
        """How long nothing is tried any more; zero when it may be."""
        kept = self._read()
        until = kept.blocked_until if kept else None
        left = until - self._now() if until else timedelta(0)
        # A clock that was set back must not lock the technician out for years.
        return min(max(left, timedelta(0)), _LONGEST_WAIT)

    def try_(self, pin: str) -> bool:
        """Whether ``pin`` opens. The failure is on disk before the answer is known, so that
        pulling the plug wins nothing. Raises :class:`~kiosk.errors.StoreError`."""
        kept = self._read()
        if kept is None or self.blocked_for():
            return False
        failures = kept.failures + 1
        self._write(
            kept.model_copy(update={"failures": failures, "blocked_until": self._until(failures)})
        )
        if not hmac.compare_digest(_hashed(pin, kept.salt), kept.hash):
            return False
        self._write(kept.model_copy(update={"failures": 0, "blocked_until": None}))
        return True

    def _until(self, failures: int) -> datetime | None:
        if failures < _FREE_TRIES:
            return None
        doublings = min(failures - _FREE_TRIES, 10)
        return self._now() + min(_FIRST_WAIT * 2**doublings, _LONGEST_WAIT)

    def _read(self) -> _Kept | None:
        try:
            return _Kept.model_validate_json(self._path.read_bytes())
        except (OSError, ValidationError):
            return None

    def _write(self, kept: _Kept) -> None:
        durable.replace(self._path, kept.model_dump_json().encode() + b"\n")


def _hashed(pin: str, salt: str) -> str:
    return hashlib.scrypt(pin.encode(), salt=bytes.fromhex(salt), **_COST, dklen=32).hex()
