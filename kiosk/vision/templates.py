"""Templates as rows of memory that one process writes and another searches.

Each template is there twice: as float16, which decides, and as int8, which every search reads in
full. Rows are only ever appended and erased; none is used again. So a row never changes hands,
and a reader in another process that is a moment behind takes nobody for another.

Templates are the most sensitive thing in the building. Shared, they lie in the operating
system's shared memory (POSIX, mode 0600), which goes with the kiosk: they are never written to
the SD card in clear. Only the encrypted database keeps them.
"""

from __future__ import annotations

from multiprocessing.shared_memory import SharedMemory
from typing import Self

import numpy as np
from numpy.typing import NDArray

DIMENSIONS = 192
Embedding = NDArray[np.float32]
"""Shape (192,), nearly of unit length: see :mod:`kiosk.vision.embedding`."""

_STEPS = np.float32(127 / 0.6)
"""int8 steps to one. No component of 3,598 embeddings of faces was above 0.52; what is cut off of
others is counted in :attr:`Templates.residual`."""
PRODUCT = float(_STEPS) ** 2
"""The dot product of two int8 rows that stands for a cosine of 1."""
_HEADER = 64
"""Bytes before the rows: two bounds, and padding to a cache line."""
_AT_A_TIME = 8192
"""Rows converted together, so that a large gallery needs no second copy of itself."""


class Templates:
    """Room for ``capacity`` templates: ``fine`` (capacity, dimensions) float16 and ``coarse``,
    the same int8. Made private; :meth:`shared` and :meth:`attached` make the others."""

    def __init__(
        self, capacity: int, dimensions: int = DIMENSIONS, memory: SharedMemory | None = None
    ) -> None:
        self.capacity = capacity
        self.dimensions = dimensions
        self._memory = memory
        self._owner = False
        buffer = memory.buf if memory else memoryview(bytearray(_size(capacity, dimensions)))
        middle = _HEADER + capacity * dimensions * 2
        self._bounds = np.ndarray(2, np.float64, buffer)
        self.fine = np.ndarray((capacity, dimensions), np.float16, buffer, _HEADER)
        self.coarse = np.ndarray((capacity, dimensions), np.int8, buffer, middle)

    @classmethod
    def shared(cls, capacity: int, dimensions: int = DIMENSIONS) -> Self:
        """Room that another process can attach to; :meth:`close` removes it."""
        memory = SharedMemory(create=True, size=_size(capacity, dimensions))
        templates = cls(capacity, dimensions, memory)
        templates._owner = True
        return templates

    @classmethod
    def attached(cls, name: str, capacity: int, dimensions: int = DIMENSIONS) -> Self:
        """The templates that another process shares as ``name``, to be read only."""
        templates = cls(capacity, dimensions, SharedMemory(name))
        templates.fine.flags.writeable = templates.coarse.flags.writeable = False
        return templates

    @property
    def name(self) -> str:
        """What another process attaches to; empty for private memory."""
        return self._memory.name if self._memory else ""

    @property
    def residual(self) -> float:
        """No template is farther than this (Euclidean) from what its int8 row stands for."""
        return float(self._bounds[0])

    @property
    def longest(self) -> float:
        """No template is longer than this."""
        return float(self._bounds[1])

    def write(self, start: int, vectors: NDArray[np.float32]) -> None:
        """Fill the rows from ``start`` on with ``vectors``, (n, dimensions)."""
        for first in range(0, len(vectors), _AT_A_TIME):
            some = vectors[first : first + _AT_A_TIME].astype(np.float16)
            coarse = quantised(some.astype(np.float32))
            # The bounds come before the rows they are about: another process may be searching.
            lengths = np.linalg.norm(some.astype(np.float32), axis=1)
            self._bounds[0] = max(self.residual, float(residuals(some, coarse).max()))
            self._bounds[1] = max(self.longest, float(lengths.max()))
            rows = slice(start + first, start + first + len(some))
            self.fine[rows], self.coarse[rows] = some, coarse

    def erase(self, row: int) -> None:
        """Forget a template: no search by any process finds it from now on."""
        self.coarse[row] = 0
        self.fine[row] = 0

    def close(self) -> None:
        """Let go of the memory, and remove it if it was made here."""
        if self._memory is None:
            return
        del self._bounds, self.fine, self.coarse  # memory that is looked at cannot be closed
        self._memory.close()
        if self._owner:
            self._memory.unlink()


def quantised(vectors: NDArray[np.float32]) -> NDArray[np.int8]:
    """The int8 values that stand for ``vectors``, of any shape."""
    return np.clip(np.rint(vectors * _STEPS), -127, 127).astype(np.int8)


def residuals(vectors: NDArray[np.floating], coarse: NDArray[np.int8]) -> NDArray[np.float32]:
    """How far each of ``vectors`` (…, d) is from what its int8 values stand for, Euclidean."""
    return np.linalg.norm(vectors.astype(np.float32) - coarse / _STEPS, axis=-1)


def _size(capacity: int, dimensions: int) -> int:
    return _HEADER + capacity * dimensions * 3
