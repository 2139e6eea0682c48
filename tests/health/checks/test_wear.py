from __future__ import annotations

import os
from pathlib import Path

import pytest

from kiosk.health.checks.wear import Wear, judge, look
from kiosk.health.finding import Level
from kiosk.health.place import Place
from tests.health.kiosks import place, put


@pytest.mark.parametrize(
    ("wear", "key", "level"),
    [
        (None, "unmeasured", Level.ABSENT),
        (Wear(None, None, None, 0), "good", Level.GOOD),
        (Wear(8, 1, 900.0, 0), "good", Level.GOOD),  # the card itself knows better
        (Wear(9, 1, 1.0, 0), "tired", Level.WATCH),
        (Wear(10, 1, 1.0, 0), "tired", Level.WATCH),
        (Wear(11, 1, 1.0, 0), "spent", Level.BAD),
        (Wear(2, 2, 1.0, 0), "tired", Level.WATCH),
        (Wear(2, 3, 1.0, 0), "spent", Level.BAD),
        (Wear(None, None, 149.9, 0), "good", Level.GOOD),
        (Wear(None, None, 150.0, 0), "written", Level.WATCH),
        (Wear(1, 1, 1.0, 1), "errors", Level.BAD),
    ],
)
def test_edges(wear: Wear | None, key: str, level: Level) -> None:
    finding = judge(wear)
    assert (finding.key, finding.level) == (f"health.wear.{key}", level)


def card(here: Place, life: str, end: str) -> None:
    """An eMMC of 16 GB with the database's file system on its second partition."""
    number = os.stat(here.data_folder()).st_dev  # noqa: PTH116
    disk = "sys/devices/platform/mmc_host/mmc1/mmc1:0001/block/mmcblk0"
    put(here, f"{disk}/device/life_time", life)
    put(here, f"{disk}/device/pre_eol_info", end)
    put(here, f"{disk}/mmcblk0p2/partition", "2")
    put(here, f"{disk}/mmcblk0p2/size", str(16_000_000_000 // 512))
    put(here, "sys/fs/ext4/mmcblk0p2/lifetime_write_kbytes", str(32_000_000_000 // 1024))
    put(here, "sys/fs/ext4/mmcblk0p2/errors_count", "0")
    link = here.root / f"sys/dev/block/{os.major(number)}:{os.minor(number)}"
    link.parent.mkdir(parents=True)
    link.symlink_to(here.root / disk / "mmcblk0p2")


def test_a_card_that_tells(tmp_path: Path) -> None:
    here = place(tmp_path)
    card(here, "0x01 0x0a", "0x01")
    assert look(here) == Wear(life=10, end=1, fills=2.0, errors=0)


def test_a_disk_that_is_none(tmp_path: Path) -> None:
    assert look(place(tmp_path)) is None
