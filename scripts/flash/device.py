"""What may be written to: never the system's own disk, never one that is in use."""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass
from pathlib import Path

from kiosk.errors import ProvisionError


@dataclass(frozen=True, slots=True)
class Device:
    """A card in a reader."""

    path: Path
    bytes: int
    model: str
    removable: bool

    @property
    def words(self) -> str:
        """As a person asks for it."""
        return f"{self.path}  {self.model or '?'}  {self.bytes / 1e9:.1f} GB"


@dataclass(frozen=True, slots=True)
class Computer:
    """Where this computer says what its disks are and what they are used for."""

    sys: Path = Path("/sys")
    proc: Path = Path("/proc")

    def device(self, path: Path) -> Device:
        """The whole disk at ``path``, if it may be written. Raises :class:`ProvisionError`."""
        real = path.resolve()
        try:
            mode = real.stat().st_mode
        except OSError as error:
            raise ProvisionError("flash_no_device", device=path, reason=error.strerror) from error
        if not stat.S_ISBLK(mode):
            raise ProvisionError("flash_no_device", device=path, reason="not a block device")
        return self.described(real)

    def described(self, path: Path) -> Device:
        """What ``/sys`` says of ``path``, after every refusal."""
        block = self.sys / "class/block" / path.name
        if not block.exists():
            raise ProvisionError("flash_no_device", device=path, reason="/sys")
        if (block / "partition").exists():
            whole = block.resolve().parent.name
            raise ProvisionError("flash_partition", device=path, whole=f"/dev/{whole}")
        if _read(block / "ro") == "1":
            raise ProvisionError("flash_read_only", device=path)
        self._refuse_used(path, block)
        size = int(_read(block / "size") or 0) * 512
        if not size:
            raise ProvisionError("flash_empty_reader", device=path)
        model = _read(block / "device/model") or _read(block / "device/name")
        return Device(path, size, model, _read(block / "removable") == "1")

    def _refuse_used(self, path: Path, block: Path) -> None:
        names = {path.name, *(each.name for each in block.glob(f"{path.name}*"))}
        numbers = {_read(self.sys / "class/block" / name / "dev") for name in names} - {""}
        for line in _lines(self.proc / "self/mountinfo"):
            fields = line.split()
            source = fields[fields.index("-") + 2]
            if fields[2] in numbers or Path(source).name in names:
                where = _unescaped(fields[4])
                key = (
                    "flash_system" if where in ("/", "/boot", "/usr", "/home") else "flash_mounted"
                )
                raise ProvisionError(key, device=path, where=where)
        for line in _lines(self.proc / "swaps")[1:]:
            if Path(line.split()[0]).name in names:
                raise ProvisionError("flash_system", device=path, where="swap")
        for name in sorted(names):  # LVM, RAID, encryption: somebody else's disk
            holders = self.sys / "class/block" / name / "holders"
            if holders.is_dir() and (held := sorted(each.name for each in holders.iterdir())):
                raise ProvisionError("flash_mounted", device=path, where=f"/dev/{held[0]}")


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""


def _lines(path: Path) -> list[str]:
    return _read(path).splitlines()


def _unescaped(path: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), path)
