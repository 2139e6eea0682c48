"""``kiosk bench card-print``: how well a card's print is read, the zone and the printed side.

Synthetic cards only (:mod:`kiosk.bench.card_sides`). A zone counts as read when all its check
digits hold and it says what the card says; as wrong when they hold and it says something else.
"""

from __future__ import annotations

import json
import subprocess
import time
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from random import Random

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from kiosk.bench.card_sides import EXPIRIES, side_frame
from kiosk.bench.conditions import Advance, one_opencv_thread, progress
from kiosk.errors import CardError
from kiosk.idcard import mrz, printed
from kiosk.idcard.document import IdentityDocument
from kiosk.idcard.synthetic import synthetic, zone
from kiosk.proportion import Proportion
from kiosk.vision.card_text import grey_of, read_printed, read_zone

SIZE = (1920, 1080)
PIXELS_A_MM = (7.0, 10.0, 14.0)
GOALS = {"zone_exact": 0.99, "zone_wrong": 0}
OUTCOMES = ("wrong", "refused", "nothing", "fields", "slow")
"""What else than exact may come of a frame."""


@dataclass(slots=True)
class Tally:
    """What came of the frames of one size."""

    counts: Counter[str] = field(default_factory=Counter[str])
    ms: list[float] = field(default_factory=list[float])

    def add(self, outcome: str, ms: float) -> None:
        """Count one frame."""
        self.counts[outcome] += 1
        self.ms.append(ms)

    def summary(self) -> dict[str, object]:
        """For machines."""
        total = self.counts.total()
        exact = Proportion(self.counts["exact"], total)
        return {
            "frames": total,
            "exact": exact.share,
            "exact_ci95": list(exact.ci95),
            **{name: self.counts[name] for name in OUTCOMES},
            "ms_median": round(float(np.median(self.ms)), 1),
            "ms_p95": round(float(np.percentile(self.ms, 95)), 1),
        }


def main(*, as_json: bool, frames: int = 200, seed: int = 0, printed_side: bool = False) -> None:
    """Measure and print: ``frames`` of each size."""
    with one_opencv_thread(), progress(frames * len(PIXELS_A_MM)) as advance:
        tallies = {
            size: measure(frames, seed, size, advance, printed_side=printed_side)
            for size in PIXELS_A_MM
        }
    told = {str(size): tally.summary() for size, tally in tallies.items()}
    if as_json:
        side = "printed" if printed_side else "zone"
        typer.echo(json.dumps({"side": side, "size": SIZE, "goals": GOALS, "sizes": told}))
    else:
        _show(tallies, printed_side=printed_side)


def measure(
    frames: int, seed: int, pixels_a_mm: float, advance: Advance, *, printed_side: bool
) -> Tally:
    """``frames`` synthetic cards, held up so near that a millimetre has so many pixels."""
    tally = Tally()
    for number in range(seed * 1_000_000, seed * 1_000_000 + frames):
        document = synthetic(number)
        frame = side_frame(number, document, pixels_a_mm, SIZE, back=not printed_side)
        look = _printed if printed_side else _zone
        began = time.perf_counter()
        try:
            outcome = look(frame, document, number)
        except subprocess.TimeoutExpired:  # the kiosk too would go on with the next picture
            outcome = "slow"
        tally.add(outcome, (time.perf_counter() - began) * 1000)
        advance()
    return tally


def _zone(frame: np.ndarray, document: IdentityDocument, number: int) -> str:
    text = read_zone(grey_of(frame))
    if text is None:
        return "nothing"
    try:
        read = mrz.parse("\n".join(text.lines))
    except CardError:
        return "refused"
    expires: date | None = Random(number).choice(EXPIRIES)
    return "exact" if read == mrz.parse(zone(document, expires)) else "wrong"


def _printed(frame: np.ndarray, document: IdentityDocument, number: int) -> str:  # noqa: ARG001
    """``fields``: number and birthday are right, name or address are not."""
    text = read_printed(grey_of(frame))
    found = printed.read(text.lines) if text else None
    if found is None:
        return "nothing"
    said = found.document
    facts = (said.number, said.date_of_birth) == (document.number, document.date_of_birth)
    if not facts:
        return "wrong"
    words = _bare(said.name) == _bare(document.name) and _bare(said.address) == _bare(
        document.address
    )
    return "exact" if words else "fields"


def _bare(text: str) -> str:
    composed = unicodedata.normalize("NFC", text).casefold()
    return "".join(char for char in composed if char.isalnum())


def _show(tallies: dict[float, Tally], *, printed_side: bool) -> None:
    side = "Mặt in · printed side" if printed_side else "Vùng mã máy đọc · machine-readable zone"
    table = Table(title=f"{side}, {SIZE[0]}×{SIZE[1]}", title_justify="left", title_style="bold")
    for heading in (
        "điểm ảnh mỗi mm · pixels a mm",
        "đúng hết · exact",
        "sai · wrong",
        "từ chối · refused",
        "không thấy · nothing",
        "sai tên, nơi ở · name, address",
        "quá lâu · too slow",
        "ms trung vị / p95",
    ):
        table.add_column(heading, justify="right")
    for size, tally in tallies.items():
        told = tally.summary()
        counts = [str(told[name]) for name in OUTCOMES]
        ms = f"{told['ms_median']} / {told['ms_p95']}"
        table.add_row(f"{size:g}", f"{told['exact']:.1%}", *counts, ms)
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 150
    console.print(table)
