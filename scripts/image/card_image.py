"""A Raspberry Pi OS image as it is downloaded: MBR, FAT32 ``bootfs``, ext4 ``rootfs``, xz."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path
from typing import Literal

from scripts.image.roots import CACHE, unpacked

_MB = 1 << 20
_START, _BOOT, _ROOT = 8, 256, 1400
Style = Literal["cloud-init", "firstrun"]
WANTED = ("image: READY", "image: PRINTED", "image: root overlay", "image: verify 0")
END = "image: END"
_CHECK = f"""\
#!/bin/sh
# Part of the test alone. Once the card is set up: say on the serial line how the kiosk is.
while ! systemctl is-active --quiet kiosk.service; do sleep 10; done
echo "image: READY"
while ! find /data/state/paper -name '*.png' | grep -q .; do sleep 5; done
echo "image: PRINTED"
echo "image: root $(findmnt --noheadings --output FSTYPE /)"
systemd-analyze verify /run/systemd/system/*.service /run/systemd/system/*.timer \\
    /run/systemd/system/*.target /etc/systemd/system/provision-*.service
echo "image: verify $?"
systemctl list-units --state=failed --no-legend --plain
sync
echo "{END}"
"""
_CHECK_UNIT = """\
[Unit]
ConditionPathExists=/usr/lib/kiosk/sealed
[Service]
ExecStart=/usr/local/bin/image-check
StandardOutput=journal+console
StandardError=journal+console
[Install]
WantedBy=multi-user.target
"""


def build(style: Style) -> Path:
    """The arm64 image whose first boot is told things in ``style``; kept in the cache."""
    image = CACHE / f"raspios-{style}.img"
    if image.exists():
        return image
    root = unpacked("arm64", CACHE / "root-arm64")
    if style == "firstrun":
        (root / "etc/cloud/cloud-init.disabled").touch()
    check, units = root / "usr/local/bin/image-check", root / "etc/systemd/system"
    check.write_text(_CHECK)
    check.chmod(0o755)
    (units / "image-check.service").write_text(_CHECK_UNIT)
    (units / "multi-user.target.wants/image-check.service").symlink_to("../image-check.service")
    boot = CACHE / "bootfs"
    shutil.rmtree(boot, ignore_errors=True)
    boot.mkdir()
    shutil.copyfile(next((root / "boot").glob("vmlinuz-*")), boot / "kernel8.img")
    shutil.copyfile(next((root / "boot").glob("initrd.img-*")), boot / "initramfs8")
    (boot / "cmdline.txt").write_text("console=ttyAMA0 root=/dev/vda2 rootwait resize rw\n")
    (boot / "config.txt").write_text("arm_64bit=1\nauto_initramfs=1\n")
    if style == "cloud-init":
        (boot / "meta-data").write_text("instance-id: rpi-image\n")
        (boot / "user-data").write_text("#cloud-config\n")
    _assemble(image, boot, root)
    shutil.rmtree(root)
    with image.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    image.with_name(f"{image.name}.sha256").write_text(f"{digest}  {image.name}\n")
    return image


def _assemble(image: Path, boot: Path, root: Path) -> None:
    aside, fat = image.with_suffix(".part"), image.with_suffix(".fat")
    for path, megabytes in ((aside, _START + _BOOT + _ROOT), (fat, _BOOT)):
        path.unlink(missing_ok=True)
        with path.open("wb") as file:
            file.truncate(megabytes * _MB)
    table = (
        "label: dos\nlabel-id: 0x1a2b3c4d\n"
        f"start={_START * 2048},size={_BOOT * 2048},type=c\n"
        f"start={(_START + _BOOT) * 2048},size={_ROOT * 2048},type=83\n"
    )
    subprocess.run(["sfdisk", "-q", str(aside)], input=table, text=True, check=True)
    subprocess.run(["mkfs.vfat", "-F32", "-n", "BOOTFS", str(fat)], check=True, capture_output=True)
    subprocess.run(["mcopy", "-s", "-i", str(fat), *map(str, boot.iterdir()), "::"], check=True)
    subprocess.run(["dd", f"if={fat}", f"of={aside}", "bs=1M", f"seek={_START}",
                    "conv=notrunc,sparse", "status=none"], check=True)  # fmt: skip
    fat.unlink()
    subprocess.run(["mke2fs", "-q", "-t", "ext4", "-L", "rootfs",
                    "-E", f"offset={(_START + _BOOT) * _MB}", "-d", str(root), str(aside),
                    f"{_ROOT}M"], check=True)  # fmt: skip
    aside.replace(image)
