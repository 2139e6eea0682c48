"""People who do not exist, whose embeddings score against one another as real ones do.

An embedding of a face is drawn as the direction of *person + session + frame*, three Gaussian
vectors: who it is, how they look that day before that camera, and what changes from frame to
frame. Their variances along the axes of the differences between people were measured on real
faces (``population.toml``, made by ``scripts/calibrate.py``); no embedding of anybody is kept.

- Between people: the covariance of one embedding a person, less that within people; the spectrum
  is sharpened (raised to a power, its sum kept) until the score that one of 10,000 pairs of
  different people passes is at least the measured one.
- Within a person: the covariance about each person's mean over photographs of different days,
  cameras and ages, so that missed greetings come out too many rather than too few. Some days are
  further off than others: their size is log-normal.
- Within a visit: the frames' part drifts (first-order autoregressive), as measured in a video of
  one moving head.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from kiosk.vision.templates import DIMENSIONS

Vectors = NDArray[np.float32]


_TURN = np.linalg.qr(np.random.default_rng(0).standard_normal((DIMENSIONS, DIMENSIONS)))[0].astype(
    np.float32
)
"""Scores do not change when all embeddings are turned; their components become as even as those
of real ones, which the gallery's int8 rows are made for."""


@dataclass(frozen=True, slots=True)
class Population:
    """``mean``, ``between`` and ``within`` are (192,): the mean embedding, and the variances
    between people and within one, along the same axes."""

    mean: Vectors
    between: Vectors
    within: Vectors
    session_spread: float
    """Standard deviation of the logarithm of a session's size."""
    frame_share: float
    """Of the variance within a person, how much changes within a visit."""
    frame_drift_s: float
    """Seconds in which the frames' part has lost all but 1/e of itself."""

    @classmethod
    def measured(cls) -> Self:
        """The population of ``population.toml``."""
        text = Path(__file__).with_name("population.toml").read_text(encoding="utf-8")
        table = tomllib.loads(text)
        spectra = {
            name: np.array(table.pop(name), np.float32) for name in ("mean", "between", "within")
        }
        return cls(**spectra, **table)

    def people(self, count: int, rng: np.random.Generator) -> Vectors:
        """Who they are: (count, 192), not normalised."""
        return self.mean + self._drawn(count, rng) * np.sqrt(self.between)

    def sessions(self, people: Vectors, rng: np.random.Generator) -> Vectors:
        """How each of ``people`` (n, 192) looks on one day: (n, 192), not normalised."""
        spread = self.session_spread
        size = np.exp(spread * rng.standard_normal((len(people), 1)) - spread**2)
        steady = np.sqrt(self.within * (1 - self.frame_share))
        return (people + self._drawn(len(people), rng) * steady * size).astype(np.float32)

    def frames(
        self, sessions: Vectors, count: int, gap_s: float, rng: np.random.Generator
    ) -> Vectors:
        """Embeddings of ``count`` frames ``gap_s`` seconds apart of each of ``sessions``
        (n, 192): (count, n, 192), normalised."""
        changing = np.sqrt(self.within * self.frame_share)
        kept = math.exp(-gap_s / self.frame_drift_s)
        frames = np.empty((count, *sessions.shape), np.float32)
        noise = self._drawn(len(sessions), rng)
        for number in range(count):
            frames[number] = normalised(((sessions + noise * changing) @ _TURN).astype(np.float32))
            noise = kept * noise + math.sqrt(1 - kept**2) * self._drawn(len(sessions), rng)
        return frames

    def _drawn(self, count: int, rng: np.random.Generator) -> Vectors:
        return rng.standard_normal((count, len(self.mean)), np.float32)


def normalised(vectors: Vectors) -> Vectors:
    """Of unit length along the last axis."""
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
