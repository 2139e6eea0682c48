"""Newer releases, fetched from central while nobody is served.

A release is fetched piece by piece over as many nights as the line needs, held against the hash
central announced, and left for root, who believes none of it before the publisher's signature was
checked (:mod:`kiosk.provision.update`).
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import UUID

from kiosk.errors import ProvisionError
from kiosk.provision.bundle import Manifest
from kiosk.provision.slot_file import SlotFile
from kiosk.provision.update import misfit
from kiosk.store import durable
from wire import Release, Releases

_log = logging.getLogger(__name__)

_WITHDRAWN = "withdrawn"
_INSTALLED = 3
"""An installed release is some three times its bundle; it must fit beside the one that runs."""
_PIECE = 4 << 20
"""Bytes after which the hours and the progress are looked at, and what came is put on disk."""


class Source(Protocol):
    """Central's part."""

    def releases(self, arch: str) -> Releases:
        """Which releases there are for machines of ``arch``."""
        ...

    def bundle(
        self, sha256: str, start: int
    ) -> AbstractContextManager[tuple[int, Iterator[bytes]]]:
        """A bundle from byte ``start`` on: where what comes begins, and what comes."""
        ...


def _unseen(share: float) -> None:
    del share


@dataclass(frozen=True, slots=True)
class Fetching:
    """What is needed to fetch a release."""

    folder: Path
    slots: SlotFile
    central: Source
    device: UUID
    is_quiet: Callable[[], bool]
    """Whether nobody is served now, who would have to share the line."""
    progress: Callable[[float], None] = _unseen
    """Told the share that is there."""
    free: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free

    def run(self) -> Release | None:
        """Ask central and, at a quiet hour, fetch; the release that lies there whole then.

        Raises :class:`SyncError`, :class:`StoreError` and :class:`ProvisionError`; what has come
        by then is kept and gone on from.
        """
        now = self.slots.manifest(self.slots.read().good)
        told = self.central.releases(now.arch)
        durable.replace(self.folder / _WITHDRAWN, "\n".join(told.withdrawn).encode())
        release = self._wanted(told)
        self._tidy(release)
        if release is None:
            return None
        whole = self.folder / f"{release.sha256}.bundle"
        if not whole.exists() and not self._fetch(release, whole):
            return None
        return release

    def _wanted(self, told: Releases) -> Release | None:
        withdrawn = set(told.withdrawn)
        for release in sorted(told.offered, key=lambda one: one.built, reverse=True):
            if release.version in withdrawn or not release.is_for(self.device):
                continue
            error = misfit(self.slots, _described(release))
            if error is None:
                return release
            _log.info("%s", error.both())
        return None

    def _tidy(self, release: Release | None) -> None:
        """Remove what is of no use any more: installed, withdrawn, overtaken."""
        for path in (*self.folder.glob("*.bundle"), *self.folder.glob("*.part")):
            if release is None or path.stem != release.sha256:
                path.unlink()

    def _fetch(self, release: Release, whole: Path) -> bool:
        part = whole.with_suffix(".part")
        there = part.stat().st_size if part.exists() else 0
        if there < release.bytes:
            if not self.is_quiet():
                return False
            self._need_room(release, there)
            if not self._receive(release, part, there):
                return False
        with part.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest != release.sha256:
            part.unlink()
            raise ProvisionError("update_garbled", version=release.version)
        part.replace(whole)
        durable.sync_folder(self.folder)
        return True

    def _need_room(self, release: Release, there: int) -> None:
        needs, free = (1 + _INSTALLED) * release.bytes - there, self.free(self.folder)
        if free < needs:
            raise ProvisionError(
                "update_space",
                version=release.version,
                needs=f"{needs / 1e9:.1f}",
                free=f"{free / 1e9:.1f}",
            )

    def _receive(self, release: Release, part: Path, there: int) -> bool:
        """Add what is missing to ``part``; False when the office opened meanwhile, or the line
        broke off unnoticed."""
        with (
            self.central.bundle(release.sha256, there) as (start, chunks),
            part.open("r+b" if there else "wb") as file,
        ):
            file.truncate(start)
            at = on_disk = file.seek(start)
            for chunk in chunks:
                at += file.write(chunk)
                if at > release.bytes:
                    break  # too much: the hash will not be right
                if at - on_disk < _PIECE:
                    continue
                on_disk = _put_on_disk(file.fileno(), file.flush, at)
                self.progress(at / release.bytes)
                if not self.is_quiet():
                    return False
            _put_on_disk(file.fileno(), file.flush, at)
        return at >= release.bytes


def _described(release: Release) -> Manifest:
    """As far as central tells."""
    of = (release.version, release.built, release.arch, release.python, release.system)
    return Manifest(*of, schema=0, members={})


def _put_on_disk(descriptor: int, flush: Callable[[], None], at: int) -> int:
    flush()
    os.fsync(descriptor)
    return at


def withdrawn_in(folder: Path) -> frozenset[str]:
    """The versions central withdrew, as it said last; none where it was never asked."""
    try:
        return frozenset((folder / _WITHDRAWN).read_text("utf-8", "replace").split())
    except OSError:
        return frozenset()
