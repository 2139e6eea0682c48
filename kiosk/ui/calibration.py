"""How well a hand reaches the corners of the screen, and the interaction box that would do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Point = tuple[float, float]

CROSSES: tuple[Point, ...] = ((0.15, 0.2), (0.85, 0.2), (0.5, 0.5), (0.15, 0.85), (0.85, 0.85))
"""Where the technician points, shares of the stage."""


@dataclass(frozen=True, slots=True)
class Fit:
    """``box_faces`` is what to put at ``pointer.box_faces``; ``off_px`` how far, on average, the
    pointer was from the crosses, stage pixels."""

    box_faces: tuple[float, float]
    off_px: float


def fit(crosses: Sequence[Point], pointed: Sequence[Point], box: tuple[float, float]) -> Fit | None:
    """Crosses and where the pointer rested (both stage pixels) → the box under which the same
    hand would have met them; ``box`` is the one in force, widths of the face.

    Each axis by least squares: where the pointer moved *k* times as far as the crosses lie
    apart, the box is *k* times too small. ``None`` when the hand hardly moved or the two do not
    go together.
    """
    wanted, got = np.asarray(crosses, float), np.asarray(pointed, float)
    if wanted.shape != got.shape or len(wanted) < 3:
        return None
    gains: list[float] = []
    for axis in (0, 1):
        spread = wanted[:, axis] - wanted[:, axis].mean()
        moved = got[:, axis] - got[:, axis].mean()
        gains.append(float(spread @ moved / (spread @ spread)))
    if not all(0.25 <= gain <= 4 for gain in gains):
        return None
    width, height = (round(side * gain, 2) for side, gain in zip(box, gains, strict=True))
    off = float(np.linalg.norm(got - wanted, axis=1).mean())
    return Fit((width, height), round(off, 1))
