"""How a hand in the air becomes a choice. Pure: time is an argument, no Qt.

Two channels share one hand:

- *Pointing*, with any pose of the hand. The fingertip rests calmly on a target: it settles, then
  a ring fills, then the target is chosen. A pointer that has not moved since it appeared settles
  for longer: its owner raised a hand somewhere, and reads. Off the target, or while the hand is
  lost, the ring runs backwards as fast as it filled; on another target it starts over.
- *Raised fingers*, the digit of an option. They count only while the hand is held still and
  rests on no target, so that a finger that points never means "one". One finger and an open
  hand, which pointing hands show too, are held twice as long; and an open hand that has shown
  nothing else, with which everybody begins, five times as long: its owner may be reading.

After a choice, and after a target appeared under the pointer, nothing can be chosen until the
pointer was off every target or the hand was lowered; the same count of fingers must go away
before it means anything again.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import dist, hypot

from OneEuroFilter import OneEuroFilter

from kiosk.config import PointerSettings
from kiosk.ui.engagement import LOWERED_S
from kiosk.vision.percepts import Box, Point
from kiosk.visit.events import HandState, Way

SNAP = 24.0
"""The pointer counts as on a target so many stage pixels around it (gaps are 60 and more)."""

HOLD = 36.0
"""How much nearer another target must be before the pointer lets go of the present one."""

STILL = 60.0
"""Fingers count while the tip is no farther than this, in stage pixels, from where it was on the
whole for ``fingers_s``: a tremor of 2 % of the screen is 38 to either side."""

CALM, CALM_S = 70.0, 0.3
"""A ring fills only while the pointer is no farther than this, in stage pixels, from where it was
on the whole for so many seconds: a hand that talks is hardly ever calm on a tile, one that trembles
by 2 % of the screen is."""

UNMOVED = 100.0
"""A pointer still so near to where it appeared, in stage pixels, was not put there: more than a
tremor of 2 % of the screen."""

READING_S = 0.7
"""How much longer such a pointer settles: whoever sees it where they want nothing needs half a
second to begin to move, and longer when they read first."""

AGREE = 0.7
"""Share of the frames that must show the same count."""

_OPEN = 5
_POINTING_POSES = (1, _OPEN)
_FIRST_OPEN = 5
"""How many times longer an open hand must be held that has shown nothing else."""


@dataclass(frozen=True, slots=True)
class Target:
    """A place that can be pointed at. ``rect`` is in stage pixels."""

    id: str
    rect: Box
    grave: bool = False
    digit: int | None = None


@dataclass(frozen=True, slots=True)
class Pointing:
    """What the hand does now: everything the pointer ring shows."""

    position: Point | None = None
    target: str | None = None
    """The option being pointed at, or whose digit the fingers show."""
    progress: float = 0.0
    """0 … 1 of the ring."""
    armed: bool = True
    """False: nothing can be chosen until the pointer leaves every target."""
    picked: tuple[str, Way] | None = None
    hand: HandState = "none"
    """What the hand itself does: only an engaged one points."""
    raising: float = 0.0
    """0 … 1 of the time a hand must be shown before it is engaged."""


class Selector:
    """Turns fingertips into choices, one :meth:`update` for each frame looked at."""

    def __init__(self, settings: PointerSettings) -> None:
        self._settings = settings
        self._filters: tuple[OneEuroFilter, OneEuroFilter] | None = None
        self._layout: dict[str, Box] = {}
        self._position: Point | None = None
        self._at = 0.0
        self._seen_at = float("-inf")
        self._trail: deque[tuple[float, Point]] = deque()
        self._held: Target | None = None
        self._rested = 0.0
        self._armed = True
        self._appeared: Point | None = None
        self._moved = False
        self._fingers = FingerVote(settings.fingers_s)

    def update(
        self,
        at: float,
        tip: Point | None,
        fingers: int | None,
        targets: Sequence[Target],
        *,
        frozen: bool = False,
    ) -> Pointing:
        """What the hand does at ``at`` (seconds, never going back).

        ``tip`` is the fingertip in stage pixels, ``None`` while no hand is seen; ``fingers`` how
        many are raised. At most one choice is ever made per call, and none while ``frozen``:
        the pointer moves, the ring and the count wait.
        """
        elapsed, self._at = max(0.0, at - self._at), at
        if frozen:
            elapsed, fingers = 0.0, None
        changed = self._new_layout(targets)
        if tip is None:
            return self._lost(at, elapsed)
        position = self._filtered(at, tip)
        self._trail.append((at, position))
        self._appeared = self._appeared or position
        if not self._moved and dist(position, self._appeared) > UNMOVED:
            self._moved = True
            self._rested = max(0.0, self._rested - READING_S)
        target = self._nearest(position, targets)
        self._rearm(position, target, targets, changed)
        self._position, self._seen_at = position, at
        self._rest(target, elapsed, position)
        return self._choose(at, position, target, fingers, targets)

    def _new_layout(self, targets: Sequence[Target]) -> frozenset[str]:
        """Ids of the targets that are new or elsewhere since the last frame."""
        layout = {target.id: target.rect for target in targets}
        changed = frozenset(i for i, rect in layout.items() if self._layout.get(i) != rect)
        if layout.keys() != self._layout.keys():
            self._fingers.spend()
        self._layout = layout
        if self._held is not None and layout.get(self._held.id) != self._held.rect:
            self._held, self._rested = None, 0.0
        return changed

    def _lost(self, at: float, elapsed: float) -> Pointing:
        if at - self._seen_at > LOWERED_S:
            self._lower()
        self._rest(None, elapsed, None)
        held = self._held.id if self._held else None
        return Pointing(self._position, held, self._progress(), self._armed)

    def _lower(self) -> None:
        self._filters = self._position = self._held = self._appeared = None
        self._rested = 0.0
        self._armed, self._moved = True, False
        self._trail.clear()
        self._fingers.lower()

    def _filtered(self, at: float, tip: Point) -> Point:
        """One-Euro filter (Casiez, Roussel, Vogel, CHI 2012) on each axis."""
        if at - self._seen_at > LOWERED_S:
            self._lower()
        if self._filters is None:
            s = self._settings
            self._filters = (
                OneEuroFilter(15.0, s.min_cutoff_hz, s.beta),
                OneEuroFilter(15.0, s.min_cutoff_hz, s.beta),
            )
        stamp = at + 1.0  # the filter takes a time of exactly 0 for no time at all
        across, down = self._filters
        return across(tip[0], stamp), down(tip[1], stamp)

    def _nearest(self, position: Point, targets: Sequence[Target]) -> Target | None:
        def away(target: Target) -> float:
            distance = _distance(position, target.rect)
            return max(0.0, distance - HOLD) if self._is_held(target) else distance

        nearest = min(
            targets, key=lambda target: (away(target), not self._is_held(target)), default=None
        )
        return nearest if nearest is not None and away(nearest) <= SNAP else None

    def _is_held(self, target: Target) -> bool:
        return self._held is not None and self._held.id == target.id

    def _rearm(
        self,
        position: Point,
        target: Target | None,
        targets: Sequence[Target],
        changed: frozenset[str],
    ) -> None:
        appeared = target is not None and target.id in changed
        if appeared and self._position is not None:
            self._armed = False
        elif not self._armed and any(
            _free(point, targets) for point in _path(self._position or position, position)
        ):
            self._armed = True

    def _rest(self, target: Target | None, elapsed: float, position: Point | None) -> None:
        # A frame that comes late must not fill the ring at one blow.
        elapsed = min(elapsed, self._settings.lost_s)
        if target is None:
            self._rested = max(0.0, self._rested - elapsed)
            self._held = self._held if self._rested > 0 else None
        elif not self._is_held(target):
            self._held, self._rested = target, 0.0
        elif self._armed and position and _distance(position, target.rect) <= SNAP:
            # Only held on to, the ring waits.
            self._rested = max(0.0, self._rested + (elapsed if self._is_calm() else -elapsed))

    def _is_calm(self) -> bool:
        at, position = self._trail[-1]
        while at - self._trail[0][0] > CALM_S:
            self._trail.popleft()
        return dist(_on_the_whole([where for _, where in self._trail]), position) <= CALM

    def _choose(
        self,
        at: float,
        position: Point,
        target: Target | None,
        fingers: int | None,
        targets: Sequence[Target],
    ) -> Pointing:
        if target is not None:
            self._fingers.point(fingers)
            progress = self._progress()
            if progress < 1:
                return Pointing(position, target.id, progress, self._armed)
            return self._pick(position, target, Way.HAND)
        raised, share = self._fingers.vote(at, position, fingers)
        shown = next((t for t in targets if raised and t.digit == raised), None)
        if shown is not None and share >= 1:
            return self._pick(position, shown, Way.FINGERS)
        return Pointing(position, shown and shown.id, share if shown else 0.0, self._armed)

    def _progress(self) -> float:
        if self._held is None:
            return 0.0
        s = self._settings
        dwell = s.grave_dwell_s if self._held.grave else s.dwell_s
        settle = s.settle_s + (0.0 if self._moved else READING_S)
        # A millionth of the ring is a rounding error, not a reason to wait for another frame.
        return max(0.0, min(1.0, (self._rested - settle) / dwell + 1e-6))

    def _pick(self, position: Point, target: Target, way: Way) -> Pointing:
        self._armed = False
        self._held, self._rested = None, 0.0
        self._fingers.spend()
        return Pointing(position, target.id, 1.0, armed=False, picked=(target.id, way))


class FingerVote:
    """Raised fingers, agreed on over time by a hand that holds still."""

    def __init__(self, agree_s: float) -> None:
        self._agree_s = agree_s
        self._frames: deque[tuple[float, int, Point]] = deque()
        self._spent = frozenset[int]()
        self._only_open = True
        self._last: int | None = None

    def vote(self, at: float, position: Point, fingers: int | None) -> tuple[int, float]:
        """The count most frames show, and how much of the time it needs has gone by (0 … 1)."""
        if self._frames and dist(self._lately(at), position) > STILL:
            self._frames.clear()
        self._frames.append((at, fingers or 0, position))
        keep = self._needed(_OPEN)
        while len(self._frames) > 1 and at - self._frames[1][0] >= keep:
            self._frames.popleft()
        self._refresh(at)
        raised, since = self._agreed(at)
        if not raised or raised in self._spent:
            return 0, 0.0
        return raised, min(1.0, (at - since) / self._needed(raised) + 1e-6)

    def _lately(self, at: float) -> Point:
        """Where the hand was on the whole: one that trembles, or an arm that slowly sinks, is held
        still."""
        places = [where for when, _, where in self._frames if at - when <= self._agree_s]
        return _on_the_whole(places or [self._frames[-1][2]])

    def _needed(self, raised: int) -> float:
        if raised == _OPEN and self._only_open:
            return _FIRST_OPEN * self._agree_s
        return self._agree_s * (2 if raised in _POINTING_POSES else 1)

    def _agreed(self, at: float) -> tuple[int, float]:
        """The count of most of the latest frames, and since when it has been; 0: of none."""
        lately = [count for when, count, _ in self._frames if at - when <= self._agree_s]
        raised, frames = Counter(lately).most_common(1)[0]
        if frames < AGREE * len(lately):
            return 0, at
        since, shown, seen = at, 0, 0
        for when, count, _ in reversed(self._frames):
            seen, shown = seen + 1, shown + (count == raised)
            if shown < AGREE * seen:
                break
            since = when if count == raised else since
        return raised, since

    def _refresh(self, at: float) -> None:
        """Once the hand shows something else for a while, every count means something again."""
        if at - self._frames[0][0] < self._agree_s / 2:
            return
        lately = [frame for frame in self._frames if at - frame[0] <= self._agree_s / 2]
        if sum(count != _OPEN for _, count, _ in lately) >= AGREE * len(lately):
            self._only_open = False
        if not self._spent:
            return
        if sum(count not in self._spent for _, count, _ in lately) >= AGREE * len(lately):
            self._spent = frozenset()
            self._frames = deque(lately)

    def spend(self) -> None:
        """A choice was made or the page changed: what is shown now means nothing more."""
        shown = self._agreed(self._frames[-1][0])[0] if self._frames else self._last
        self._spent = frozenset({_OPEN, shown or 0})
        self._frames.clear()

    def point(self, fingers: int | None) -> None:
        """The hand is on a target: its fingers point, they do not count."""
        self._last = fingers
        self._frames.clear()

    def lower(self) -> None:
        """The hand is gone."""
        self._frames.clear()
        self._spent, self._only_open, self._last = frozenset(), True, None


def _on_the_whole(places: Sequence[Point]) -> Point:
    across, down = zip(*places, strict=True)
    return sum(across) / len(across), sum(down) / len(down)


def _distance(point: Point, rect: Box) -> float:
    x, y, width, height = rect
    across = max(x - point[0], 0.0, point[0] - x - width)
    down = max(y - point[1], 0.0, point[1] - y - height)
    return hypot(across, down)


def _free(point: Point, targets: Sequence[Target]) -> bool:
    return all(_distance(point, target.rect) > SNAP for target in targets)


def _path(start: Point, end: Point) -> Iterator[Point]:
    """Points every 8 pixels or less: a quick hand crosses a gap between two frames."""
    steps = int(dist(start, end) / 8) + 1
    for step in range(1, steps + 1):
        share = step / steps
        yield start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])
