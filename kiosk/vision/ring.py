"""Preview pictures in shared memory: one process writes, another reads, neither waits.

Each slot begins with a header (sequence, width, height). The writer clears the sequence, writes
the picture, then sets the sequence, so that a reader who is overtaken notices.
"""

from __future__ import annotations

from multiprocessing.shared_memory import SharedMemory

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.camera import Image

SIDE = 640
"""Pictures are shrunk to fit a square of this side, pixels."""
SLOTS = 3
_HEADER = 3 * 8
_SLOT = _HEADER + SIDE * SIDE * 4

Picture = NDArray[np.uint8]
"""(height, width, 4): blue, green, red, 255 — what QImage calls Format_RGB32."""


class Ring:
    """A ring of :data:`SLOTS` pictures.

    Without ``name`` the memory is made, and :meth:`close` removes it; with the ``name`` of
    another ring it is only attached. ``close`` once no other method is running.
    """

    def __init__(self, name: str | None = None) -> None:
        self._owner = name is None
        self._memory = SharedMemory(name, create=self._owner, size=SLOTS * _SLOT)
        self._bytes = np.ndarray(SLOTS * _SLOT, np.uint8, self._memory.buf)
        self._sequence = 0

    @property
    def name(self) -> str:
        """What another process attaches to."""
        return self._memory.name

    def write(self, image: Image) -> tuple[int, int]:
        """Put an RGB picture into the next slot; returns (slot, sequence)."""
        self._sequence += 1
        slot = self._sequence % SLOTS
        small = _shrunk(image)
        height, width = small.shape[:2]
        header = self._header(slot)
        header[0] = 0
        header[1:] = width, height
        cv2.cvtColor(small, cv2.COLOR_RGB2BGRA, dst=self._pixels(slot, width, height))
        header[0] = self._sequence
        return slot, self._sequence

    def read(self, slot: int, sequence: int) -> Picture | None:
        """A copy of the picture in ``slot``, or ``None`` when it was overwritten meanwhile."""
        header = self._header(slot)
        if header[0] != sequence:
            return None
        width, height = int(header[1]), int(header[2])
        copy = self._pixels(slot, width, height).copy()
        return copy if header[0] == sequence else None

    def close(self) -> None:
        """Detach; remove the memory if this ring made it."""
        del self._bytes  # memory that is looked at cannot be closed
        self._memory.close()
        if self._owner:
            self._memory.unlink()

    def _header(self, slot: int) -> NDArray[np.uint64]:
        start = slot * _SLOT
        return self._bytes[start : start + _HEADER].view(np.uint64)

    def _pixels(self, slot: int, width: int, height: int) -> Picture:
        start = slot * _SLOT + _HEADER
        return self._bytes[start : start + width * height * 4].reshape(height, width, 4)


def _shrunk(image: Image) -> Image:
    height, width = image.shape[:2]
    scale = SIDE / max(height, width)
    if scale >= 1:
        return image
    size = round(width * scale), round(height * scale)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
