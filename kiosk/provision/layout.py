"""What lies where on a card.

::

    MBR │ 1 boot (FAT32, of the image) │ 2 root (ext4, of the image, with room to grow) │
        │ 3 the bundle, raw │ 4 data (made at first boot, to the end of the card)

Everything begins at multiples of 4 MiB, the erase blocks of most cards.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from typing import Self

from kiosk.errors import ProvisionError

SECTOR = 512
ALIGN = 4 << 20
ROOT_ROOM = 1536 << 20
"""How much the root may grow beyond the image: the Debian packages, and air."""
LEAST_DATA = 2 << 30
"""Two releases (0.6 GB each), the database and its copies."""
BUNDLE_TYPE = 0xDA
"""Partition type "non-FS data"."""
DATA_TYPE = 0x83
_TABLE = 446
_FAT = (0x0B, 0x0C, 0x0E)


@dataclass(frozen=True, slots=True)
class Partition:
    """One primary partition, in bytes from the start of the card."""

    start: int
    size: int
    type: int
    bootable: bool = False

    @property
    def end(self) -> int:
        """Where the next one may begin."""
        return self.start + self.size


@dataclass(frozen=True, slots=True)
class Table:
    """A DOS partition table: up to four partitions and the disk's identifier.

    The identifier is what ``root=PARTUUID=`` refers to: it must survive.
    """

    partitions: tuple[Partition, ...]
    boot_code: bytes
    """The sector's first 446 bytes, the identifier among them."""

    @classmethod
    def parse(cls, sector: bytes) -> Self:
        """Read the first sector. Raises :class:`ProvisionError`."""
        if len(sector) < SECTOR or sector[510:512] != b"\x55\xaa":
            raise ProvisionError("sd_no_table")
        found: list[Partition] = []
        for entry in range(4):
            flag, kind, start, size = struct.unpack_from("<B3xB3xII", sector, _TABLE + 16 * entry)
            if kind == 0xEE:
                raise ProvisionError("sd_gpt")
            if kind:
                found.append(Partition(start * SECTOR, size * SECTOR, kind, flag == 0x80))
        return cls(tuple(found), sector[:_TABLE])

    def render(self) -> bytes:
        """The first sector. Positions in cylinders are not written: nothing reads them."""
        entries = b"".join(
            struct.pack("<B3sB3sII", 0x80 if one.bootable else 0, b"\xfe\xff\xff", one.type,
                        b"\xfe\xff\xff", one.start // SECTOR, one.size // SECTOR)
            for one in self.partitions
        )  # fmt: skip
        return self.boot_code + entries.ljust(64, b"\0") + b"\x55\xaa"


@dataclass(frozen=True, slots=True)
class CardLayout:
    """A whole card, but for the data partition, which the first boot makes."""

    table: Table
    image_bytes: int
    """How much of the image is copied, from the start."""

    @property
    def boot(self) -> Partition:
        """FAT32, of the image."""
        return self.table.partitions[0]

    @property
    def root(self) -> Partition:
        """ext4, of the image, and the room it may grow into."""
        return self.table.partitions[1]

    @property
    def bundle(self) -> Partition:
        """The bundle, raw."""
        return self.table.partitions[2]

    @property
    def data_start(self) -> int:
        """Where the data partition will begin."""
        return _up(self.bundle.end)


def plan(image: Table, bundle_bytes: int, card_bytes: int) -> CardLayout:
    """Where ``image`` and a bundle go on a card of ``card_bytes``.

    Raises :class:`ProvisionError` when the image is no Raspberry Pi image or the card too small.
    """
    kinds = [one.type for one in image.partitions]
    if len(kinds) != 2 or kinds[0] not in _FAT or kinds[1] != DATA_TYPE:
        raise ProvisionError("sd_not_raspberry", kinds=" ".join(f"{kind:02x}" for kind in kinds))
    boot, root = image.partitions
    if boot.end > root.start:
        raise ProvisionError("sd_not_raspberry", kinds="overlap")
    grown = replace(root, size=_up(root.end + ROOT_ROOM) - root.start)
    bundle = Partition(grown.end, _up(bundle_bytes), BUNDLE_TYPE)
    needed = bundle.end + LEAST_DATA
    if card_bytes < needed:
        raise ProvisionError("sd_small", has=_gb(card_bytes), needs=_gb(needed))
    return CardLayout(Table((boot, grown, bundle), image.boot_code), root.end)


def _up(value: int) -> int:
    return -(-value // ALIGN) * ALIGN


def _gb(value: int) -> str:
    return f"{value / 1e9:.1f}"
