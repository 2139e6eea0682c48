"""``kiosk bench screen``: what it costs to draw the screen while somebody points at it.

The real window shows the choosing page; for each frame the preview gets another picture and the
pointer moves on, as when a person points. CPU time is that of the whole process: Qt, QML, the
painting of the preview and, with ``QT_QPA_PLATFORM=xcb`` and no graphics card, llvmpipe's threads.
"""

from __future__ import annotations

import json
import math
import os
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from kiosk import config
from kiosk.attendant import policy_of
from kiosk.bench.conditions import Advance, progress
from kiosk.bench.frames import Spread
from kiosk.config import Settings
from kiosk.visit.events import Person, Seen
from kiosk.visit.machine import step
from kiosk.visit.state import Visit

if TYPE_CHECKING:
    from kiosk.ui.bridge import Bridge

_PREVIEW = (360, 640)
_GOAL_MS = 1000 / 30
_PATIENCE_S = 2.0
_WARM = 10


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a frame costs."""

    backend: str
    """Qt Quick's: software, or the graphics interface."""
    platform: str
    size: tuple[int, int]
    frames: int
    cpu_ms: Spread
    """CPU time of one frame; at 30 a second it has 33.3 ms of one core."""
    wall_ms: Spread
    """From the moment a hand's place is known to the frame that shows it."""


def main(*, frames: int, as_json: bool) -> None:
    """Measure and print."""
    settings = config.load(config.find())
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with progress(frames) as advance:
        drawing = measure(settings, frames, advance)
    if as_json:
        typer.echo(json.dumps(asdict(drawing) | {"goal_ms": round(_GOAL_MS, 1)}))
    else:
        show(drawing)


def measure(settings: Settings, frames: int, advance: Advance) -> Drawing:
    """Draw ``frames`` frames; ``advance`` is called after each."""
    from PySide6.QtCore import QEventLoop
    from PySide6.QtGui import QGuiApplication

    from kiosk.ui.bridge import Bridge
    from kiosk.ui.theme import theme
    from kiosk.ui.view import screen
    from kiosk.ui.window import KioskWindow

    application = QGuiApplication.instance() or QGuiApplication(["kiosk"])
    look = settings.screen.model_copy(update={"fullscreen": False})
    bridge = Bridge(theme(look))
    window = KioskWindow(look, bridge)
    drawn = 0

    def count() -> None:
        nonlocal drawn
        drawn += 1

    window.view.frameSwapped.connect(count)
    window.show()
    policy = policy_of(settings)
    visit, _ = step(Visit(), Seen(0.0, Person(1, near=True, hand="engaged"), 0), policy)
    bridge.show(screen(visit, policy, 0.0, datetime.now(UTC), settings, {}, None))
    noise = np.random.default_rng(1).integers(0, 255, (8, *_PREVIEW, 4), np.uint8)
    noise[..., 3] = 255
    cpu: list[float] = []
    wall: list[float] = []
    for number in range(frames + _WARM):
        before, since, begun = drawn, time.process_time(), time.perf_counter()
        _moves(bridge, noise[number % len(noise)], number)
        window.view.update()
        while drawn == before and time.perf_counter() - begun < _PATIENCE_S:
            application.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 5)
        if number >= _WARM:
            cpu.append(1000 * (time.process_time() - since))
            wall.append(1000 * (time.perf_counter() - begun))
            advance()
    backend = window.view.rendererInterface().graphicsApi().name
    size = (window.view.width(), window.view.height())
    window.close()
    return Drawing(
        backend, QGuiApplication.platformName(), size, frames, Spread.of(cpu), Spread.of(wall)
    )


def _moves(bridge: Bridge, frame: np.ndarray, number: int) -> None:
    from kiosk.ui.pointer import Pointing

    x, y = bridge.stage
    place = (x * (0.5 + 0.4 * math.sin(number / 9)), y * (0.6 + 0.2 * math.cos(number / 7)))
    bridge.preview(frame, (260.0, 90.0, 110.0, 110.0))
    bridge.point(Pointing(place, None, number % 30 / 30, hand="engaged"))


def show(drawing: Drawing) -> None:
    """Print what was measured."""
    width, height = drawing.size
    table = Table(
        title=f"Vẽ màn hình · Drawing the screen, {width} × {height}, {drawing.backend} "
        f"({drawing.platform})",
        title_justify="left",
        title_style="bold",
    )
    for heading in ("ms", "trung bình · mean", "trung vị · median", "p95", "mục tiêu · goal"):
        table.add_column(heading, justify="right" if heading != "ms" else "left")
    for label, spread in {
        "CPU một khung hình · a frame": drawing.cpu_ms,
        "từ tay đến màn hình · hand's place to frame": drawing.wall_ms,
    }.items():
        cells = (f"{value:.1f}" for value in (spread.mean, spread.median, spread.p95))
        table.add_row(label, *cells, f"≤ {_GOAL_MS:.1f}")
    Console(highlight=False).print(table)
