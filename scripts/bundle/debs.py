"""The Debian packages: resolved once into a lock file, then fetched as locked.

apt does the resolving, in a folder of its own, for another architecture and another release than
this machine's. What Raspberry Pi OS Lite brings is taken to be there; the rest travels. On the
kiosk apt takes from the bundle what that one system misses (:mod:`kiosk.provision.steps`).
"""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.bundle.target import SUITE, Target

_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
_THERE = ("systemd-sysv", "udev", "dbus", "python3", "ca-certificates", "openssl", "fdisk",
          "e2fsprogs", "kbd", "console-setup", "locales", "sudo", "openssh-server", "apt",
          "cloud-init", "netplan.io", "systemd-timesyncd", "init", "tzdata")  # fmt: skip
"""On every Raspberry Pi OS Lite; what they depend on is there too."""


class LockOutdated(Exception):
    """The archive no longer holds what the lock file names."""


@dataclass(frozen=True, slots=True, order=True)
class Deb:
    """One package file of the archive."""

    name: str
    version: str
    sha256: str
    bytes: int
    path: str
    """Below the archive's root: ``pool/main/…``."""

    @property
    def file(self) -> str:
        return self.path.rsplit("/", 1)[-1]

    def line(self) -> str:
        return f"{self.name} {self.version} {self.sha256} {self.bytes} {self.path}\n"


def read_lock(path: Path) -> list[Deb]:
    """The packages that ``path`` names."""
    entries = [line.split() for line in path.read_text("utf-8").splitlines() if line[:1] != "#"]
    return [Deb(name, version, sha, int(size), at) for name, version, sha, size, at in entries]


class Archive:
    """apt in a folder of its own, for ``target``."""

    def __init__(self, target: Target, folder: Path) -> None:
        self._target = target
        self._folder = folder.resolve()
        for below in ("state/lists/partial", "cache/archives/partial", "etc/apt.conf.d",
                      "etc/preferences.d", "etc/trusted.gpg.d"):  # fmt: skip
            (self._folder / below).mkdir(parents=True, exist_ok=True)
        (self._folder / "status").touch()
        suites = {"debian": f"{SUITE} {SUITE}-updates", "debian-security": f"{SUITE}-security"}
        (self._folder / "etc/archive.sources").write_text(
            "".join(
                f"Types: deb\nURIs: http://deb.debian.org/{archive}\nSuites: {names}\n"
                f"Components: main\nArchitectures: {target.debian}\nSigned-By: {_KEYRING}\n\n"
                for archive, names in suites.items()
            ),
            encoding="utf-8",
        )

    def update(self) -> None:
        """Read the archive's lists anew."""
        self._apt("update")

    def resolve(self, wanted: Sequence[str]) -> list[Deb]:
        """Every package that ``wanted`` needs beyond :data:`_THERE`, in order of name."""
        needed = self._closure((*_THERE, *wanted)) - self._closure(_THERE)
        asked = [f"{name}={version}" for name, version in sorted(needed)]
        return sorted(_records(self._run("apt-cache", "show", "--no-all-versions", *asked)))

    def fetch(self, debs: Sequence[Deb], into: Path) -> list[Path]:
        """Download exactly ``debs``. Raises :class:`LockOutdated`."""
        into.mkdir(parents=True, exist_ok=True)
        missing = [deb for deb in debs if not _is(into / deb.file, deb)]
        if missing:
            wanted = [f"{deb.name}:{self._target.debian}={deb.version}" for deb in missing]
            try:
                self.update()  # the lists of another day name files the archive has dropped
                self._apt("download", *wanted, cwd=into)
            except subprocess.CalledProcessError as error:
                raise LockOutdated(_shortened(error.stderr)) from error
        for deb in missing:
            _take_plain_name(deb, into)
        return [into / deb.file for deb in debs]

    def _closure(self, names: Sequence[str]) -> set[tuple[str, str]]:
        said = self._apt("--simulate", "--no-install-recommends", "install", *names)
        return set(_installs(said))

    def _apt(self, *arguments: str, cwd: Path | None = None) -> str:
        return self._run("apt-get", "-qq", *arguments, cwd=cwd)

    def _run(self, program: str, *arguments: str, cwd: Path | None = None) -> str:
        at = self._folder
        options = {
            "Dir": at, "Dir::State": at / "state", "Dir::State::status": at / "status",
            "Dir::Cache": at / "cache", "Dir::Etc": at / "etc",
            "Dir::Etc::SourceList": at / "etc/archive.sources", "Dir::Etc::SourceParts": "-",
            "APT::Architecture": self._target.debian,
            "APT::Architectures": self._target.debian,
            "APT::Sandbox::User": "root",
        }  # fmt: skip
        given = [part for key, value in options.items() for part in ("-o", f"{key}={value}")]
        done = subprocess.run(
            [program, *given, *arguments], check=True, capture_output=True, text=True, cwd=cwd
        )
        return done.stdout


def _shortened(said: str) -> str:
    first, *others = said.strip().splitlines() or [""]
    return f"{first} … +{len(others)}" if others else first


def _installs(said: str) -> Iterator[tuple[str, str]]:
    """``Inst name (version suite [arch])`` → name, version."""
    for line in said.splitlines():
        if line.startswith("Inst "):
            words = line.split()
            yield words[1], next(word for word in words if word.startswith("(")).lstrip("(")


def _records(said: str) -> Iterator[Deb]:
    for record in said.strip().split("\n\n"):
        lines = (line.partition(": ") for line in record.splitlines() if line[:1] != " ")
        of = {name: value for name, _, value in lines}
        yield Deb(of["Package"], of["Version"], of["SHA256"], int(of["Size"]), of["Filename"])


def _take_plain_name(deb: Deb, folder: Path) -> None:
    """apt writes an epoch's colon as ``%3a``; the archive leaves the epoch out."""
    fetched = folder / f"{deb.name}_{deb.version.replace(':', '%3a')}_{deb.file.rsplit('_', 1)[1]}"
    fetched.replace(folder / deb.file)
    if not _is(folder / deb.file, deb):
        raise LockOutdated(f"{deb.name} {deb.version}: another sha256")


def _is(file: Path, deb: Deb) -> bool:
    return file.exists() and _sha256(file) == deb.sha256


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
