"""Choosing the frames a template is made of."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from kiosk.vision.embedding import fuse
from kiosk.vision.percepts import Enrolment
from kiosk.vision.quality import Pose
from kiosk.vision.templates import Embedding

_SLOT_S = 0.15
"""At most one frame from each such stretch of time: neighbouring frames say the same thing."""
_COLLECT_S = 1.5
"""Shortest time to collect for, so that there is something to choose from."""
_BETTER = 0.05
"""A frame must be so much better to be worth embedding in place of another of its stretch."""
_SPREAD = 20.0
"""Degrees between two poses from which they are simply different."""
_SAME_POSE = 0.3
"""What a frame in a pose already chosen is worth, compared to one in another."""
_AGREES = 0.65
"""A frame less like the others is left out: the hand that said yes may still be before the face,
which no component of quality sees and which brought the cosine down to 0.4 … 0.55. In a video of
somebody who moves none lay below 0.76."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One frame of the person to be enrolled; ``at`` seconds."""

    at: float
    quality: float
    pose: Pose
    embedding: Embedding


class Enroller:
    """Collects good frames of one track from when it is made until the template is taken."""

    def __init__(self, track_id: int, frames: int) -> None:
        self.track_id = track_id
        self._frames = frames
        self._slots: dict[int, Sample] = {}
        self._start: float | None = None

    def wants(self, quality: float, at: float) -> bool:
        """Whether a good frame at ``at`` seconds should be embedded."""
        held = self._slots.get(self._slot(at))
        return held is None or quality > held.quality + _BETTER

    def add(self, sample: Sample) -> None:
        """Take a good frame, known to be of the same person as the ones before."""
        if self.wants(sample.quality, sample.at):
            self._slots[self._slot(sample.at)] = sample

    def template(self, model_id: str) -> Enrolment | None:
        """The template from the best frames, or ``None`` when more are needed."""
        samples = agreeing(list(self._slots.values()))
        times = [sample.at for sample in samples]
        if len(times) < self._frames or max(times) - min(times) < _COLLECT_S:
            return None
        best = chosen(samples, self._frames)
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


def agreeing(samples: Sequence[Sample]) -> list[Sample]:
    """The samples that are like the middle of all."""
    if not samples:
        return []
    middle = np.median([sample.embedding for sample in samples], axis=0)
    middle /= max(float(np.linalg.norm(middle)), 1e-9)
    return [sample for sample in samples if float(middle @ sample.embedding) >= _AGREES]


def chosen(samples: Iterable[Sample], count: int) -> list[Sample]:
    """Up to ``count`` samples, one after the other the best by quality and by how far its pose
    is from those already chosen.

    On 161 people with six photographs, three chosen of five: 4.3 % of the sixth were missed at
    a false-match rate of 1e-5, against 4.5 % with the three best by quality. Weighting the
    fused embeddings by quality changed nothing.
    """
    left = sorted(samples, key=lambda sample: -sample.quality)
    best: list[Sample] = []
    while left and len(best) < count:
        best.append(max(left, key=lambda sample: sample.quality * _novelty(sample.pose, best)))
        left.remove(best[-1])
    return best


def _novelty(pose: Pose, others: Iterable[Sample]) -> float:
    turns = (math.hypot(pose.yaw - o.pose.yaw, pose.pitch - o.pose.pitch) for o in others)
    return _SAME_POSE + (1 - _SAME_POSE) * min(1.0, min(turns, default=_SPREAD) / _SPREAD)
