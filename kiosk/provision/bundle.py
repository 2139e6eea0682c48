"""The bundle: one tar file with everything a kiosk needs, its manifest first.

::

    manifest.json   manifest.sig   sbom.cdx.json
    provision/      this package, as it is copied to /usr/lib/kiosk
    root/           what belongs to the system: udev, sysusers, tmpfiles, the units that outlive
                    a release
    units/ bin/     of the release: its units and launchers
    debs/ wheels/   Debian packages and Python wheels

It is written raw into a partition of the card and read from there, so a card can always be
installed anew without a network.
"""

from __future__ import annotations

import hashlib
import json
import re
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, Self

from kiosk.errors import ProvisionError

FORMAT = 1
MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
_MOST_MANIFEST_BYTES = 4 << 20
_CHUNK = 1 << 20

Progress = Callable[[int, int], None]
"""Told how many bytes of how many are done."""


def _unseen(done: int, of: int) -> None:
    del done, of


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a bundle."""

    path: str
    bytes: int
    sha256: str
    mode: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a bundle says of itself."""

    version: str
    """PEP 440 with the build in its local part: what people read."""
    built: int
    """Seconds since 1970 of the newest source in it: a release is newer when this is greater."""
    arch: str
    """``arm64`` or ``amd64``, as Debian says it."""
    python: str
    system: str
    """sha256 of the list of Debian packages: an update does not change them."""
    schema: int
    """Number of the newest migration of the kiosk's database."""
    members: Mapping[str, Member]

    @classmethod
    def parse(cls, raw: bytes) -> Self:
        """Read ``manifest.json``. Raises :class:`ProvisionError`."""
        try:
            table: dict[str, Any] = json.loads(raw)
            if table["format"] != FORMAT:
                raise ProvisionError("bundle_format", format=table["format"])
            members = {
                path: Member(_safe(path), int(of["bytes"]), _hash(of["sha256"]), int(of["mode"], 8))
                for path, of in table["files"].items()
            }
            return cls(
                version=_word(table["version"]),
                built=int(table["built"]),
                arch=_word(table["arch"]),
                python=_word(table["python"]),
                system=_hash(table["system"]),
                schema=int(table["schema"]),
                members=members,
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ProvisionError("bundle_manifest", reason=_reason(error)) from error

    def render(self) -> bytes:
        """``manifest.json`` as it is signed: the same bytes for the same bundle."""
        files = {
            path: {"bytes": one.bytes, "mode": f"{one.mode:o}", "sha256": one.sha256}
            for path, one in sorted(self.members.items())
        }
        table = {
            "format": FORMAT, "version": self.version, "built": self.built, "arch": self.arch,
            "python": self.python, "system": self.system, "schema": self.schema, "files": files,
        }  # fmt: skip
        return json.dumps(table, indent=1, ensure_ascii=True).encode() + b"\n"

    @property
    def bytes(self) -> int:
        """Of all files together."""
        return sum(one.bytes for one in self.members.values())


class Bundle:
    """A bundle that is open for reading: a file, or a partition that begins with one."""

    def __init__(self, tar: tarfile.TarFile, where: Path) -> None:
        self._tar = tar
        self.where = where
        self.raw_manifest, self.signature = self._head()
        self.manifest = Manifest.parse(self.raw_manifest)

    @classmethod
    @contextmanager
    def open(cls, where: Path, offset: int = 0) -> Iterator[Self]:
        """Open what begins ``offset`` bytes into ``where``.

        Raises :class:`ProvisionError` when it is no bundle, or cut short.
        """
        try:
            with where.open("rb") as file:
                file.seek(offset)
                with tarfile.open(fileobj=file, mode="r:") as tar:
                    yield cls(tar, where)
        except (tarfile.TarError, EOFError) as error:
            raise ProvisionError("bundle_broken", file=where, reason=_reason(error)) from error

    def extract(self, prefix: str, into: Path, progress: Progress = _unseen) -> list[Path]:
        """Write every file below ``prefix`` to ``into`` (without the prefix), each held against
        its hash. Raises :class:`ProvisionError`."""
        wanted = {path: one for path, one in self.manifest.members.items()
                  if path.startswith(prefix + "/")}  # fmt: skip
        total, done, written = sum(one.bytes for one in wanted.values()), 0, list[Path]()
        for member in self._files():
            one = wanted.pop(member.name, None)
            if one is None:
                continue
            target = into / PurePosixPath(one.path).relative_to(prefix)
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as file:
                for chunk in self._checked(member, one):
                    file.write(chunk)
                    done += len(chunk)
                    progress(done, total)
            target.chmod(one.mode)
            written.append(target)
        if wanted:
            raise ProvisionError("bundle_missing", file=self.where, member=min(wanted))
        return sorted(written)

    def verify(self, progress: Progress = _unseen) -> None:
        """Hold every file against its hash; nothing may be missing or too much.

        Raises :class:`ProvisionError`."""
        left, done = dict(self.manifest.members), 0
        for member in self._files():
            one = left.pop(member.name, None)
            if one is None:
                raise ProvisionError("bundle_stranger", file=self.where, member=member.name)
            for chunk in self._checked(member, one):
                done += len(chunk)
                progress(done, self.manifest.bytes)
        if left:
            raise ProvisionError("bundle_missing", file=self.where, member=min(left))

    def _head(self) -> tuple[bytes, bytes]:
        first = self._tar.next()
        if first is None or first.name != MANIFEST or first.size > _MOST_MANIFEST_BYTES:
            raise ProvisionError("bundle_not_one", file=self.where)
        raw = self._stream(first).read()
        second = self._tar.next()
        signed = second is not None and second.name == SIGNATURE and second.size == 64
        return raw, self._stream(second).read() if signed and second else b""

    def _files(self) -> Iterator[tarfile.TarInfo]:
        for member in self._tar:
            if member.name in (MANIFEST, SIGNATURE):
                continue
            if not member.isreg():
                raise ProvisionError("bundle_stranger", file=self.where, member=member.name)
            yield member

    def _stream(self, member: tarfile.TarInfo) -> IO[bytes]:
        stream = self._tar.extractfile(member)
        if stream is None:
            raise ProvisionError("bundle_stranger", file=self.where, member=member.name)
        return stream

    def _checked(self, member: tarfile.TarInfo, one: Member) -> Iterator[bytes]:
        digest, stream = hashlib.sha256(), self._stream(member)
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            yield chunk
        if member.size != one.bytes or digest.hexdigest() != one.sha256:
            raise ProvisionError("bundle_damaged", file=self.where, member=one.path)


def _safe(path: str) -> str:
    parts = PurePosixPath(path).parts
    if not parts or path != "/".join(parts) or ".." in parts or path.startswith("/"):
        raise ValueError(f"no path for a file: {path!r}")
    return path


def _hash(value: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{64}", value):
        raise ValueError(f"not a sha256: {value!r}")
    return value


def _word(value: str) -> str:
    if not re.fullmatch(r"[0-9A-Za-z.+_-]{1,80}", value):
        raise ValueError(f"not a word: {value!r}")
    return value


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
