"""Debian trixie as Raspberry Pi OS Lite lays it out: made once, kept in ``.cache/image``."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
CACHE = ROOT / ".cache/image"
_PACKAGES = [
    "systemd", "systemd-sysv", "systemd-timesyncd", "systemd-resolved", "dbus", "udev", "kmod",
    "python3", "python3-venv", "ca-certificates", "openssl", "locales", "fdisk",
    "util-linux-extra", "e2fsprogs", "dosfstools", "console-setup", "kbd", "openssh-server",
    "iproute2", "netbase", "tzdata", "sudo", "libc-bin", "init", "apt", "cloud-init",
    "netplan.io", "iputils-ping",
]  # fmt: skip
_KERNEL = {"arm64": ["linux-image-cloud-arm64", "initramfs-tools", "zstd"], "amd64": []}
# Each package that comes after it would have it made anew, ten emulated minutes each time; with
# every module there is it takes ten minutes even once.
_SMALL_INITRAMFS = (
    'cd "$1" && mkdir -p etc/initramfs-tools/conf.d && '
    "echo update_initramfs=no >etc/initramfs-tools/update-initramfs.conf && "
    "echo MODULES=list >etc/initramfs-tools/conf.d/emulated && "
    r"printf '%s\n' virtio_pci virtio_blk virtio_rng ext4 crc32c >etc/initramfs-tools/modules"
)
# What is true while the root is made must not be so for the packages of the first boot.
_SAFE_AGAIN = 'sed -i /force-unsafe-io/d "$1"/etc/dpkg/dpkg.cfg.d/*'
_PATIENT = """\
[Manager]
DefaultTimeoutStartSec=30min
DefaultDeviceTimeoutSec=30min
DefaultEnvironment=SYSTEMD_BUS_TIMEOUT=30min
"""
_PATIENT_UNIT = """\
[Service]
TimeoutStartSec=30min
WatchdogSec=10min
"""
"""An emulated machine is some thirty times slower than a Raspberry Pi."""
_BINFMT = Path("/proc/sys/fs/binfmt_misc")
_AARCH64 = (
    r":qemu-aarch64:M::\x7f\x45\x4c\x46\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00"
    r"\xb7\x00:\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:"
    "/usr/bin/qemu-aarch64-static:F"
)


def tar_of(arch: str) -> Path:
    """The root file system of ``arch``, made when it is not there: a minute natively, half an
    hour under emulation on a busy machine."""
    tar = CACHE / f"root-{arch}.tar"
    if not tar.exists():
        if arch == "arm64":
            teach_kernel_arm64()
        CACHE.mkdir(parents=True, exist_ok=True)
        aside = tar.with_suffix(".part.tar")
        include = ",".join([*_PACKAGES, *_KERNEL[arch]])
        print(f"debian trixie {arch} …", file=sys.stderr, flush=True)
        subprocess.run(
            ["mmdebstrap", "--quiet", f"--architectures={arch}", "--variant=minbase",
             f"--include={include}", "--dpkgopt=path-exclude=/usr/share/doc/*",
             "--dpkgopt=path-exclude=/usr/share/man/*", "--dpkgopt=force-confold",
             "--dpkgopt=force-unsafe-io", f"--essential-hook={_SMALL_INITRAMFS}",
             f"--customize-hook={_SAFE_AGAIN}", "trixie", str(aside), "http://deb.debian.org/debian"],
            check=True,
        )  # fmt: skip
        aside.replace(tar)
    return tar


def teach_kernel_arm64() -> None:
    """Have this kernel run programs of arm64 under qemu-user."""
    if not (_BINFMT / "register").exists():
        subprocess.run(["mount", "-t", "binfmt_misc", "binfmt_misc", str(_BINFMT)], check=True)
    if not (_BINFMT / "qemu-aarch64").exists():
        (_BINFMT / "register").write_text(_AARCH64)


def unpacked(arch: str, into: Path) -> Path:
    """The root of ``arch``, freshly unpacked as a Raspberry Pi OS of this year."""
    if into.exists():
        shutil.rmtree(into)
    into.mkdir(parents=True)
    subprocess.run(["tar", "-xf", str(tar_of(arch)), "-C", str(into)], check=True)
    (into / "boot/firmware").mkdir(exist_ok=True)
    seed = 'datasource_list: [NoCloud, None]\ndatasource: {NoCloud: {seedfrom: "file:///boot/firmware/"}}\n'
    (into / "etc/cloud/cloud.cfg.d/99_raspberry-pi.cfg").write_text(seed)
    if arch == "arm64":
        (into / "etc/systemd/system.conf.d").mkdir(exist_ok=True)
        (into / "etc/systemd/system.conf.d/emulated.conf").write_text(_PATIENT)
        for unit in ("kiosk", "kiosk-safe", "kiosk-sync", "systemd-udevd", "systemd-journald"):
            folder = into / f"etc/systemd/system/{unit}.service.d"
            folder.mkdir()
            (folder / "emulated.conf").write_text(_PATIENT_UNIT)
    (into / "etc/fstab").write_text(
        "LABEL=BOOTFS /boot/firmware vfat defaults 0 2\nLABEL=rootfs / ext4 defaults,noatime 0 1\n"
        if arch == "arm64"
        else ""
    )
    return into
