"""``kiosk bench card``: how small a card's code may be in the picture, and what reading it costs.

The kiosk's reader and, where they are installed, OpenCV's and zbar's see the same frames in the
same run. A text that is not the card's is a wrong read, whoever gives it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import product

import cv2
import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from kiosk.bench.cards import CardFrame, card_frame
from kiosk.bench.conditions import Advance, one_opencv_thread, progress
from kiosk.proportion import Proportion
from kiosk.vision.barcode import scan
from kiosk.vision.camera import Image

SIZE = (1920, 1080)
PIXELS_A_MODULE = (2.1, 2.5, 3.0, 4.0)
_READABLE = 3.0
"""From so many pixels a module on, every code should be read."""
GOALS = {"read_from_3px": 0.99, "read_at_2_1px": 0.60, "ms_a_frame": 15.0}

Reader = Callable[[Image], str]
"""A picture to the text of its code; empty when it finds none."""


@dataclass(slots=True)
class Tally:
    """What one reader did with the frames of one size of code."""

    frames: int = 0
    read: int = 0
    wrong: int = 0
    cpu_ms: list[float] = field(default_factory=list[float])

    def add(self, text: str, expected: str, cpu_ms: float) -> None:
        """Count one frame."""
        self.frames += 1
        self.read += text == expected
        self.wrong += text not in ("", expected)
        self.cpu_ms.append(cpu_ms)

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.frames + other.frames,
            self.read + other.read,
            self.wrong + other.wrong,
            self.cpu_ms + other.cpu_ms,
        )

    def summary(self) -> dict[str, object]:
        """For machines; shares of 1 with their 95 % interval."""
        read = Proportion(self.read, self.frames)
        return {
            "frames": self.frames,
            "read": read.share,
            "read_ci95": list(read.ci95),
            "wrong": self.wrong,
            "cpu_ms_median": round(float(np.median(self.cpu_ms)), 2),
            "cpu_ms_p95": round(float(np.percentile(self.cpu_ms, 95)), 2),
        }


Tallies = dict[str, dict[float, Tally]]
"""Reader → pixels a module → what it did."""


def main(*, as_json: bool, frames: int = 400, seed: int = 0) -> None:
    """Measure and print. ``frames`` in all, as many of each size."""
    each = -(-frames // len(PIXELS_A_MODULE))
    with one_opencv_thread(), progress(each * len(PIXELS_A_MODULE)) as advance:
        tallies = measure(each, seed, advance)
    if as_json:
        typer.echo(json.dumps(summary(tallies)))
    else:
        _show(tallies)


def measure(each: int, seed: int, advance: Advance) -> Tallies:
    """``each`` frames of every size, seen by every reader there is."""
    known = readers()
    tallies: Tallies = {name: {size: Tally() for size in PIXELS_A_MODULE} for name in known}
    for size, number in product(PIXELS_A_MODULE, range(each)):
        frame = card_frame(seed * 1_000_000 + number, size, SIZE)
        for name, reader in known.items():
            _look(reader, frame, tallies[name][size])
        advance()
    return tallies


def readers() -> Mapping[str, Reader]:
    """The kiosk's first."""
    known: dict[str, Reader] = {"kiosk": _kiosk, "opencv": _opencv}
    try:
        from pyzbar import pyzbar
    except ImportError:
        return known

    def zbar(image: Image) -> str:
        grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        found = pyzbar.decode(grey, symbols=[pyzbar.ZBarSymbol.QRCODE])
        return found[0].data.decode("utf-8", "replace") if found else ""

    return known | {"pyzbar": zbar}


def summary(tallies: Tallies) -> dict[str, object]:
    """For machines."""
    ours = tallies["kiosk"]
    large = sum((t for size, t in ours.items() if size >= _READABLE), Tally())
    return {
        "size": SIZE,
        "goals": GOALS,
        "kiosk": {
            "read_from_3px": large.summary()["read"],
            "read_at_2_1px": ours[PIXELS_A_MODULE[0]].summary()["read"],
            "wrong": sum(tally.wrong for tally in ours.values()),
            "ms_a_frame": sum(ours.values(), Tally()).summary()["cpu_ms_median"],
            "ms_a_frame_p95": sum(ours.values(), Tally()).summary()["cpu_ms_p95"],
        },
        "readers": {
            name: {str(size): tally.summary() for size, tally in sizes.items()}
            for name, sizes in tallies.items()
        },
    }


def _look(reader: Reader, frame: CardFrame, tally: Tally) -> None:
    began = time.thread_time()
    text = reader(frame.image)
    tally.add(text, frame.payload, (time.thread_time() - began) * 1000)


def _kiosk(image: Image) -> str:
    found = scan(image)
    return found[0].text if found else ""


def _opencv(image: Image) -> str:
    text, _, _ = _DETECTOR.detectAndDecode(image)
    return text


_DETECTOR = cv2.QRCodeDetector()


def _show(tallies: Tallies) -> None:
    title = (
        f"Mã QR trên thẻ, khung {SIZE[0]}×{SIZE[1]}: đọc đúng (đọc sai), CPU-ms trung vị / p95\n"
        f"A card's code in {SIZE[0]}×{SIZE[1]} frames: share read (wrong), CPU-ms median / p95"
    )
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column("điểm ảnh mỗi ô · pixels a module")
    for name in tallies:
        table.add_column(name, justify="right")
    for size in PIXELS_A_MODULE:
        table.add_row(f"{size:g}", *(_cell(sizes[size]) for sizes in tallies.values()))
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 120
    console.print(table)


def _cell(tally: Tally) -> str:
    told = tally.summary()
    return f"{told['read']:.1%} ({tally.wrong})  {told['cpu_ms_median']} / {told['cpu_ms_p95']}"
