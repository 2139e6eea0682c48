"""The card from inside: its boot partition, its partitions, and what flashing left there."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from kiosk.errors import ProvisionError
from kiosk.provision import durable
from kiosk.provision.machine import Machine

FOLDER = "kiosk"
"""On the boot partition: everything that flashing adds, but for the system's own files."""
COMPLETE = "complete.json"
"""Written last of all, after everything was read back: without it the card is half written."""
ORIGINAL = "cmdline.orig"
"""The image's own command line, to go back to."""


@dataclass(frozen=True, slots=True)
class Card:
    """The card this machine was started from."""

    boot: Path
    """Where the boot partition is mounted."""
    disk: Path | None
    """The whole card, ``None`` in a container."""
    root_device: Path | None
    bundle: Path
    """The partition that holds the bundle, or a file in a container."""

    @classmethod
    def find(cls, machine: Machine) -> Card:
        """Look where ``/`` comes from. Raises :class:`ProvisionError`."""
        boot = next(
            (path for name in ("/boot/firmware", "/boot")
             if (path := machine.path(name)) and (path / FOLDER).is_dir()),
            None,
        )  # fmt: skip
        if boot is None:
            raise ProvisionError("sd_incomplete")
        plain = boot / FOLDER / "bundle.tar"
        if plain.exists():
            return cls(boot, None, None, plain)
        root = Path(machine.run("findmnt", "--noheadings", "--output", "SOURCE", "/").strip())
        match = re.fullmatch(r"(.*?)(p?)2", str(root))
        if match is None:
            raise ProvisionError("sd_incomplete")
        disk = Path(match[1])
        return cls(boot, disk, root, Path(f"{disk}{match[2]}3"))

    @property
    def in_container(self) -> bool:
        """No partitions of its own: the data volume is mounted from outside."""
        return self.disk is None

    @property
    def folder(self) -> Path:
        """What flashing added to the boot partition."""
        return self.boot / FOLDER

    @property
    def site(self) -> Path:
        """The office's settings and secrets, until the first boot took them."""
        return self.folder / "site"

    def partition(self, number: int) -> Path:
        """The device of partition ``number``."""
        return Path(f"{str(self.bundle)[:-1]}{number}")

    def data_start(self) -> int:
        """Where the data partition begins, in bytes: as flashing planned it."""
        return int(self._complete()["data_start"])

    def is_whole(self) -> bool:
        """Whether flashing came to its end."""
        return bool(self._complete())

    def is_checked(self) -> bool:
        """Whether the bundle on this card was verified before."""
        return (self.folder / "checked").exists()

    def remember_checked(self) -> None:
        """Don't read the whole bundle again after a power cut."""
        durable.write(self.folder / "checked", b"")

    def wipe_site(self) -> None:
        """Overwrite and remove the office's files. A card's controller may keep old copies in
        cells it no longer shows; the token in them is good for one use only."""
        for path in sorted(self.site.glob("*")):
            with path.open("r+b") as file:
                file.write(b"\0" * path.stat().st_size)
                file.flush()
                os.fsync(file.fileno())
            path.unlink()
        if self.site.exists():
            self.site.rmdir()
        durable.sync_folder(self.folder)
        for name in ("user-data", "network-config", "firstrun.sh"):
            # They hold the Wi-Fi key; the system has taken what it needs.
            path = self.boot / name
            if path.exists():
                durable.write(path, b"#cloud-config\n" if name == "user-data" else b"")

    def restore_command_line(self, overlay: str) -> None:
        """The image's command line, without what the first boot was for, with ``init=``."""
        path = self.boot / "cmdline.txt"
        if not path.exists():
            return
        now = path.read_text("utf-8").split()
        durable.write(path, (" ".join(for_years(now, overlay)) + "\n").encode())

    def _complete(self) -> dict[str, int]:
        try:
            return json.loads((self.folder / COMPLETE).read_bytes())
        except (OSError, ValueError):
            return {}


def for_years(words: list[str], overlay: str) -> list[str]:
    """The kernel's command line of a card that is set up: started through ``overlay``."""
    dropped = re.compile(r"(init|systemd\.run(_\w+)?|systemd\.unit|ds)=.*|rw|resize|quiet")
    return [*(word for word in words if not dropped.fullmatch(word)), "ro", f"init={overlay}"]
