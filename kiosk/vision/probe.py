"""What is known of the identity of one tracked face. In memory only, as long as its track."""

from __future__ import annotations

from collections import deque

from kiosk.vision.embedding import Embedding, fuse
from kiosk.vision.gallery import Gallery
from kiosk.vision.percepts import Candidate

_ANOTHER_PERSON = 0.4
"""An embedding with a lower cosine to the probe is of another person. Frames of one person in one
place lie far above; of two people, about two in a thousand pairs do."""
_REFRESH_FRAMES = 6
"""Once there are enough embeddings, one more on every so many frames: often enough to notice
within half a second that someone else took the place, rarely enough to cost little."""
_KEPT = 8
"""Embeddings fused at most; older ones make room."""


class Probe:
    """Embeddings of one track, fused (ISO/IEC 2382-37: the probe of a comparison)."""

    def __init__(self, frames: int) -> None:
        self._least = frames
        self._embeddings: deque[Embedding] = deque(maxlen=max(frames, _KEPT))
        self._waited = 0
        self.doubted = False
        self._compared: tuple[Gallery, Candidate | None] | None = None

    def wants(self, steady: bool) -> bool:
        """Whether this frame should be embedded; ``steady`` as :class:`~.tracking.Track` has it.
        A face that jumped or came back may be another one: it is doubted until embedded."""
        self._waited += 1
        self.doubted = self.doubted or not steady
        undecided = len(self._embeddings) < self._least
        return undecided or self.doubted or self._waited >= _REFRESH_FRAMES

    def add(self, embedding: Embedding) -> bool:
        """Take a good frame's embedding; False when it is of another person than the rest, who
        must not inherit what was known. One misfit alone is doubted, a second is believed."""
        self._waited = 0
        if self._embeddings and float(fuse(self._embeddings) @ embedding) < _ANOTHER_PERSON:
            believed = self.doubted
            self.doubted = True
            return not believed
        self.doubted = False
        self._embeddings.append(embedding)
        self._compared = None
        return True

    def candidate(self, gallery: Gallery) -> Candidate | None:
        """Whom the gallery holds nearest; ``None`` while there are too few frames, while it is in
        doubt whether this is still the same person, or when nobody is enrolled."""
        if self.doubted or len(self._embeddings) < self._least:
            return None
        if self._compared is None or self._compared[0] is not gallery:
            self._compared = (gallery, self._nearest(gallery))
        return self._compared[1]

    def _nearest(self, gallery: Gallery) -> Candidate | None:
        found = gallery.candidate(fuse(self._embeddings))
        return found and Candidate(*found, frames=len(self._embeddings))
