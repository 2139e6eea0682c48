"""The operating system's image: plain or xz, read once from start to end, its hash on the way."""

from __future__ import annotations

import hashlib
import lzma
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from kiosk.errors import ProvisionError

CHUNK = 4 << 20
_OS_RELEASE = re.compile(rb'VERSION_ID="\d+"\nVERSION="\d+ \((\w+)\)"\nVERSION_CODENAME=\1\n')
"""As ``/usr/lib/os-release`` of Debian has it. The file is smaller than a block of the file system,
so it lies whole in one chunk."""
_PYTHONS = {b"bullseye": "3.9", b"bookworm": "3.11", b"trixie": "3.13"}
"""Of Debian's releases (https://packages.debian.org/python3)."""


class ImageSource:
    """An image file, and what it must hash to."""

    def __init__(self, path: Path, sha256: str = "") -> None:
        self.path = path
        self._expected = sha256.lower() or _beside(path)

    @property
    def has_hash(self) -> bool:
        """Whether anything says what the file must be."""
        return bool(self._expected)

    def verify(self, told: Callable[[int], None]) -> None:
        """Hold the file, as it was downloaded, against its hash; ``told`` of the bytes done. Raises
        :class:`ProvisionError`."""
        digest, done = hashlib.sha256(), 0
        with self._open() as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                done += len(chunk)
                told(done)
        if digest.hexdigest() != self._expected:
            raise ProvisionError(
                "flash_image_hash", file=self.path, has=digest.hexdigest()[:16],
                needs=self._expected[:16],
            )  # fmt: skip

    def head(self, size: int) -> bytes:
        """The first ``size`` bytes of the image."""
        return next(self.chunks(size), b"")

    def chunks(self, size: int = CHUNK) -> Iterator[bytes]:
        """The image, unpacked, ``size`` bytes at a time. Raises :class:`ProvisionError`."""
        try:
            with self._open() as file:
                plain: IO[bytes] = lzma.LZMAFile(file) if _is_xz(file) else file  # noqa: SIM115
                while chunk := _exactly(plain, size):
                    yield chunk
        except (lzma.LZMAError, EOFError) as error:
            raise ProvisionError("flash_image", file=self.path, reason=error) from error

    def _open(self) -> IO[bytes]:
        try:
            return self.path.open("rb")
        except OSError as error:
            raise ProvisionError("flash_image", file=self.path, reason=error.strerror) from error


def python_in(chunk: bytes) -> str | None:
    """Which Python the system has whose ``os-release`` is in ``chunk``; ``None``: none that is
    known."""
    found = _OS_RELEASE.search(chunk)
    return _PYTHONS.get(found[1]) if found else None


def _is_xz(file: IO[bytes]) -> bool:
    magic = file.read(6)
    file.seek(0)
    return magic == b"\xfd7zXZ\0"


def _exactly(file: IO[bytes], size: int) -> bytes:
    parts, left = list[bytes](), size
    while left and (part := file.read(left)):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _beside(path: Path) -> str:
    """The hash in ``IMAGE.sha256``, which Raspberry Pi publishes beside each image."""
    try:
        said = path.with_name(f"{path.name}.sha256").read_text("ascii", "replace")
    except OSError:
        return ""
    match = re.match(r"[0-9a-fA-F]{64}\b", said)
    return match[0].lower() if match else ""
