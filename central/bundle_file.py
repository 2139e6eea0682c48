"""A kiosk's bundle as it is published: enough of it is read to offer it, and none that is damaged
or unsigned is taken. Whose signature it is only kiosks judge; with the publisher's public key at
hand it is judged here too, before it fails on every one of them.
"""

from __future__ import annotations

import hashlib
import re
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Annotated, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import BaseModel, Field, ValidationError

from wire import Release
from wire.release import LARGEST_BUNDLE, Sha256, Version, Word

_FORMAT = 1
_MANIFEST, _SIGNATURE = "manifest.json", "manifest.sig"
_MOST_MANIFEST = 4 << 20
_CHUNK = 1 << 20


class BundleFault(Exception):
    """A file that is not published. ``vi`` and ``en`` say why."""

    def __init__(self, vietnamese: str, english: str) -> None:
        super().__init__(english)
        self.vi, self.en = vietnamese, english


class _Member(BaseModel):
    bytes: Annotated[int, Field(ge=0)]
    sha256: Sha256


class _Manifest(BaseModel):
    """``manifest.json``, as far as it matters here."""

    format: int
    version: Version
    built: Annotated[int, Field(ge=0, le=2**53)]
    arch: Word
    python: Word
    system: Sha256
    files: dict[str, _Member]


class Copying:
    """A file that is read once: what went by is copied to ``into`` and hashed."""

    def __init__(self, source: IO[bytes], into: IO[bytes], progress: Callable[[int], None]) -> None:
        self._source, self._into, self._progress = source, into, progress
        self.digest = hashlib.sha256()
        self.bytes = 0

    def read(self, size: int = _CHUNK) -> bytes:
        """The next bytes."""
        chunk = self._source.read(size)
        self._into.write(chunk)
        self.digest.update(chunk)
        self.bytes += len(chunk)
        self._progress(self.bytes)
        return chunk


def read_bundle(
    path: Path, into: IO[bytes], key: str = "", progress: Callable[[int], None] = lambda _: None
) -> Release:
    """Copy the bundle ``path`` to ``into`` and hold everything in it against its manifest, and
    that against ``key`` (hex) when there is one. ``progress`` is told the bytes read.

    Raises :class:`BundleFault`.
    """
    if path.stat().st_size > LARGEST_BUNDLE:
        raise BundleFault("lớn hơn 4 GiB", "is larger than 4 GiB")
    try:
        with path.open("rb") as source:
            copying = Copying(source, into, progress)
            with tarfile.open(fileobj=copying, mode="r|") as tar:  # pyright: ignore[reportArgumentType, reportCallIssue]
                manifest = _examined(tar, key)
            while copying.read():
                pass  # what pads the file after the archive's end
    except (tarfile.TarError, EOFError) as error:
        why = str(error) or type(error).__name__
        raise BundleFault(
            f"bị cụt hoặc hỏng ({why})", f"is cut short or damaged ({why})"
        ) from error
    described: dict[str, Any] = manifest.model_dump(exclude={"format", "files"})
    return Release(
        **described, bytes=copying.bytes, sha256=copying.digest.hexdigest(), percentage=0
    )


def _examined(tar: tarfile.TarFile, key: str) -> _Manifest:
    raw = _whole(tar, tar.next(), _MANIFEST)
    signature = _whole(tar, tar.next(), _SIGNATURE)
    if len(signature) != 64:
        raise BundleFault("chưa được ký", "is not signed: scripts/bundle.sh --sign KEY.pem")
    if key and not _signed(raw, signature, key):
        raise BundleFault("không do khoá này ký", "was not signed with this key")
    try:
        manifest = _Manifest.model_validate_json(raw)
    except ValidationError as error:
        raise BundleFault("có danh mục sai", "has a manifest that cannot be used") from error
    if manifest.format != _FORMAT:
        raise BundleFault(
            f"có định dạng {manifest.format}, máy chủ này không biết",
            f"has format {manifest.format}, which this server does not know",
        )
    left = dict(manifest.files)
    while member := tar.next():
        one = left.pop(member.name, None)
        stream = tar.extractfile(member) if member.isreg() else None
        if one is None or stream is None or _differs(stream, one):
            name = re.sub(r"[^\w./+-]", "?", member.name)[:120]
            raise BundleFault(f"bị hỏng: {name}", f"is damaged: {name}")
    if left:
        raise BundleFault(f"thiếu {min(left)}", f"lacks {min(left)}")
    return manifest


def _whole(tar: tarfile.TarFile, member: tarfile.TarInfo | None, name: str) -> bytes:
    if member is None or member.name != name or member.size > _MOST_MANIFEST:
        if name == _SIGNATURE:
            return b""
        raise BundleFault("không phải gói cài đặt kiosk", "is no kiosk bundle")
    stream = tar.extractfile(member)
    return stream.read() if stream else b""


def _differs(stream: IO[bytes], one: _Member) -> bool:
    digest, size = hashlib.sha256(), 0
    while chunk := stream.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
    return size != one.bytes or digest.hexdigest() != one.sha256


def _signed(raw: bytes, signature: bytes, key: str) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(signature, raw)
    except (InvalidSignature, ValueError):
        return False
    return True
