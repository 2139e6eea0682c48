"""``kiosk bench vision``: what looking costs on this machine, beside what it may cost.

Everything is measured on pixels: a scripted person, the models that ship, the kiosk that is
installed. Goals are those every change is judged against.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

import typer

from kiosk import config
from kiosk.bench.conditions import Advance, one_opencv_thread, progress
from kiosk.bench.frames import Decision, decide, enrol, stage_costs
from kiosk.bench.processes import VisionProcess, vision_process, whole_kiosk
from kiosk.bench.report import Report
from kiosk.bench.scenes import PERSON, POINTING, POINTING_WIDE, SITUATIONS, Scenes
from kiosk.bench.table import show
from kiosk.config import Settings
from kiosk.vision.litert import Models

_ENROL_FRAMES = 60
_LONG_FRAMES = 2000
"""More than a kiosk that nobody watches looks at while it is measured, and so few that one whose
bench was killed ends by itself within a minute or two."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured; the defaults take less than a minute on two cores."""

    frames: int = 150
    """Frames of each situation, ten seconds."""
    visits: int = 10
    """Walks up to the kiosk."""
    starts: int = 3
    """Starts of a vision process."""
    watch_s: float = 6.0
    """How long the memory of the whole kiosk is watched."""

    @property
    def steps(self) -> int:
        """Frames and starts, for a progress bar; a little more than there will be."""
        return self.frames * len(SITUATIONS) + 50 * (self.visits + self.starts + 2)


def main(*, as_json: bool, effort: Effort = Effort()) -> None:
    """Measure and print. Raises :class:`~kiosk.errors.KioskError` when settings, models or the
    portrait are missing."""
    settings = config.load(config.find())
    with progress(effort.steps) as advance, one_opencv_thread():
        report = measure(settings, effort, advance)
    if as_json:
        typer.echo(json.dumps(report.summary()))
    else:
        show(report)


def measure(settings: Settings, effort: Effort, advance: Advance) -> Report:
    """All figures; ``advance`` is called about ``effort.steps`` times.

    The processes come first: they are smaller and start sooner while this one has loaded nothing.
    """
    with tempfile.TemporaryDirectory(prefix="kiosk-bench-") as folder:
        scenes = Scenes(Path(folder))
        starts = [_start(settings, scenes, effort, advance) for _ in range(effort.starts)]
        long = scenes.standing(POINTING_WIDE, _LONG_FRAMES)
        kiosk = whole_kiosk(settings, long, effort.watch_s)
        models = Models()
        frames = {
            each.name: stage_costs(settings, models, scenes.standing(each, effort.frames), advance)
            for each in SITUATIONS
        }
        decisions = _decisions(settings, models, scenes, effort.visits, advance)
    return Report(frames, decisions, starts, kiosk)


def _start(settings: Settings, scenes: Scenes, effort: Effort, advance: Advance) -> VisionProcess:
    scene = scenes.standing(POINTING, effort.frames)
    started = vision_process(settings, scene, min(effort.frames, 30))
    advance()
    return started


def _decisions(
    settings: Settings, models: Models, scenes: Scenes, visits: int, advance: Advance
) -> list[Decision]:
    still = scenes.standing(PERSON, _ENROL_FRAMES)
    template = enrol(settings, models, still, advance)
    return [
        decide(settings, models, template, scenes.arriving(number), advance)
        for number in range(visits)
    ]
