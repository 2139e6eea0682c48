"""What is on a card, read from outside: the data volume without mounting it."""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from kiosk.provision.layout import SECTOR, Table
from kiosk.store.database import Database


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the kiosk's database says."""

    issued: tuple[str, ...]
    """Every number, in the order of issue."""
    printed: int
    """Pictures of the virtual printer."""


def numbers(card: Path) -> Numbers:
    """Read the database on ``card``; opening it checks every page. The card is not changed."""
    table = Table.parse(card.open("rb").read(SECTOR))
    data = table.partitions[3]
    with tempfile.TemporaryDirectory() as scratch:
        volume, out = Path(scratch, "data.ext4"), Path(scratch, "out")
        out.mkdir()
        subprocess.run(
            ["dd", f"if={card}", f"of={volume}", "bs=4M", f"skip={data.start >> 22}",
             "conv=sparse", "status=none"], check=True,
        )  # fmt: skip
        # The journal is replayed, as the kiosk's own start would.
        subprocess.run(["e2fsck", "-fy", str(volume)], capture_output=True, check=False)
        for name in ("state", "etc"):
            command = f"rdump /{name} {out}"
            subprocess.run(["debugfs", "-R", command, str(volume)], capture_output=True, check=True)
        return of_state(out / "state", out / "etc/kiosk-key")


def of_state(state: Path, key: Path) -> Numbers:
    """The same of a folder."""
    with Database.open(state / "kiosk.db", key.read_text().strip()) as db:
        rows = db.rows("SELECT day, number FROM ticket ORDER BY seq")
    paper = state / "paper"
    return Numbers(
        tuple(f"{row['day']} {row['number']}" for row in rows),
        len(list(paper.glob("*.png"))) if paper.is_dir() else 0,
    )
