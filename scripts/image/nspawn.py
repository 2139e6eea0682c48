"""The fast tier: the same first boot on amd64 under systemd-nspawn. No partitions, no kernel."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from kiosk.provision.card import COMPLETE, FOLDER
from scripts.flash import customise
from scripts.flash.site import load
from scripts.image.roots import unpacked

_CHECK = """\
#!/bin/sh
# Run inside, once the kiosk had time to start; the answers go to the data volume.
exec >/data/check.txt 2>&1
for second in $(seq 240); do
    [ "$(systemctl is-active kiosk.service)" = active ] && ls /data/state/paper/*.png && break
    sleep 1
done
echo "== failed"; systemctl list-units --state=failed --no-legend --plain
echo "== verify"
systemd-analyze verify /run/systemd/system/*.service /run/systemd/system/*.timer \\
    /run/systemd/system/*.target /etc/systemd/system/provision-*.service
echo "status $?"
echo "== security"
for unit in kiosk kiosk-sync kiosk-safe kiosk-enrol kiosk-health kiosk-fetch kiosk-retention \\
    kiosk-backup; do
    exposure=$(systemd-analyze security $unit.service --no-pager | tail -1)
    echo "$unit $(echo "$exposure" | grep -o '[0-9]\\.[0-9]')"
done
echo "== active"; systemctl is-active kiosk.service kiosk-sync.service
echo "== root"; touch /usr/x && ls -d /usr/x
echo "== safe"
# A kiosk that cannot start hands over to the safe screen, and is tried again later.
until_active() {
    for second in $(seq 180); do
        [ "$(systemctl is-active $1)" = active ] && break
        sleep 1
    done
    systemctl is-active kiosk.service kiosk-safe.service
}
broken=/run/systemd/system/kiosk.service.d/99-broken.conf
printf '[Service]\\nExecStart=\\nExecStart=/bin/false\\n' >$broken
systemctl daemon-reload
systemctl --no-block restart kiosk.service
until_active kiosk-safe.service
rm $broken
systemctl daemon-reload
systemctl start provision-retry.service
until_active kiosk.service
echo "== log"; journalctl -b -u kiosk -u kiosk-sync -u provision-select --no-pager
sync
systemctl --no-block poweroff
"""
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

    @property
    def data(self) -> Path:
        """What a card's fourth partition is."""
        return self.folder / "data"

    @property
    def root(self) -> Path:
        """What its second is."""
        return self.folder / "root"

    def prepare(self, site: Path, bundle: Path, service: str = _CHECK) -> None:
        """Lay everything out as ``flash.sh`` does; ``service`` is run in it once it is set up."""
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
        (self.data / "check.sh").write_text(service)

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
                kill(process)
        return self.said()

    def said(self) -> str:
        """What the console said since the last start."""
        text = self.console.read_text("utf-8", "replace")
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)

    def start(self, console: IO[bytes]) -> subprocess.Popen[bytes]:
        """Switch on."""
        overlay = self.sealed
        options = "--volatile=overlay" if overlay else ""
        # PID 1 here may be no systemd, and the control groups the old ones: a mount namespace with
        # the new ones hides both.
        script = (
            "mount --make-rprivate / && umount -R /sys/fs/cgroup 2>/dev/null; "
            "mount -t cgroup2 cgroup2 /sys/fs/cgroup && mkdir -p /run/systemd/system && "
            f"exec systemd-nspawn -q -D {self.root} "
            f"--bind={self.data}:/data --register=no --keep-unit --private-network --boot "
            f"--console=read-only --kill-signal=SIGKILL {options}"
        )
        return subprocess.Popen(
            ["unshare", "-m", "bash", "-c", script],
            stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a container's manager and its PID 1, with which everything inside ends."""
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
