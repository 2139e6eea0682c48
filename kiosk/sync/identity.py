"""Who this kiosk is to central: a key made here, which never leaves, and the name it was given."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel, ConfigDict, ValidationError

from kiosk.errors import SyncError
from kiosk.store import durable
from wire import AUDIENCE, LIFETIME_S
from wire.device import Key

_SHARED_BITS = 0o177


class _File(BaseModel):
    """As it is kept: JSON, mode 0600."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    private_key: Key
    """Ed25519, raw, base64."""
    device: UUID | None = None
    """``None``: central has not answered yet."""
    name: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """A device central knows. ``repr`` tells nothing."""

    device: UUID
    name: str
    key: Ed25519PrivateKey

    def signature(self, now: datetime) -> str:
        """What one request carries: made anew for each, good for a minute from ``now`` (aware,
        central's time)."""
        issued = int(now.timestamp())
        claims = {
            "iss": str(self.device),
            "aud": AUDIENCE,
            "iat": issued,
            "exp": issued + LIFETIME_S,
            "jti": uuid4().hex,
        }
        return jwt.encode(claims, self.key, algorithm="EdDSA")


def load_identity(path: Path) -> Identity:
    """The identity in ``path``.

    Raises :class:`SyncError` (``sync_not_enrolled``) when there is none, or it is readable by
    others or malformed.
    """
    kept = _read(path)
    if kept is None or kept.device is None:
        raise SyncError("sync_not_enrolled", file=path)
    return Identity(kept.device, kept.name, Ed25519PrivateKey.from_private_bytes(kept.private_key))


def prepare_key(path: Path) -> Ed25519PrivateKey:
    """The key to enrol with: kept before central hears of it, so that an answer that is lost
    can be asked for again. A device that is enrolled already gets a new one.

    Raises :class:`~kiosk.errors.StoreError` when it cannot be written.
    """
    kept = _read(path.with_name(f"{path.name}.new"))
    if kept is not None:
        return Ed25519PrivateKey.from_private_bytes(kept.private_key)
    key = Ed25519PrivateKey.generate()
    _write(path.with_name(f"{path.name}.new"), key)
    return key


def keep_identity(path: Path, identity: Identity) -> None:
    """Be ``identity`` from now on. Raises :class:`~kiosk.errors.StoreError`."""
    _write(path, identity.key, identity.device, identity.name)
    path.with_name(f"{path.name}.new").unlink(missing_ok=True)


def _read(path: Path) -> _File | None:
    try:
        if path.stat().st_mode & _SHARED_BITS:
            raise SyncError("sync_key_mode", file=path)
        return _File.model_validate_json(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValidationError) as error:
        raise SyncError("sync_not_enrolled", file=path) from error


def _write(path: Path, key: Ed25519PrivateKey, device: UUID | None = None, name: str = "") -> None:
    raw = b64encode(key.private_bytes_raw())
    kept = _File(private_key=raw, device=device, name=name)
    durable.replace(path, kept.model_dump_json(indent=1).encode() + b"\n")
