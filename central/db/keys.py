"""Central's keys: what seals people's columns, and the secrets its kiosks share.

They are kept in a file of their own, never in the database: a copy of the database alone tells
nobody's number, name or face.
"""

from __future__ import annotations

import os
import secrets
from base64 import b64encode
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.engine import make_url

from wire import OfficeSecret, number_index
from wire.device import Key

KEY_BYTES = 32
_NONCE_BYTES = 12
_ID_BYTES = 8

Purpose = Literal["template", "number"]


class KeyFileError(Exception):
    """The key file is missing, unreadable, damaged, or belongs to another database.

    ``reason``: ``missing damaged other open``.
    """

    def __init__(self, path: Path | None, reason: str) -> None:
        super().__init__(f"key file {path}: {reason}")
        self.path, self.reason = path, reason


class ColumnKey(BaseModel):
    """One key of AES-256-GCM for people's columns."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    id: str = Field(pattern=r"^[0-9a-f]{16}$")
    key: Key = Field(repr=False)
    made_at: AwareDatetime

    def seal(self, plain: bytes, owner: UUID) -> bytes:
        """``plain``, readable only with this key and only as ``owner``'s: a sealed value that
        was moved to another row does not open."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return bytes.fromhex(self.id) + nonce + AESGCM(self.key).encrypt(nonce, plain, owner.bytes)

    def open(self, sealed: bytes, owner: UUID) -> bytes:
        """What :meth:`seal` was given. Raises :class:`cryptography.exceptions.InvalidTag`."""
        nonce, text = sealed[_ID_BYTES:][:_NONCE_BYTES], sealed[_ID_BYTES + _NONCE_BYTES :]
        return AESGCM(self.key).decrypt(nonce, text, owner.bytes)


class _Content(BaseModel):
    """The key file, oldest first; the last of each kind is in force. Older column keys stay:
    copies of the database from their time cannot be read without them."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    columns: tuple[ColumnKey, ...] = Field(min_length=1)
    secrets: tuple[OfficeSecret, ...]

    def newest(self, purpose: Purpose) -> OfficeSecret:
        """The secret in force. Raises :class:`IndexError` when there is none."""
        return [each for each in self.secrets if each.purpose == purpose][-1]


class Keys:
    """The key file. It is read again when it has changed, so that a running server sees what a
    command at its side has issued."""

    def __init__(self, path: Path) -> None:
        """Raises :class:`KeyFileError`."""
        self.path = path
        self._seen: tuple[int, int] | None = None
        self._now()

    @classmethod
    def create(cls, path: Path) -> Keys:
        """A new file (mode 0600) with a key and secrets of its own; one that another process
        makes at the same moment is taken instead. Raises :class:`KeyFileError`."""
        now = datetime.now(UTC)
        content = _Content(
            columns=(_column_key(now),), secrets=(_secret("template", now), _secret("number", now))
        )
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            aside = _written(path, content)
            try:
                with suppress(FileExistsError):
                    os.link(aside, path)
            finally:
                aside.unlink()
            _sync_folder(path.parent)
        except OSError as error:
            raise KeyFileError(path, "open") from error
        return cls(path)

    def seal(self, plain: bytes, owner: UUID) -> bytes:
        """``plain`` sealed with the key in force."""
        return self._now().columns[-1].seal(plain, owner)

    def open(self, sealed: bytes, owner: UUID) -> bytes:
        """What was sealed for ``owner``. Raises :class:`KeyFileError` without its key."""
        for key in self._now().columns:
            if key.id == key_id(sealed):
                try:
                    return key.open(sealed, owner)
                except InvalidTag as error:
                    raise KeyFileError(self.path, "other") from error
        raise KeyFileError(self.path, "other")

    def has(self, key: str) -> bool:
        """Whether a column key or an office secret of this id is there."""
        content = self._now()
        return any(key == each.id for each in (*content.columns, *content.secrets))

    @property
    def column_key(self) -> str:
        """Id of the column key in force."""
        return self._now().columns[-1].id

    def secret(self, purpose: Purpose) -> OfficeSecret:
        """The office secret in force."""
        return self._now().newest(purpose)

    def age(self, secret: str) -> int:
        """Place of an office secret in the order they were issued; -1 for a stranger's."""
        ids = [each.id for each in self._now().secrets]
        return ids.index(secret) if secret in ids else -1

    def derived(self, purpose: str) -> bytes:
        """Another key of 32 bytes that never changes, for ``purpose`` alone (HKDF of the oldest
        column key)."""
        oldest = self._now().columns[0].key
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose.encode()).derive(oldest)

    def indices(self, number: str) -> list[str]:
        """The blind index of an identity number under each number secret there is: some rows may
        not have been indexed anew yet."""
        known = [each for each in self._now().secrets if each.purpose == "number"]
        return [number_index(secret.key, number) for secret in known]

    def indices_of_representative(self, number: str) -> set[str]:
        """What the index of a number that is not kept may be by now.

        It cannot be made anew from the number. Instead each new secret is put upon the index there
        is, HMAC(new, HMAC(old, number)): who has the old secret finds nobody any more. The first
        layer is of any secret a kiosk knew, the later ones of those issued since it arrived.
        """
        keys = [each.key for each in self._now().secrets if each.purpose == "number"]
        found: set[str] = set()
        for place, first in enumerate(keys):
            bare = number_index(first, number)
            found.add(bare)
            for since in range(place + 1, len(keys)):
                index = bare
                for later in keys[since:]:
                    index = number_index(later, index)
                    found.add(index)
        return found

    def renew_column_key(self, now: datetime) -> str:
        """Seal with a new key from now on; its id. Raises :class:`OSError`."""
        key = _column_key(now)
        content = self._now()
        self._replace(content.model_copy(update={"columns": (*content.columns, key)}))
        return key.id

    def renew_secret(self, purpose: Purpose, now: datetime) -> OfficeSecret:
        """Put a new secret in force. Raises :class:`OSError`."""
        content = self._now()
        # Kiosks take the one issued last, whatever this server's clock has done in between.
        issued = max(now, self.secret(purpose).issued_at + timedelta(microseconds=1))
        secret = _secret(purpose, issued)
        self._replace(content.model_copy(update={"secrets": (*content.secrets, secret)}))
        return secret

    def _replace(self, content: _Content) -> None:
        _written(self.path, content).replace(self.path)
        _sync_folder(self.path.parent)

    def _now(self) -> _Content:
        try:
            state = self.path.stat()
            version = (state.st_ino, state.st_mtime_ns)
            if version != self._seen:
                self._content = _Content.model_validate_json(self.path.read_bytes())
                self._seen = version
        except FileNotFoundError as error:
            raise KeyFileError(self.path, "missing") from error
        except OSError as error:
            raise KeyFileError(self.path, "open") from error
        except ValidationError:
            # Not chained: the error would quote the keys.
            raise KeyFileError(self.path, "damaged") from None
        return self._content


def key_id(sealed: bytes) -> str:
    """Which column key sealed it."""
    return sealed[:_ID_BYTES].hex()


def key_file_of(url: str) -> Path | None:
    """Where the keys are when nothing else is said: beside a database that is a file."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite" or address.database in (None, "", ":memory:"):
        return None
    return Path(address.database).with_suffix(".keys")


def _column_key(now: datetime) -> ColumnKey:
    key = b64encode(secrets.token_bytes(KEY_BYTES))
    return ColumnKey(id=secrets.token_hex(_ID_BYTES), key=key, made_at=now)


def _secret(purpose: Purpose, now: datetime) -> OfficeSecret:
    return OfficeSecret.of(
        secrets.token_hex(_ID_BYTES), purpose, secrets.token_bytes(KEY_BYTES), now
    )


def _written(path: Path, content: _Content) -> Path:
    """A file beside ``path`` that holds ``content`` and has reached the disk."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(content.model_dump_json(indent=2) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return aside


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
