"""An ext4 file system whose power can be cut.

``EXT4_IOC_SHUTDOWN`` without flushing the journal is what xfstests simulates a crash with: from
that moment nothing more reaches the disk, and what was only in memory never was there. The next
mount replays the journal, as after the real thing.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import struct
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

_SHUTDOWN = 0x8004587D
"""``_IOR('X', 125, __u32)``"""
_NO_LOG_FLUSH = 2
_PATIENCE_S = 10.0


@dataclass(frozen=True, slots=True)
class Volume:
    """The file system in the file ``image``, seen at ``at`` while it is mounted."""

    image: Path
    at: Path

    def make(self, gigabytes: int) -> None:
        """Make it anew and empty."""
        self.unmount()
        self.image.unlink(missing_ok=True)
        with self.image.open("wb") as file:
            file.truncate(gigabytes << 30)
        subprocess.run(["mkfs.ext4", "-q", "-F", str(self.image)], check=True)
        self.mount()

    def copy_of(self, other: Path) -> None:
        """Make it the same as the file ``other``."""
        self.unmount()
        subprocess.run(["cp", "--sparse=always", str(other), str(self.image)], check=True)
        self.mount()

    def mount(self) -> None:
        """Mount it; the journal is replayed. Raises :class:`subprocess.CalledProcessError`."""
        self.at.mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", "-o", "loop", str(self.image), str(self.at)], check=True)

    def cut_power(self) -> None:
        """Nothing that is not on disk by now will ever be."""
        folder = os.open(self.at, os.O_RDONLY)
        try:
            fcntl.ioctl(folder, _SHUTDOWN, struct.pack("I", _NO_LOG_FLUSH))
        finally:
            os.close(folder)

    def unmount(self) -> None:
        """Unmount it, if it is mounted."""
        while self._mounted():
            subprocess.run(["umount", str(self.at)], check=True)
        # A mount namespace that was made meanwhile, of another container say, keeps the file system
        # alive for as long as it lives; a mount would find it as dead as it was left. Then a copy
        # goes on, as the bytes on a disk would.
        ends = time.monotonic() + _PATIENCE_S
        while self._attached():
            if time.monotonic() > ends:
                aside = self.image.with_suffix(".copy")
                subprocess.run(["cp", "--sparse=always", str(self.image), str(aside)], check=True)
                aside.replace(self.image)
            time.sleep(0.1)

    def _attached(self) -> bool:
        said = subprocess.run(
            ["losetup", "--associated", str(self.image)], capture_output=True, text=True, check=True
        )
        return bool(said.stdout.strip())

    def _mounted(self) -> bool:
        # Not os.path.ismount: without power the folder cannot even be looked at.
        lines = Path("/proc/self/mounts").read_text("utf-8").splitlines()
        return any(line.split()[1] == str(self.at.absolute()) for line in lines)

    def keep(self, at: Path) -> None:
        """Copy the unmounted file to ``at``."""
        self.unmount()
        subprocess.run(["cp", "--sparse=always", str(self.image), str(at)], check=True)
        self.mount()

    def discard(self) -> None:
        """Unmount and remove it."""
        self.unmount()
        self.image.unlink(missing_ok=True)
        shutil.rmtree(self.at, ignore_errors=True)
