"""Choosing the frames a template is made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kiosk.vision.embedding import fuse
from kiosk.vision.percepts import Enrolment
from kiosk.vision.templates import Embedding

_SLOT_S = 0.15
"""At most one frame from each such stretch of time: neighbouring frames say the same thing."""
_COLLECT_S = 1.5
"""Shortest time to collect for, so that there is something to choose from."""
_BETTER = 0.05
"""A frame must be so much better to be worth embedding in place of another of its stretch."""


@dataclass(frozen=True, slots=True)
class _Sample:
    at: float
    quality: float
    embedding: Embedding


class Enroller:
    """Collects good frames of one track from when it is made until the template is taken."""

    def __init__(self, track_id: int, frames: int) -> None:
        self.track_id = track_id
        self._frames = frames
        self._slots: dict[int, _Sample] = {}
        self._start: float | None = None

    def wants(self, quality: float, at: float) -> bool:
        """Whether a good frame at ``at`` seconds should be embedded."""
        held = self._slots.get(self._slot(at))
        return held is None or quality > held.quality + _BETTER

    def add(self, embedding: Embedding, quality: float, at: float) -> None:
        """Take a good frame, known to be of the same person as the ones before."""
        if self.wants(quality, at):
            self._slots[self._slot(at)] = _Sample(at, quality, embedding)

    def template(self, model_id: str) -> Enrolment | None:
        """The template from the best frames, or ``None`` when more are needed."""
        times = [sample.at for sample in self._slots.values()]
        if len(times) < self._frames or max(times) - min(times) < _COLLECT_S:
            return None
        ranked = sorted(self._slots.values(), key=lambda sample: -sample.quality)
        best = ranked[: self._frames]
        return Enrolment(
            track_id=self.track_id,
            template=fuse([sample.embedding for sample in best]).astype("<f4").tobytes(),
            model_id=model_id,
            quality=float(np.mean([sample.quality for sample in best])),
            frames=len(best),
        )

    def _slot(self, at: float) -> int:
        if self._start is None:
            self._start = at
        return int((at - self._start) / _SLOT_S)
