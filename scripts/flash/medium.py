"""Writing to a card, and reading back what is really on it."""

from __future__ import annotations

import fcntl
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from kiosk.errors import ProvisionError

_FLUSH = 0x1261
"""``BLKFLSBUF``: drop what the kernel keeps of a block device."""
_REREAD = 0x125F
"""``BLKRRPART``: read the partition table again."""
CHUNK = 4 << 20


class Medium:
    """A card, or the file of an image, open for writing.

    Remembers the hash of everything written, so that :meth:`read_back` can hold the medium
    against it.
    """

    def __init__(self, path: Path, size: int) -> None:
        self.path, self.size = path, size
        self._file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        self._is_block = stat.S_ISBLK(os.fstat(self._file).st_mode)
        self._written: list[tuple[int, int, str]] = []

    @property
    def written(self) -> int:
        """Bytes to read back."""
        return sum(size for _, size, _ in self._written)

    def write(self, offset: int, chunks: Iterable[bytes]) -> Iterator[int]:
        """Write ``chunks`` one after the other from ``offset``; yields the bytes done so far.

        Raises :class:`ProvisionError`.
        """
        done = 0
        for chunk in chunks:
            self._put(offset + done, chunk)
            self._written.append((offset + done, len(chunk), _hash(chunk)))
            done += len(chunk)
            yield done

    def put(self, offset: int, content: bytes) -> None:
        """Write a few bytes, not to be read back later."""
        self._put(offset, content)

    def sync(self) -> None:
        """Everything is on the medium, and nothing of it in the cache, when this returns."""
        os.fsync(self._file)
        if self._is_block:
            fcntl.ioctl(self._file, _FLUSH)
        os.posix_fadvise(self._file, 0, 0, os.POSIX_FADV_DONTNEED)

    def read_back(self) -> Iterator[int]:
        """Read everything again and compare; yields the bytes done so far.

        Raises :class:`ProvisionError` at the first place that differs.
        """
        done = 0
        for offset, size, expected in self._written:
            if _hash(self.read(offset, size)) != expected:
                raise ProvisionError("flash_read_back", device=self.path, megabyte=offset >> 20)
            done += size
            yield done

    def read(self, offset: int, size: int) -> bytes:
        """``size`` bytes from ``offset``. Raises :class:`ProvisionError`."""
        parts = list[bytes]()
        try:
            while size and (part := os.pread(self._file, size, offset)):
                parts.append(part)
                offset, size = offset + len(part), size - len(part)
        except OSError as error:
            raise ProvisionError("flash_io", device=self.path, reason=error.strerror) from error
        return b"".join(parts)

    def reread_table(self) -> None:
        """Tell the kernel of the new partitions; a card that is busy is told when it is put in."""
        if self._is_block:
            try:
                fcntl.ioctl(self._file, _REREAD)
            except OSError:
                return

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._file)

    def _put(self, offset: int, content: bytes) -> None:
        left = memoryview(content)
        try:
            while left:
                count = os.pwrite(self._file, left, offset)
                offset, left = offset + count, left[count:]
        except OSError as error:
            raise ProvisionError("flash_io", device=self.path, reason=error.strerror) from error


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
