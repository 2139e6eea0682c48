"""The same face from frame to frame, and which of the faces the kiosk is dealing with."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kiosk.vision.percepts import Box
from kiosk.vision.region import overlap

_CERTAIN = 0.6
"""A fainter detection goes on with a track but begins none (two thresholds, as in ByteTrack,
Zhang et al. 2022): pockets and badges pass for a face at 0.5 now and then."""
_LOST_AFTER_S = 0.55
"""How long a face may be out of sight (a blink of the detector, a hand before the face). Time, not
frames: of a slow camera's eight frames a person can make use to leave and another to come."""

_LEAST_OVERLAP = 0.2
_STEADY_OVERLAP = 0.5
_STEADY_S = 0.2
"""Frames farther apart than this do not tell whether a face stayed: two heads can change places."""
_FARTHEST = 0.8
"""How far a face may jump between two frames, in widths of the face."""
_OTHER_SIZE = 1.6
"""A face that grew or shrank more than this between two frames is another one."""

_CLEARLY_NEARER = 1.3
_TAKEOVER_S = 1.0
_OFF_CENTRE = 0.5
"""What a face at the edge of the frame counts, compared to one in the middle."""


@dataclass(frozen=True, slots=True)
class Track:
    """One person's face over time, as of the latest frame."""

    id: int
    box: Box
    seen_at: float
    """Seconds."""
    steady: bool = False
    """It was in the frame before, a moment ago and in nearly the same place: nearly surely the
    same person."""
    speed: float = 0.0
    """Face widths a second since it was last seen."""


class FaceTracker:
    """Gives each face an id that stays with it until it is out of sight for more than half a
    second. Ids are never used twice."""

    def __init__(self) -> None:
        self._tracks: dict[int, Track] = {}
        self._ids = itertools.count(1)
        self._before = -math.inf

    @property
    def alive(self) -> frozenset[int]:
        """Ids of tracks that are not lost."""
        return frozenset(self._tracks)

    def update(
        self, boxes: Sequence[Box], scores: Sequence[float], at: float
    ) -> list[Track | None]:
        """Take the detections of the next frame, at ``at`` seconds; the track of each, in the
        order given, or ``None`` for one too faint to begin a track with."""
        self._tracks = {
            track.id: track
            for track in self._tracks.values()
            if at - track.seen_at <= _LOST_AFTER_S
        }
        before = self._associated(boxes)
        found = [
            self._continued(before.get(index), box, score, at)
            for index, (box, score) in enumerate(zip(boxes, scores, strict=True))
        ]
        self._tracks |= {track.id: track for track in found if track}
        self._before = at
        return found

    def renew(self, track_id: int) -> int:
        """Give the face of a track a new id: someone else took its place. Returns the new id."""
        track = replace(self._tracks.pop(track_id), id=next(self._ids), steady=False)
        self._tracks[track.id] = track
        return track.id

    def _continued(self, before: Track | None, box: Box, score: float, at: float) -> Track | None:
        if before is None:
            return Track(next(self._ids), box, at) if score >= _CERTAIN else None
        elapsed = at - before.seen_at
        steady = (
            before.seen_at == self._before
            and elapsed <= _STEADY_S
            and overlap(before.box, box) >= _STEADY_OVERLAP
        )
        moved = math.dist(centre(before.box), centre(box)) / max(box[2], 1e-6)
        return Track(before.id, box, at, steady, moved / max(elapsed, 1e-3))

    def _associated(self, boxes: Sequence[Box]) -> dict[int, Track]:
        """Each box's track, the likeliest pairs first (greedy: a lobby holds few faces)."""
        pairs = [
            (likeness(track.box, box), index, track)
            for index, box in enumerate(boxes)
            for track in self._tracks.values()
        ]
        found: dict[int, Track] = {}
        taken: set[int] = set()
        for like, index, track in sorted(pairs, key=lambda pair: -pair[0]):
            if like > 0 and index not in found and track.id not in taken:
                found[index] = track
                taken.add(track.id)
        return found


def likeness(before: Box, after: Box) -> float:
    """How likely two boxes show one face: 1 … 2 when they overlap well, 0 … 1 when they only lie
    near each other, 0 when they cannot."""
    shared = overlap(before, after)
    if shared >= _LEAST_OVERLAP:
        return 1 + shared
    if not 1 / _OTHER_SIZE < after[2] / max(before[2], 1e-6) < _OTHER_SIZE:
        return 0.0
    (ax, ay), (bx, by) = centre(before), centre(after)
    return max(0.0, 1 - math.hypot(ax - bx, ay - by) / (_FARTHEST * max(before[2], 1e-6)))


class SubjectChooser:
    """The one face the kiosk is dealing with: the nearest central one.

    It stays the subject while its track lives; someone who passes must be clearly nearer for a
    second before the kiosk turns to them, and never gets its attention while the subject has a
    hand in the picture.
    """

    def __init__(self) -> None:
        self._subject: int | None = None
        self._rival: int | None = None
        self._since = 0.0

    def update(
        self,
        faces: Mapping[int, Box],
        alive: frozenset[int],
        size: tuple[int, int],
        at: float,
        *,
        busy: bool = False,
    ) -> int | None:
        """The subject's track after a frame of ``size`` at ``at`` seconds, given the faces in it
        and the tracks not lost; ``None`` when there is nobody. ``busy``: the subject's hand is in
        the picture."""
        weights = {track: prominence(box, size) for track, box in faces.items()}
        foremost = max(weights, key=lambda track: weights[track], default=None)
        if self._subject is None or self._subject not in alive:
            self._subject, self._rival = foremost, None
        elif foremost is not None and not busy and self._is_yielding_to(foremost, weights):
            if self._rival != foremost:
                self._rival, self._since = foremost, at
            if at - self._since >= _TAKEOVER_S:
                self._subject, self._rival = foremost, None
        else:
            self._rival = None
        return self._subject

    def renamed(self, before: int, after: int) -> None:
        """The subject's track has a new id."""
        if self._subject == before:
            self._subject = after

    def _is_yielding_to(self, foremost: int, weights: Mapping[int, float]) -> bool:
        """Never while the subject is out of sight for a moment: its weight is unknown."""
        subject = weights.get(self._subject or 0)
        return subject is not None and weights[foremost] > _CLEARLY_NEARER * subject


def prominence(box: Box, size: tuple[int, int]) -> float:
    """Width of a face in pixels, counting less the farther it is from the middle of the frame."""
    width, _ = size
    off = abs(centre(box)[0] - width / 2) / (width / 2)
    return box[2] * (1 - (1 - _OFF_CENTRE) * min(off, 1.0))


def centre(box: Box) -> tuple[float, float]:
    """The middle of a box."""
    return box[0] + box[2] / 2, box[1] + box[3] / 2
