"""Copies of everything central holds, in one encrypted file; and putting one back.

A copy holds the database, the key file and the tombstones. It is sealed with AES-256-GCM in
blocks, each bound to its place and the last one marked, under a key made from a passphrase by
scrypt (RFC 7914): what was cut short, put together from two copies or changed does not open.

Putting one back replays the tombstones, those in the copy and those beside the database there: who
was forgotten since stays forgotten, whatever the copy says.
"""

from __future__ import annotations

import io
import json
import os
import secrets
import shutil
import sqlite3
import struct
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from sqlalchemy.engine import URL, make_url

from central.db.keys import KeyFileError, Keys, key_file_of
from central.db.programs import ProgramMissing, postgresql_program

_MAGIC = b"central-backup-1"
_BLOCK = 1 << 20
_TAG = 16
_SALT = 16
_COST = 1 << 17
"""scrypt's N, with r = 8 and p = 1: 128 MiB and a third of a second for each guess (OWASP)."""
_DATABASE, _KEYS, _TOMBSTONES, _ABOUT = "database", "keys", "tombstones", "about.json"
_LIBPQ = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}


class BackupError(Exception):
    """``reason``: ``passphrase damaged occupied other_database keys program failed``."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason, self.detail = reason, detail


@dataclass(frozen=True, slots=True)
class About:
    """What a copy says of itself."""

    made_at: datetime
    backend: str
    """``sqlite postgresql``: a copy is put back into the kind of database it came from."""
    sizes: dict[str, int]
    hashes: dict[str, str]


def back_up(url: str, key_file: Path | None, out: Path, passphrase: str, now: datetime) -> About:
    """Write a copy to ``out``, which comes to be at once and whole, with mode 0600. The server may
    go on meanwhile: the copy is of one moment.

    Raises :class:`BackupError` or :class:`OSError`.
    """
    keys = _key_path(url, key_file)
    out.parent.mkdir(parents=True, exist_ok=True)
    with _workshop(keys.parent) as folder:
        _dump(make_url(url), folder / _DATABASE)
        shutil.copyfile(keys, folder / _KEYS)
        tombstones = keys.with_suffix(".tombstones")
        (folder / _TOMBSTONES).write_bytes(tombstones.read_bytes() if tombstones.exists() else b"")
        about = _described(folder, make_url(url).get_backend_name(), now)
        aside = out.with_name(f".{out.name}.{secrets.token_hex(4)}")
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            with os.fdopen(os.open(aside, flags, 0o600), "wb") as file:
                with closing(_Sealing(file, passphrase)) as sealed:
                    _pack(folder, sealed)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(out)
        finally:
            aside.unlink(missing_ok=True)
    return about


def check(path: Path, passphrase: str) -> About:
    """Read all of a copy and compare it with what it says of itself. Nothing is changed.

    Raises :class:`BackupError` or :class:`OSError`.
    """
    with tempfile.TemporaryDirectory(prefix="central-backup-") as name:
        return _unpacked(path, passphrase, Path(name))


def restore(
    path: Path, url: str, key_file: Path | None, passphrase: str, *, replace: bool = False
) -> About:
    """Put a copy back. ``replace``: over a database that is there.

    The whole copy is read and compared first. Tombstones there stay and those of the copy are
    added; they take effect when the database is opened next. Raises :class:`BackupError` or
    :class:`OSError`.
    """
    target = make_url(url)
    keys = _key_path(url, key_file, must_exist=False)
    keys.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _workshop(keys.parent) as folder:
        about = _unpacked(path, passphrase, folder)
        if about.backend != target.get_backend_name():
            raise BackupError("other_database", about.backend)
        _check_keys(keys, folder / _KEYS, replace=replace)
        if not replace and _is_occupied(target):
            raise BackupError("occupied")
        _add_tombstones(keys.with_suffix(".tombstones"), folder / _TOMBSTONES)
        if not _holds_all(keys, folder / _KEYS):
            _put(folder / _KEYS, keys)
        _load(target, folder / _DATABASE)
    return about


# ── what is in a copy ─────────────────────────────────────────────────────────────────────────


def _key_path(url: str, key_file: Path | None, *, must_exist: bool = True) -> Path:
    path = key_file or key_file_of(url)
    if path is None or (must_exist and not path.exists()):
        raise KeyFileError(path, "missing")
    return path


@contextmanager
def _workshop(beside: Path) -> Iterator[Path]:
    """A folder where the database is in the clear for a while: on the disk it is on anyway."""
    with tempfile.TemporaryDirectory(prefix=".central-", dir=beside) as name:
        yield Path(name)  # mode 0700


def _described(folder: Path, backend: str, now: datetime) -> About:
    names = (_DATABASE, _KEYS, _TOMBSTONES)
    sizes = {name: (folder / name).stat().st_size for name in names}
    hashes = {name: _hash(folder / name) for name in names}
    about = About(now.astimezone(UTC), backend, sizes, hashes)
    told = {"made_at": about.made_at.isoformat(), "backend": backend}
    (folder / _ABOUT).write_text(json.dumps(told | {"sizes": sizes, "hashes": hashes}))
    return about


def _pack(folder: Path, into: _Sealing) -> None:
    with tarfile.open(mode="w|", fileobj=into) as archive:
        for name in (_ABOUT, _DATABASE, _KEYS, _TOMBSTONES):
            archive.add(folder / name, name)


def _unpacked(path: Path, passphrase: str, folder: Path) -> About:
    with path.open("rb") as file:
        try:
            with tarfile.open(mode="r|", fileobj=_Opening(file, passphrase)) as archive:
                for member in archive:
                    if member.isreg() and member.name in (_ABOUT, _DATABASE, _KEYS, _TOMBSTONES):
                        content = archive.extractfile(member)
                        assert content is not None  # noqa: S101  # of a regular file
                        with (folder / member.name).open("wb") as out:
                            shutil.copyfileobj(content, out)
            told = json.loads((folder / _ABOUT).read_text())
            at = datetime.fromisoformat(told["made_at"])
            about = About(at, told["backend"], told["sizes"], told["hashes"])
            for name in (_DATABASE, _KEYS, _TOMBSTONES):
                if _hash(folder / name) != about.hashes[name]:
                    raise BackupError("damaged", name)
        except (tarfile.TarError, ValueError, KeyError, FileNotFoundError, EOFError) as error:
            raise BackupError("damaged") from error
    return about


def _hash(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


# ── sealing ───────────────────────────────────────────────────────────────────────────────────


def _key(passphrase: str, salt: bytes) -> AESGCM:
    made = Scrypt(salt=salt, length=32, n=_COST, r=8, p=1).derive(passphrase.encode())
    return AESGCM(made)


def _nonce(place: int, *, last: bool) -> bytes:
    """Each block's own: its place, and whether it is the last (the STREAM construction)."""
    return struct.pack(">4xII", place, int(last))[:12]


class _Sealing(io.RawIOBase):
    """Write into it; what reaches ``file`` is sealed."""

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        salt = secrets.token_bytes(_SALT)
        self._file, self._cipher = file, _key(passphrase, salt)
        self._left, self._place = bytearray(), 0
        file.write(_MAGIC + salt)

    def write(self, data: bytes, /) -> int:  # type: ignore[override]
        """Take all of it."""
        self._left += data
        while len(self._left) > _BLOCK:
            self._seal(bytes(self._left[:_BLOCK]), last=False)
            del self._left[:_BLOCK]
        return len(data)

    def close(self) -> None:
        """Seal the last block."""
        if not self.closed:
            self._seal(bytes(self._left), last=True)
            super().close()

    def _seal(self, block: bytes, *, last: bool) -> None:
        nonce = _nonce(self._place, last=last)
        self._file.write(self._cipher.encrypt(nonce, block, _MAGIC))
        self._place += 1


class _Opening(io.RawIOBase):
    """Read from it what was sealed. Raises :class:`BackupError`."""

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        head = file.read(len(_MAGIC) + _SALT)
        if not head.startswith(_MAGIC) or len(head) < len(_MAGIC) + _SALT:
            raise BackupError("damaged", "no copy of central")
        self._file, self._cipher = file, _key(passphrase, head[len(_MAGIC) :])
        self._next = file.read(_BLOCK + _TAG)
        self._left, self._place = b"", 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """So many bytes; fewer only at the end."""
        parts, wanted = bytearray(), size if size >= 0 else 1 << 62
        while len(parts) < wanted and (self._left or self._next):
            if not self._left:
                self._left = self._opened()
            taken = self._left[: wanted - len(parts)]
            self._left = self._left[len(taken) :]
            parts += taken
        return bytes(parts)

    def _opened(self) -> bytes:
        block, self._next = self._next, self._file.read(_BLOCK + _TAG)
        try:
            plain = self._cipher.decrypt(_nonce(self._place, last=not self._next), block, _MAGIC)
        except InvalidTag as error:
            raise BackupError("damaged" if self._place else "passphrase") from error
        self._place += 1
        return plain


# ── each kind of database ─────────────────────────────────────────────────────────────────────


def _dump(url: URL, out: Path) -> None:
    if url.get_backend_name() == "sqlite":
        with closing(_sqlite(url)) as source, closing(sqlite3.connect(out)) as copy:
            source.backup(copy)
        return
    _run(
        url,
        "pg_dump",
        "--format=custom",
        "--schema=public",
        "--no-owner",
        "--no-privileges",
        f"--file={out}",
    )


def _is_occupied(url: URL) -> bool:
    if url.get_backend_name() == "sqlite":
        return Path(url.database or "").exists()
    told = _run(url, "psql", "-XAtc", "SELECT to_regclass('public.office') IS NOT NULL")
    return told.strip() == b"t"


def _load(url: URL, source: Path) -> None:
    if url.get_backend_name() == "sqlite":
        target = Path(url.database or "")
        for log in (f"{target}-wal", f"{target}-shm"):
            Path(log).unlink(missing_ok=True)
        _put(source, target)
        return
    script = source.with_suffix(".sql")
    _run(
        url,
        "pg_restore",
        "--no-owner",
        "--no-privileges",
        f"--file={script}",
        str(source),
        at=False,
    )
    # One transaction: interrupted, what was there is there.
    begin = "DROP SCHEMA IF EXISTS public CASCADE"  # the copy makes it anew
    once = ("--single-transaction", "--set=ON_ERROR_STOP=1", "--quiet")
    _run(url, "psql", "-X", *once, "--command", begin, f"--file={script}")


def _sqlite(url: URL) -> sqlite3.Connection:
    path = Path(url.database or "")
    if not path.exists():
        raise BackupError("failed", str(path))
    return sqlite3.connect(path)


def _run(url: URL, program: str, *arguments: str, at: bool = True) -> bytes:
    """A program of PostgreSQL's. The password goes by the environment: a command line is
    everybody's to read."""
    said = url.translate_connect_args(username="user") | dict(url.query)
    environment = {name: str(said[key]) for key, name in _LIBPQ.items() if said.get(key)}
    where = ("--dbname", url.database or "postgres") if at else ()
    try:
        done = subprocess.run(
            [postgresql_program(program), *where, *arguments],
            env={**os.environ, **environment},
            capture_output=True,
            check=False,
        )
    except ProgramMissing as error:
        raise BackupError("program", program) from error
    if done.returncode:
        raise BackupError("failed", done.stderr.decode(errors="replace").strip()[-500:])
    return done.stdout


# ── keys and tombstones ───────────────────────────────────────────────────────────────────────


def _holds_all(there: Path, copy: Path) -> bool:
    """Whether the key file there opens what the copy's does: it may have had newer keys since."""
    if not there.exists():
        return False
    held = Keys(there)
    told = json.loads(copy.read_text())
    return all(held.has(each["id"]) for each in (*told["columns"], *told["secrets"]))


def _check_keys(there: Path, copy: Path, *, replace: bool) -> None:
    if there.exists() and not replace and not _holds_all(there, copy):
        raise BackupError("keys", str(there))


def _add_tombstones(there: Path, copy: Path) -> None:
    """Every line of both. Lines are only ever added; one that is there twice does no harm."""
    known = set(there.read_bytes().splitlines()) if there.exists() else set[bytes]()
    missing = [line for line in copy.read_bytes().splitlines() if line and line not in known]
    if missing:
        with os.fdopen(os.open(there, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as file:
            file.write(b"".join(b"\n" + line for line in missing))
            file.flush()
            os.fsync(file.fileno())


def _put(source: Path, target: Path) -> None:
    """Whole or not at all; what was there is kept beside it."""
    source.chmod(0o600)
    with source.open("rb") as file:
        os.fsync(file.fileno())
    if target.exists():
        with suppress(FileNotFoundError):
            target.replace(target.with_name(f"{target.name}.before-restore"))
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.move(source, target)
