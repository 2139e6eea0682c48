"""The boot partition's FAT file system, by mtools: no mount, no kernel that knows FAT."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from kiosk.errors import ProvisionError


class BootFiles:
    """The FAT file system that begins ``offset`` bytes into ``image``."""

    def __init__(self, image: Path, offset: int = 0) -> None:
        self._drive = f"{image}@@{offset}"

    def names(self, folder: str = "") -> list[str]:
        """What lies in ``folder``. Raises :class:`ProvisionError`."""
        said = self._mtools("mdir", "-b", "-i", self._drive, f"::{folder}")
        return [line.rstrip("/").rsplit("/", 1)[-1] for line in said.splitlines() if line]

    def read(self, path: str) -> bytes:
        """A file's content, empty when there is none of that name."""
        done = subprocess.run(
            ["mtype", "-i", self._drive, f"::{path}"], capture_output=True, env=_environment()
        )
        return done.stdout if done.returncode == 0 else b""

    def write(self, files: Mapping[str, bytes]) -> None:
        """Write ``files``, and read each back. Raises :class:`ProvisionError`."""
        for folder in sorted({parent for path in files for parent in _parents(path)}):
            self._mtools("mmd", "-D", "s", "-i", self._drive, f"::{folder}", may_fail=True)
        with tempfile.TemporaryDirectory() as scratch:
            for path, content in files.items():
                source = Path(scratch, "file")
                source.write_bytes(content)
                self._mtools("mcopy", "-o", "-i", self._drive, str(source), f"::{path}")
                if self.read(path) != content:
                    raise ProvisionError("flash_boot_files", reason=path)

    def _mtools(self, *command: str, may_fail: bool = False) -> str:
        done = subprocess.run(command, capture_output=True, text=True, env=_environment())
        if done.returncode and not may_fail:
            last = (done.stderr.strip().splitlines() or [command[0]])[-1]
            raise ProvisionError("flash_boot_files", reason=last)
        return done.stdout


def _environment() -> dict[str, str]:
    # Images are cut without regard to tracks and heads, which mtools would complain about.
    return {**os.environ, "MTOOLS_SKIP_CHECK": "1"}


def _parents(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[: end + 1]) for end in range(len(parts))]
