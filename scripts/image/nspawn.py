"""The fast tier: the same first boot on amd64 under systemd-nspawn. No partitions, no kernel."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

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
for unit in kiosk kiosk-sync kiosk-safe kiosk-enrol kiosk-health kiosk-retention kiosk-backup; do
    echo "$unit $(systemd-analyze security $unit.service --no-pager | tail -1 | grep -o '[0-9.]* ')"
done
echo "== active"; systemctl is-active kiosk.service kiosk-sync.service
echo "== root"; touch /usr/x && ls -d /usr/x
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

    @property
    def data(self) -> Path:
        """What a card's fourth partition is."""
        return self.folder / "data"

    @property
    def root(self) -> Path:
        """What its second is."""
        return self.folder / "root"

    def prepare(self, site: Path, bundle: Path) -> None:
        """Lay everything out as ``flash.sh`` does."""
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
        os.link(bundle, boot / FOLDER / "bundle.tar")
        wants = self.root / "etc/systemd/system/multi-user.target.wants"
        (self.root / "etc/systemd/system/image-check.service").write_text(_UNIT)
        (wants / "image-check.service").symlink_to("../image-check.service")
        (self.data / "check.sh").write_text(_CHECK)

    def boot(self, timeout_s: float, *, overlay: bool) -> str:
        """Run until it switches itself off or starts again; what the console said.

        Raises :class:`subprocess.TimeoutExpired`; everything inside is killed then.
        """
        options = "--volatile=overlay" if overlay else ""
        # PID 1 here may be no systemd, and the control groups the old ones: a mount namespace with
        # the new ones hides both.
        script = (
            "mount --make-rprivate / && umount -R /sys/fs/cgroup 2>/dev/null; "
            "mount -t cgroup2 cgroup2 /sys/fs/cgroup && mkdir -p /run/systemd/system && "
            f"exec timeout -s KILL {timeout_s:.0f} systemd-nspawn -q -D {self.root} "
            f"--bind={self.data}:/data --register=no --keep-unit --private-network --boot "
            f"--console=read-only --kill-signal=SIGKILL {options}"
        )
        done = subprocess.run(
            ["unshare", "-m", "bash", "-c", script], capture_output=True, text=True, check=False
        )
        return done.stdout + done.stderr
