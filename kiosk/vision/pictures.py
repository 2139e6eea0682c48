"""Which faces are pictures: the portrait on the wall, the notice with a smiling officer.

Nobody alive keeps their head still to a millimetre for a quarter of a minute; a picture does. A
face counts as one only while it has not moved since it was first seen, so that whoever walked in
is never taken for a picture however still they stand. This is no liveness test: a picture in a
hand moves.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from kiosk.vision.percepts import Box
from kiosk.vision.tracking import Track, centre

_STILL_S = 15.0
_SETTLE_S = 3.0
"""Time until the smoothed place of a face can be relied upon."""
_SMOOTHING_S = 1.5
_JITTER = 0.03
"""What the detector's noise can move a face in one frame, in widths of the face: 0.02 was seen at
60 px under strong noise. Smoothed, 0.004 is left of it."""
_DRIFT = 0.005
"""Less than a living face moves while it settles, in widths of the face (0.8 mm). In a video of
somebody who sits still it moved twice as far within any three seconds."""
_SAME_PLACE, _SAME_SIZE = 0.06, 1.15
_REMEMBERED = 8
"""Places of pictures kept, so that one who was hidden by a visitor is known at once."""


@dataclass(slots=True)
class _Watched:
    """A face followed since it was first seen; the place is smoothed."""

    since: float
    at: float
    first: Box
    x: float
    y: float
    known: bool
    settled: tuple[float, float] | None = None
    moved: bool = False

    def follow(self, box: Box, at: float) -> None:
        x, y = centre(box)
        share = 1 - math.exp(-(at - self.at) / _SMOOTHING_S)
        self.x, self.y, self.at = self.x + share * (x - self.x), self.y + share * (y - self.y), at
        if self.settled is None and at - self.since >= _SETTLE_S:
            self.settled = self.x, self.y
        drift = math.dist(self.settled, (self.x, self.y)) if self.settled else 0.0
        jump = math.dist(centre(self.first), (self.x, self.y))
        self.moved = self.moved or drift > _DRIFT * box[2] or jump > _JITTER * box[2]

    def is_picture(self) -> bool:
        return not self.moved and (self.known or self.at - self.since >= _STILL_S)


class PictureSpotter:
    """Follows every tracked face from its first frame."""

    def __init__(self) -> None:
        self._watched: dict[int, _Watched] = {}
        self._places: deque[Box] = deque(maxlen=_REMEMBERED)

    def update(self, tracks: Iterable[Track], alive: frozenset[int], at: float) -> frozenset[int]:
        """Take the tracks seen in a frame; ids of all tracks alive that are pictures."""
        self._watched = {i: watched for i, watched in self._watched.items() if i in alive}
        for track in tracks:
            self._follow(track, at)
        return frozenset(i for i, watched in self._watched.items() if watched.is_picture())

    def _follow(self, track: Track, at: float) -> None:
        watched = self._watched.get(track.id)
        if watched is None:
            x, y = centre(track.box)
            known = any(_same_place(track.box, place) for place in self._places)
            watched = self._watched[track.id] = _Watched(at, at, track.box, x, y, known)
        watched.follow(track.box, at)
        if watched.is_picture() and not watched.known:
            watched.known = True
            self._places.append(track.box)


def _same_place(one: Box, other: Box) -> bool:
    near = math.dist(centre(one), centre(other)) <= _SAME_PLACE * other[2]
    return near and 1 / _SAME_SIZE < one[2] / max(other[2], 1e-6) < _SAME_SIZE
