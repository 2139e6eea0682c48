"""A simulated visitor who chooses something with a hand in the air. Pure: time is an argument.

The visitor closes the loop as people do: they raise a hand somewhere beside their face, wait until
they see the pointer, and bring it to what they want in a few movements, each planned from where
they saw the pointer a moment ago. Every number about people is in :class:`Traits` and drawn from
the spreads of :func:`drawn`. Places are those of the screen (:func:`kiosk.ui.reach.to_unit`):
(0, 0) is its top left corner, (1, 1) the bottom right, and a hand may be outside.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np

from kiosk.ui.pointer import Pointing
from kiosk.vision.cutouts import Skin
from kiosk.vision.percepts import Handedness, Point
from kiosk.vision.scene import Pose

DOWN: Point = (0.5, 2.6)
"""Where the hand is before and after: below the picture."""

Channel = Literal["pointing", "fingers"]
COUNTS: tuple[Pose, ...] = ("fist", "one", "two", "three", "four", "five")
_TREMOR_HZ = (4.0, 7.0)
"""Physiological and essential tremor of an arm held out: 4 to 12 Hz, in the elderly the lower."""
_TRIES_AGAIN_S = 1.2
"""Whoever sees nothing happen for so long does as the pictures on the screen."""
_AIMED = 0.7
"""Share of a target's width and height, about its middle, that a visitor is content with."""


@dataclass(frozen=True, slots=True)
class Traits:
    """Who somebody is and how they move; seconds, shares of the screen, degrees."""

    seed: int
    side: Handedness = "right"
    skin: Skin = "light"
    hand_faces: float = 1.5
    """Wrist to fingertip, in face widths."""
    tremor: float = 0.0
    """Amplitude, a share of the screen's width and height."""
    lean: float = 0.0
    shows: Pose = "open"
    """The pose in which the hand is raised."""
    points: Pose = "point"
    """The pose in which it points, once it sees the pointer."""
    raised: Point = (0.5, 0.1)
    """Where the hand is raised to."""
    raise_s: float = 0.6
    reads_s: float = 0.7
    """How long they read before they move the pointer."""
    reacts_s: float = 0.3
    """From what is on the screen to the start of a movement."""
    gain: float = 1.0
    """How far they move for what they want: 1 is exactly right."""
    scatter: float = 0.05
    """Standard deviation of where a movement ends, a share of its length."""


ChoiceT = TypeVar("ChoiceT")


def one_of(rng: np.random.Generator, *choices: ChoiceT) -> ChoiceT:
    """One of them, each as likely as the others."""
    return choices[int(rng.integers(len(choices)))]


def drawn(rng: np.random.Generator, channel: Channel, fingers: int = 0) -> Traits:
    """Somebody. Raised fingers are held as high as the head, where the pictures show them."""
    pointing = channel == "pointing"
    shows: Pose = one_of(rng, "open", "open", "point", "five", "fist") if pointing else "open"
    high = rng.uniform(-0.15, 0.7) if pointing else rng.uniform(-0.9, -0.1)
    return Traits(
        seed=int(rng.integers(2**31)),
        side=one_of(rng, "right", "left"),
        skin=one_of(rng, "light", "medium", "dark"),
        hand_faces=rng.uniform(1.3, 1.7),
        tremor=one_of(rng, 0.0, 0.01, 0.02),
        lean=float(rng.normal(0, 8)),
        shows=shows if pointing else COUNTS[fingers],
        points=one_of(rng, "point", "point", "open", "two", "fist") if pointing else shows,
        raised=(rng.uniform(0.15, 0.85), high),
        raise_s=rng.uniform(0.45, 0.8),
        reads_s=float(rng.lognormal(math.log(0.35), 0.5)),
        reacts_s=float(rng.lognormal(math.log(0.28), 0.25)),
        gain=float(rng.lognormal(0, 0.15)),
        scatter=0.06,
    )


@dataclass(frozen=True, slots=True)
class _Move:
    start: Point
    end: Point
    at: float
    lasts_s: float

    def place(self, at: float) -> Point:
        """Minimum jerk (Flash and Hogan, J. Neurosci. 5, 1985)."""
        share = min(1.0, max(0.0, (at - self.at) / self.lasts_s))
        eased = share**3 * (10 - 15 * share + 6 * share * share)
        (ax, ay), (bx, by) = self.start, self.end
        return ax + (bx - ax) * eased, ay + (by - ay) * eased

    def over(self, at: float) -> bool:
        return at >= self.at + self.lasts_s


class Visitor:
    """One arm and the eyes that guide it: :meth:`sees` after each picture, :meth:`hand` before.

    ``goal`` is the wanted target on the screen, ``None`` for somebody who shows fingers;
    ``stage`` the size of the screen in the pixels of :class:`~kiosk.ui.pointer.Pointing`.
    """

    def __init__(
        self,
        traits: Traits,
        goal: tuple[str, Point, Point] | None,
        stage: Point,
        starts: float,
    ) -> None:
        self.traits = traits
        self._rng = np.random.default_rng(traits.seed)
        self._goal, self._stage = goal, stage
        self._move = _Move(DOWN, traits.raised, starts, traits.raise_s)
        self.up_at = starts + traits.raise_s
        """When the hand has been raised."""
        self.started_at = starts
        self._pose: Pose = traits.shows
        self._seen: deque[tuple[float, Pointing]] = deque()
        self._known = Pointing()
        self._current = False
        self._reading_until: float | None = None
        self._phases = self._rng.uniform(0, 2 * math.pi, 4)
        self._rates = self._rng.uniform(*_TREMOR_HZ, 4)

    def hand(self, at: float) -> tuple[Point, Pose]:
        """Where the fingertip is, and the pose of the hand."""
        x, y = self._move.place(at)
        waves = np.sin(2 * math.pi * self._rates * at + self._phases)
        shake = self.traits.tremor * (0.7 * waves[:2] + 0.3 * waves[2:])
        return (x + float(shake[0]), y + float(shake[1])), self._pose

    def sees(self, at: float, pointing: Pointing) -> None:
        """The screen shows ``pointing``; they act on it when they have noticed."""
        self._seen.append((at, pointing))
        while self._seen and self._seen[0][0] <= at - self.traits.reacts_s:
            seen_at, self._known = self._seen.popleft()
            self._current = self._move.over(seen_at)
        if not self._current:
            return  # what was seen while the hand moved says nothing about where it is
        asked = self._known.hand == "closed" or at > self.up_at + _TRIES_AGAIN_S
        if asked and self._known.position is None and self._goal is not None:
            self._pose = "open"  # as the screen asks, and its pictures show
        if self._goal is None:
            return
        if self._known.position is None:
            self._raise_again(at)
            return
        if self._reading_until is None:
            self._reading_until = at + self.traits.reads_s
        wanted, _, _ = self._goal
        startled = self._known.target not in (None, wanted) and self._known.progress > 0.1
        if at >= self._reading_until or startled:
            self._pose = self.traits.points
            x, y = self._known.position
            self._correct(at, (x / self._stage[0], y / self._stage[1]))

    def _raise_again(self, at: float) -> None:
        """The pointer is gone: they do what made it appear."""
        if self._reading_until is None:
            return
        self._reading_until, self._pose = None, "open"
        self._move = _Move(self._move.place(at), self.traits.raised, at, self.traits.raise_s)
        self._current = False

    def _correct(self, at: float, seen: Point) -> None:
        """One movement towards the goal, from where the pointer was seen."""
        assert self._goal is not None  # noqa: S101 -- only whoever points aims
        _, middle, size = self._goal
        away = tuple(m - s for m, s in zip(middle, seen, strict=True))
        if all(abs(a) <= _AIMED * s / 2 for a, s in zip(away, size, strict=True)):
            return
        length = math.hypot(*away)
        effort = math.log2(1 + length / min(size))  # Fitts, J. Exp. Psychol. 47, 1954
        noise = self._rng.normal(0, self.traits.scatter * length, 2)
        here = self._move.place(at)
        there = tuple(
            h + self.traits.gain * a + float(n) for h, a, n in zip(here, away, noise, strict=True)
        )
        self._move = _Move(here, (there[0], there[1]), at, 0.18 + 0.12 * effort)
        self._current = False
