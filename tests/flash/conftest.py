"""A small Raspberry Pi OS image, a small bundle and a site, made once for each test."""

from __future__ import annotations

import hashlib
import lzma
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from kiosk.provision.bundle import Manifest
from scripts.bundle import pack

MB = 1 << 20
SITE = """\
[device]
hostname = "kiosk-1"
ssh_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 technician"

[kiosk]
config = "config.toml"

[network]
wifi = { ssid = "Một cửa", password = "mat-khau-wifi" }

[central]
enrolment_token = "token-0123456789abcdef"
"""


@dataclass(frozen=True)
class Desk:
    """What lies on the technician's desk."""

    folder: Path

    @property
    def image(self) -> Path:
        return self.folder / "raspios.img.xz"

    @property
    def bundle(self) -> Path:
        return self.folder / "kiosk.bundle"

    @property
    def site(self) -> Path:
        return self.folder / "site.toml"

    def arguments(self, *more: str) -> list[str]:
        named = ["--image", self.image, "--bundle", self.bundle, "--config", self.site]
        return [*map(str, named), *more]


def make_image(
    path: Path, names: tuple[str, ...] = ("user-data", "meta-data"), release: str = "13 (trixie)"
) -> None:
    """MBR, 34 MB of FAT32 at 4 MB, 8 MB of root that is no file system; one of its blocks is
    ``os-release``."""
    plain = path.with_suffix("")
    boot_mb, root_mb = 34, 8
    table = struct.pack("<B3xB3xII", 0, 0x0C, 4 * 2048, boot_mb * 2048) + struct.pack(
        "<B3xB3xII", 0, 0x83, (4 + boot_mb) * 2048, root_mb * 2048
    )
    first = b"\x01" * 440 + b"KIOS\0\0" + table.ljust(64, b"\0") + b"\x55\xaa"
    plain.write_bytes(first.ljust((4 + boot_mb + root_mb) * MB, b"\0"))
    with plain.open("r+b") as file:
        file.seek((4 + boot_mb) * MB)
        file.write(bytes(range(256)) * (root_mb * MB // 256))
        file.seek((4 + boot_mb + 5) * MB)
        number, codename = release.rstrip(")").split(" (")
        file.write(
            f'PRETTY_NAME="Debian GNU/Linux {release}"\nNAME="Debian GNU/Linux"\n'
            f'VERSION_ID="{number}"\nVERSION="{release}"\nVERSION_CODENAME={codename}\n'.encode()
        )
    at = f"{plain}@@{4 * MB}"
    subprocess.run(
        ["mformat", "-i", at, "-F", "-T", str(boot_mb * 2048), "-h", "64", "-s", "32"], check=True
    )
    cmdline = path.with_name("cmdline.txt")
    cmdline.write_text("console=tty1 root=PARTUUID=534f494b-02 rootwait resize init=/usr/lib/x\n")
    subprocess.run(["mcopy", "-i", at, str(cmdline), "::cmdline.txt"], check=True)
    for name in names:
        subprocess.run(["mcopy", "-i", at, "/dev/null", f"::{name}"], check=True)
    path.write_bytes(lzma.compress(plain.read_bytes(), preset=0))
    plain.unlink()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    path.with_name(f"{path.name}.sha256").write_text(f"{digest}  {path.name}\n")


def make_bundle(path: Path, sign: pack.Sign | None = None) -> None:
    contents: dict[str, pack.Content] = {
        "provision/provision": b"#!/bin/sh\n",
        "units/kiosk.service": b"[Unit]\n",
        "wheels/x.whl": bytes(range(256)) * 4096,
    }
    members = {name: pack.member(name, content) for name, content in contents.items()}
    manifest = Manifest("1.0+1", 1, "arm64", "3.13", "0" * 64, 6, members)
    pack.write(path, manifest, contents, sign)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    make_image(folder / "raspios.img.xz")
    make_bundle(folder / "kiosk.bundle")
    return folder


@pytest.fixture
def desk(tmp_path: Path, made: Path) -> Desk:
    for file in made.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "site.toml").write_text(SITE, "utf-8")
    (tmp_path / "config.toml").write_text("[office]\n", "utf-8")
    return Desk(tmp_path)
