"""Faces in one frame after another, also those too small for a single look.

The detector sees 128 pixels, whatever it is shown: a face two metres away is fourteen of them in
the whole picture, and is missed before shelves. So it is shown a part of the picture too: where a
face was and is not found now, or, while there is none at all, one quarter after another.
"""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.vision.camera import Image
from kiosk.vision.faces import FaceDetection, FaceFinder
from kiosk.vision.percepts import Box
from kiosk.vision.region import Square, overlap, square_about

_AROUND = 5.0
"""Side of the part looked at around a face that was there, in widths of the face."""
_QUARTER = 2 / 3
"""Side of the parts looked at one after another, a share of the picture's: they overlap by more
than a face too small for the whole."""
_QUARTER_EVERY = 2
_SAME_FACE = 0.3
"""Boxes overlapping by more than this (intersection over union) show one face."""
_MISSES = 8
"""Frames in which a face that was there is looked for."""


class FaceSearch:
    """Looks at the central square of each frame."""

    def __init__(self, finder: FaceFinder) -> None:
        self._finder = finder
        self._known: list[tuple[Box, int]] = []
        """Where faces were, and how many frames ago."""

    def __call__(self, square: Image, frame_index: int) -> list[FaceDetection]:
        """Faces in ``square`` (RGB), best first."""
        found = self._finder(square)
        missed = [(box, ago) for box, ago in self._known if not _is_among(box, found)]
        closer = _closer([box for box, _ in missed], found, square.shape[0], frame_index)
        if closer is not None:
            left, top, side = closer
            part = square[top : top + side, left : left + side]
            again = [face.moved(left, top) for face in self._finder(part)]
            found = found + [face for face in again if not _is_among(face.box, found)]
            found.sort(key=lambda face: -face.score)
        self._known = [
            (box, ago + 1) for box, ago in missed if ago < _MISSES and not _is_among(box, found)
        ]
        return found

    def proven(self, boxes: Sequence[Box]) -> None:
        """These of what was found are faces: each is looked for again where it was."""
        self._known += [(box, 0) for box in boxes]


def _closer(
    missed: Sequence[Box], found: Sequence[FaceDetection], side: int, frame_index: int
) -> Square | None:
    if missed:
        x, y, width, height = max(missed, key=lambda box: box[2])
        return square_about((x + width / 2, y + height / 2), round(_AROUND * width), side)
    if found or frame_index % _QUARTER_EVERY:
        return None
    quarter = round(_QUARTER * side)
    down, right = divmod(frame_index // _QUARTER_EVERY % 4, 2)
    return right * (side - quarter), down * (side - quarter), quarter


def _is_among(box: Box, faces: Sequence[FaceDetection]) -> bool:
    return any(overlap(box, face.box) > _SAME_FACE for face in faces)
