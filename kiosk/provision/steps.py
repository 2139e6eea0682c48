"""The steps of the first boot, in order. Each may be cut off by a power cut anywhere and is then
done again from its beginning; a step that is through is recognised by what it leaves behind.

On the device, as root. ``Context`` holds where things are; the card's boot partition holds what
``scripts/flash`` put there.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kiosk.errors import ProvisionError
from kiosk.provision import durable, release
from kiosk.provision.bundle import Bundle
from kiosk.provision.card import Card
from kiosk.provision.machine import Machine, asks
from kiosk.provision.slot_file import SlotFile
from kiosk.provision.slots import Slots

DATA = "/data"
LABEL = "kiosk-data"
SEALED = "/usr/lib/kiosk/sealed"
_MARK = ".kiosk-data"
_SYSTEM = "/usr/lib/kiosk/system-installed"
_INSTALLED = "/usr/lib/kiosk/packages-installed"

# nofail: without its data a kiosk must still start and say so on its screen.
_DATA_LINE = f"LABEL={LABEL} {DATA} ext4 noatime,nofail,x-systemd.device-timeout=90s 0 2"
_STATES = "${Package} ${db:Status-Eflag} ${db:Status-Status}\n"

Share = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Context:
    """What every step knows."""

    machine: Machine
    card: Card
    """The boot partition and the bundle."""

    def path(self, absolute: str) -> Path:
        """The file or folder ``absolute`` of the machine."""
        return self.machine.path(absolute)


@dataclass(frozen=True, slots=True)
class Step:
    """One step. ``done`` looks whether it is through; ``do`` does it from the beginning."""

    name: str
    done: Callable[[Context], bool]
    do: Callable[[Context, Share], None]


def _check(context: Context, share: Share) -> None:
    with Bundle.open(context.card.bundle) as bundle:
        arch = context.machine.run("dpkg", "--print-architecture").strip()
        if bundle.manifest.arch != arch:
            raise ProvisionError("bundle_arch", has=bundle.manifest.arch, needs=arch)
        said = context.machine.run("python3", "--version")  # Python 3.13.5
        python = ".".join(said.split()[-1].split(".")[:2])
        if bundle.manifest.python != python:
            raise ProvisionError("bundle_system", has=python, needs=bundle.manifest.python)
        bundle.verify(lambda done, of: share(done / of))
    context.card.remember_checked()


def _volume_done(context: Context) -> bool:
    return (context.path(DATA) / _MARK).exists()


def _volume(context: Context, share: Share) -> None:
    data = context.path(DATA)
    data.mkdir(exist_ok=True)
    if not asks(context.machine, "mountpoint", "-q", DATA):  # a container brings its own
        _mount_volume(context, share)
    durable.write(data / _MARK, b"")


def _mount_volume(context: Context, share: Share) -> None:
    run = context.machine.run
    device = context.card.partition(4)
    if not device.exists():
        start = context.card.data_start() // 512
        run("sfdisk", "--no-reread", "--no-tell-kernel", "--append", str(context.card.disk),
            stdin=f"start={start}, type=83\n")  # fmt: skip
        run("partx", "--add", "--nr", "4", str(context.card.disk))
        run("udevadm", "settle")
    share(0.3)
    # No mark on it means no kiosk ever wrote here: a power cut left half a file system at most.
    if not (asks(context.machine, "mount", str(device), DATA) and _volume_done(context)):
        asks(context.machine, "umount", DATA)
        run("mkfs.ext4", "-q", "-F", "-L", LABEL, "-m", "1", "-E", "lazy_itable_init=1",
            "-O", "metadata_csum", str(device))  # fmt: skip
        run("mount", str(device), DATA)
    run("resize2fs", str(context.card.partition(2)))


def _system_done(context: Context) -> bool:
    return context.path(_SYSTEM).exists()


def _system(context: Context, share: Share) -> None:
    """What belongs to the root: units, users, rules; it becomes read-only later."""
    with Bundle.open(context.card.bundle) as bundle:
        bundle.extract("root", context.path("/"), lambda done, of: share(done / of))
    context.machine.run("systemd-sysusers")
    context.machine.run("systemd-tmpfiles", "--create", "--prefix=/data", "--prefix=/opt/kiosk")
    journal = context.path("/var/log/journal")
    if not journal.is_symlink():
        shutil.rmtree(journal, ignore_errors=True)
        journal.symlink_to("/data/journal")
    if not context.card.in_container:
        lines = [line for line in _fstab(context).splitlines() if f" {DATA} " not in line]
        text = "\n".join([*lines, _DATA_LINE, ""])
        durable.write(context.path("/etc/fstab"), text.encode())
    os.sync()
    durable.write(context.path(_SYSTEM), b"")


def _fstab(context: Context) -> str:
    try:
        return context.path("/etc/fstab").read_text("utf-8")
    except OSError:
        return ""


def _packages_done(context: Context) -> bool:
    return context.path(_INSTALLED).exists()


def _packages(context: Context, share: Share) -> None:
    folder = context.path("/data/debs")
    shutil.rmtree(folder, ignore_errors=True)
    with Bundle.open(context.card.bundle) as bundle:
        bundle.extract("debs", folder, lambda done, of: share(0.2 * done / of))
        system = bundle.manifest.system
    run, quiet = context.machine.run, {"DEBIAN_FRONTEND": "noninteractive"}
    _mend_packages(context.machine, folder)
    source = folder / "kiosk.list"
    # Trusted: each file was held against the manifest just now, and there is no network.
    source.write_text(f"deb [trusted=yes] file:{folder} ./\n", encoding="utf-8")
    apt = ("apt-get", "-qq", "-y", "-o", f"Dir::Etc::SourceList={source}",
           "-o", "Dir::Etc::SourceParts=-", "-o", "APT::Get::List-Cleanup=0",
           "-o", "APT::Sandbox::User=root", "-o", "DPkg::Lock::Timeout=300",
           "-o", "Dpkg::Options::=--force-confold", "-o", "Dir::Cache::pkgcache=",
           "-o", "Dir::State::Lists=/data/debs/lists")  # fmt: skip
    (folder / "lists/partial").mkdir(parents=True)
    run(*apt, "update", env=quiet)
    share(0.3)
    wanted = (folder / "wanted.txt").read_text("utf-8").split()
    run(*apt, "install", "--fix-broken", "--no-install-recommends", *wanted, env=quiet)
    os.sync()
    durable.write(context.path(_INSTALLED), system.encode())
    shutil.rmtree(folder)


def _mend_packages(machine: Machine, folder: Path) -> None:
    """After a power cut: what was just being unpacked dpkg will not touch before it was unpacked
    again, and apt nothing else before that. What misses others is left to apt."""
    said = machine.run("dpkg-query", "--show", "--showformat", _STATES)
    states = (line.split() for line in said.splitlines())
    broken = [name for name, flag, state in states if flag != "ok" or state == "half-installed"]
    again = [str(deb) for name in broken for deb in sorted(folder.glob(f"{name}_*.deb"))]
    if again:
        machine.run("dpkg", "--unpack", "--force-confold", *again)
    asks(machine, "env", "DEBIAN_FRONTEND=noninteractive",
         "dpkg", "--configure", "-a", "--force-confold")  # fmt: skip


def _release_done(context: Context) -> bool:
    return SlotFile(context.path("/data/slots")).is_whole("a")


def _release(context: Context, share: Share) -> None:
    slots = SlotFile(context.path("/data/slots"))
    with Bundle.open(context.card.bundle) as bundle:
        release.install(bundle, slots.path("a"), context.machine, share)
    slots.write(Slots(good="a"))


def _settings_done(context: Context) -> bool:
    return not context.card.site.exists() and (context.path(DATA) / "etc/config.toml").exists()


def _settings(context: Context, share: Share) -> None:
    """The office's settings and secrets move from the boot partition, which any computer reads,
    to the data volume, and are wiped there."""
    into, card = context.path("/data/etc"), context.card.site
    keep = {path.name: path.read_bytes() for path in sorted(card.glob("*")) if path.is_file()}
    # Zeros: wiped already, before a power cut.
    keep = {name: content for name, content in keep.items() if content.strip(b"\0")}
    modes = {"config.toml": 0o640, "server-ca.pem": 0o644, "environment": 0o640}
    for name, content in keep.items():
        if name == "enrolment-token":
            token = context.path("/data/state/enrolment-token")
            durable.write(token, content, 0o600)
            shutil.chown(token, "kiosk", "kiosk")
            continue
        durable.write(into / name, content, modes.get(name, 0o640))
        shutil.chown(into / name, "root", "kiosk")
    key = into / "kiosk-key"
    if not key.exists():
        durable.write(key, f"{secrets.token_hex(32)}\n".encode(), 0o600)
    link = context.path("/etc/kiosk")
    if not link.is_symlink():
        link.symlink_to("/data/etc")
    os.sync()
    context.card.wipe_site()
    share(1.0)


def _sealed(context: Context) -> bool:
    return context.path(SEALED).exists()


def _seal(context: Context, share: Share) -> None:
    """From the next start on the root is read-only and the kiosk runs."""
    run = context.machine.run
    run(
        "systemctl", "enable", "--quiet", "--no-reload", "provision-select.service", "seatd.service"
    )
    with suppress(ProvisionError):
        run("systemctl", "mask", "--quiet", "getty@tty1.service", "apt-daily.timer",
            "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "man-db.timer",
            "e2scrub_all.timer", "fstrim.timer", "userconfig.service")  # fmt: skip
    disabled = context.path("/etc/cloud/cloud-init.disabled")
    if disabled.parent.exists():
        durable.write(disabled, b"")
    context.card.restore_command_line(overlay="/usr/lib/kiosk/overlay-init")
    os.sync()
    durable.write(context.path(SEALED), b"")
    share(1.0)


STEPS: tuple[Step, ...] = (
    Step("check", lambda context: context.card.is_checked(), _check),
    Step("volume", _volume_done, _volume),
    Step("system", _system_done, _system),
    Step("packages", _packages_done, _packages),
    Step("release", _release_done, _release),
    Step("settings", _settings_done, _settings),
    Step("seal", _sealed, _seal),
)
