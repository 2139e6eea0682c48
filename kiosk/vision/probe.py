"""What is known of the identity of one tracked face. In memory only, as long as its track.

A candidate is told for a frame only when that very frame shows the person it was found for: its
face was embedded and agreed with the probe, or it looks like the face last embedded. So nothing
is carried over to somebody who takes the place between two embeddings.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.camera import Image
from kiosk.vision.embedding import fuse
from kiosk.vision.gallery import Gallery
from kiosk.vision.percepts import Candidate
from kiosk.vision.templates import Embedding

_SAME_PERSON = 0.5
"""An embedding with a lower cosine to the probe is doubted to be of the same person. In a video
of one person who moves none lay below 0.76, of 697 photographs from other days one in a hundred;
of two people (718,389 comparisons) all but 4 in 10,000 do."""
_ANOTHER_PERSON = 0.3
"""An embedding with a still lower cosine is plainly of another person: 97 in 100 are. A hand
before half of the face was seen to bring it to 0.4."""
_DOUBT_S = 1.0
"""A doubt that lasts is believed."""
_SAME_LOOK = 0.9
"""Two faces less alike than this are compared by embedding. In a video with moving head and hand
one frame in twenty is less like another half a second away; of two people one pair in 10,000 is
more alike."""
_LOOK_SIDE = 16
_FACE = (slice(24, 108), slice(20, 92))
_REFRESH_S = 0.4
"""Time between two embeddings of a face that does not change, to be sure of it."""
_KEPT = 8
"""Embeddings fused at most; older ones make room."""

_Look = NDArray[np.float32]
"""A coarse picture of a face: (256,) grey values about their mean, of length 1."""


class Probe:
    """Embeddings of one track, fused (ISO/IEC 2382-37: the probe of a comparison)."""

    def __init__(self, frames: int, is_sure: Callable[[Candidate], bool]) -> None:
        """``frames`` are fused before a candidate is told, fewer when ``is_sure`` of it."""
        self._least = frames
        self._is_sure = is_sure
        self._embeddings: deque[Embedding] = deque(maxlen=max(frames, _KEPT))
        self._known_look: _Look | None = None
        self._look = np.zeros(_LOOK_SIDE**2, np.float32)
        self._embedded_at = -_REFRESH_S
        self._at = 0.0
        self.doubted = False
        self._jumped = False
        self._misfit_since: float | None = None
        self._compared: tuple[Gallery, Candidate | None] | None = None

    def wants(self, crop: Image, at: float, steady: bool) -> bool:
        """Whether this frame's aligned crop should be embedded; ``steady`` as
        :class:`~.tracking.Track` has it. A face that jumped, came back or looks different may be
        another one: it is doubted until embedded."""
        self._look, self._at = _look(crop), at
        self._jumped = self._jumped or not steady
        self.doubted = self.doubted or not steady or not self._looks_known()
        undecided = len(self._embeddings) < self._least
        return undecided or self.doubted or at - self._embedded_at >= _REFRESH_S

    def add(self, embedding: Embedding) -> bool:
        """Take the embedding of the frame last wanted; False when it is of another person than
        the rest, who must not inherit what was known. One misfit of a face that stayed in its
        place is only doubted."""
        self._embedded_at = self._at
        likeness = float(fuse(self._embeddings) @ embedding) if self._embeddings else 1.0
        if likeness < _SAME_PERSON:
            return not self._is_another(likeness)
        self.doubted = self._jumped = False
        self._misfit_since = None
        self._known_look = self._look
        self._embeddings.append(embedding)
        self._compared = None
        return True

    def _is_another(self, likeness: float) -> bool:
        first = self._misfit_since is None
        since = self._at if self._misfit_since is None else self._misfit_since
        self.doubted, self._misfit_since = True, since
        plainly = likeness < _ANOTHER_PERSON and (self._jumped or not first)
        return plainly or self._at - since >= _DOUBT_S

    def candidate(self, gallery: Gallery) -> Candidate | None:
        """Whom the gallery holds nearest; ``None`` while there are too few frames to be sure,
        while it is in doubt whether this is still the same person, or when nobody is enrolled."""
        if self.doubted or not self._embeddings:
            return None
        if self._compared is None or self._compared[0] is not gallery:
            found = gallery.candidate(fuse(self._embeddings), len(self._embeddings))
            self._compared = (gallery, found)
        found = self._compared[1]
        enough = len(self._embeddings) >= self._least
        return found if enough or (found and self._is_sure(found)) else None

    def _looks_known(self) -> bool:
        return self._known_look is None or float(self._known_look @ self._look) >= _SAME_LOOK


def _look(crop: Image) -> _Look:
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)[_FACE]
    small = cv2.resize(grey, (_LOOK_SIDE, _LOOK_SIDE), interpolation=cv2.INTER_AREA)
    values = small.astype(np.float32).ravel()
    values -= values.mean()
    return values / max(float(np.linalg.norm(values)), 1e-6)
