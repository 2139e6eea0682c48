"""The fast tier: the same first boot on amd64 under systemd-nspawn. No partitions, no kernel."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from kiosk.provision.card import COMPLETE, FOLDER
from scripts.flash import customise
from scripts.flash.site import load
from scripts.image.roots import unpacked

_CHECK = Path(__file__).parent / "nspawn-check.sh"
_UNIT = """\
[Unit]
ConditionPathExists=/usr/lib/kiosk/sealed
[Service]
ExecStart=/bin/sh /data/check.sh
[Install]
WantedBy=multi-user.target
"""


@dataclass(frozen=True, slots=True)
class Container:
    """A trixie root, a boot folder and a data volume in ``folder``."""

    folder: Path
    console: Path
    """Where the console's text goes; not in ``folder``, whose power may be cut."""
    neighbour: Sequence[str] = ()
    """A program that runs beside it, in the same network, which has no way out."""

    @property
    def data(self) -> Path:
        """What a card's fourth partition is."""
        return self.folder / "data"

    @property
    def root(self) -> Path:
        """What its second is."""
        return self.folder / "root"

    def prepare(self, site: Path, bundle: Path, service: str = "") -> None:
        """Lay everything out as ``flash.sh`` does; ``service`` is run in it once it is set
        up (default: the check of this tier)."""
        unpacked("amd64", self.root)
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir()
        boot = self.root / "boot/firmware"
        made = customise.files(load(site), "cloud-init", "root=/dev/sda2 resize", "kiosk-nspawn")
        made[f"{FOLDER}/{COMPLETE}"] = b'{"data_start": 0}'
        for name, content in made.items():
            path = boot / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        shutil.copyfile(bundle, boot / FOLDER / "bundle.tar")
        wants = self.root / "etc/systemd/system/multi-user.target.wants"
        (self.root / "etc/systemd/system/image-check.service").write_text(_UNIT)
        (wants / "image-check.service").symlink_to("../image-check.service")
        (self.data / "check.sh").write_text(service or _CHECK.read_text("utf-8"))

    @property
    def sealed(self) -> bool:
        """The first boot is through: from now on the root is read-only."""
        return (self.root / "usr/lib/kiosk/sealed").exists()

    def boot(self, timeout_s: float) -> str:
        """Run until it switches itself off or starts again; what the console said.

        After ``timeout_s`` everything inside is killed.
        """
        with self.console.open("wb") as console:
            process = self.start(console)
            try:
                process.wait(timeout_s)
            except subprocess.TimeoutExpired:
                pass
            finally:
                kill(process)
        return self.said()

    def said(self) -> str:
        """What the console said since the last start."""
        text = self.console.read_text("utf-8", "replace")
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)

    def start(self, console: IO[bytes]) -> subprocess.Popen[bytes]:
        """Switch on."""
        options = "--volatile=overlay" if self.sealed else ""
        beside = f"{shlex.join(self.neighbour)} >{self.console}.beside 2>&1 &" * bool(
            self.neighbour
        )
        # PID 1 here may be no systemd, and the control groups the old ones: a mount namespace with
        # the new ones hides both.
        script = f"""
            mount --make-rprivate / && umount -R /sys/fs/cgroup 2>/dev/null
            mount -t cgroup2 cgroup2 /sys/fs/cgroup && mkdir -p /run/systemd/system || exit
            ip link set lo up
            {beside}
            systemd-nspawn -q -D {self.root} --bind={self.data}:/data --register=no --keep-unit \\
                --capability=CAP_NET_ADMIN --boot --console=read-only --kill-signal=SIGKILL \\
                {options}
            status=$?
            kill $(jobs -p) 2>/dev/null
            exit $status
        """
        return subprocess.Popen(
            ["unshare", "--mount", "--net", "bash", "-c", script],
            stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a container's manager and its PID 1, with which everything inside ends; nothing when
    it has ended."""
    for pid in (*_below(process.pid), process.pid):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()


def _below(pid: int) -> list[int]:
    """Every descendant of ``pid``."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    except OSError:
        return []
    return [one for child in map(int, children) for one in (child, *_below(child))]
