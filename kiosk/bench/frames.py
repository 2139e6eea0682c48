"""What a frame costs, and how soon a face is decided."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kiosk.bench.conditions import Advance
from kiosk.config import Settings
from kiosk.vision.gallery import Gallery
from kiosk.vision.litert import Models
from kiosk.vision.percepts import FacePercept, Percept
from kiosk.vision.pipeline import Pipeline
from kiosk.vision.replay import ReplayCamera
from kiosk.vision.templates import DIMENSIONS

STAGES = ("face", "mesh", "quality", "embed", "hand")
"""What the pipeline times, in the order of work."""
OTHERS_ENROLLED = 10_000
_CITIZEN = "the-one-before-the-camera"


@dataclass(frozen=True, slots=True)
class Spread:
    """Milliseconds: mean, median and 95th percentile (the slowest, of fewer than 20)."""

    mean: float
    median: float
    p95: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """The spread of some figures, zeros when there are none."""
        if not values:
            return cls(0.0, 0.0, 0.0)
        slow = np.quantile(values, 0.95, method="higher")
        return cls(*(round(float(ms), 2) for ms in (np.mean(values), np.median(values), slow)))


@dataclass(frozen=True, slots=True)
class StageCost:
    """CPU time of one stage in the frames in which it had something to do."""

    cpu_ms: Spread
    share: float
    """Of all frames, how many those are."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One walk up to the kiosk."""

    waited_ms: float
    """From the first usable frame, on the camera's clock, to the frame that decided, and what
    that frame cost."""
    cpu_ms: float
    """Spent on all these frames."""
    right: bool
    """The person who was enrolled was named."""


@dataclass(frozen=True, slots=True)
class _Look:
    percept: Percept
    cpu_ms: float


def stage_costs(
    settings: Settings, models: Models, scene: Path, advance: Advance
) -> dict[str, StageCost]:
    """Cost of each stage and of the whole frame (``total``), all of the process's threads."""
    looks = list(_looks(Pipeline(settings, models), scene, advance))
    costs: dict[str, StageCost] = {}
    for stage in STAGES:
        spent = [ms for look in looks if (ms := look.percept.stages_ms.get(stage)) is not None]
        costs[stage] = StageCost(Spread.of(spent), round(len(spent) / len(looks), 3))
    costs["total"] = StageCost(Spread.of([look.cpu_ms for look in looks]), 1.0)
    return costs


def enrol(settings: Settings, models: Models, scene: Path, advance: Advance) -> bytes:
    """The template of the person who stands in ``scene``."""
    pipeline = Pipeline(settings, models)
    asked = False
    for look in _looks(pipeline, scene, advance):
        done = pipeline.enrolment()
        if done:
            return done.template
        if not asked and look.percept.subject is not None:
            pipeline.start_enrolment(look.percept.subject)
            asked = True
    raise RuntimeError(f"{scene}: nobody could be enrolled")


def decide(
    settings: Settings, models: Models, template: bytes, scene: Path, advance: Advance
) -> Decision:
    """How soon the person who walks in is known among 10,000 others, whose templates are random
    directions: the time does not depend on who they are."""
    pipeline = Pipeline(settings, models)
    pipeline.set_gallery(_gallery(template))
    usable_at: float | None = None
    spent = 0.0
    for look in _looks(pipeline, scene, advance):
        face = look.percept.subject_face()
        if usable_at is None and _usable(face, settings):
            usable_at = look.percept.at
        if usable_at is None:
            continue
        spent += look.cpu_ms
        if face and face.candidate:
            waited = 1000 * (look.percept.at - usable_at) + look.cpu_ms
            return Decision(waited, spent, face.candidate.citizen_id == _CITIZEN)
    raise RuntimeError(f"{scene}: the face was never decided")


def _usable(face: FacePercept | None, settings: Settings) -> bool:
    return face is not None and face.quality >= settings.recognition.least_quality


def _gallery(template: bytes) -> Gallery:
    drawn = np.random.default_rng(1).standard_normal((OTHERS_ENROLLED, DIMENSIONS))
    others = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    ids = [_CITIZEN, *(f"citizen-{n}" for n in range(len(others)))]
    return Gallery.of(ids, np.vstack([np.frombuffer(template, "<f4"), others.astype(np.float32)]))


def _looks(pipeline: Pipeline, scene: Path, advance: Advance) -> Iterator[_Look]:
    for frame in iter(ReplayCamera(scene).read, None):
        start = time.process_time()
        percept = pipeline.look(frame)
        yield _Look(percept, 1000 * (time.process_time() - start))
        advance()
