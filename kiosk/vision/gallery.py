"""Who is enrolled, and which of them a face is nearest to (1:N, exact)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from kiosk.vision.embedding import DIMENSIONS, Embedding

NO_OTHER = 2.0
"""The margin when nobody else is enrolled: as far apart as two cosines can be."""


class Gallery:
    """Templates in memory, several to a citizen if need be. Never changed: it is replaced.

    ``matrix`` is (n, 192), rows L2-normalised and all of the one model the probes come from;
    ``ids[i]`` is whose template row *i* is.
    """

    def __init__(self, ids: Sequence[str], matrix: NDArray[np.float32]) -> None:
        self._matrix = np.ascontiguousarray(matrix, dtype=np.float32).reshape(-1, DIMENSIONS)
        if len(ids) != len(self._matrix):
            raise ValueError(f"{len(ids)} ids for {len(self._matrix)} templates")
        self._citizens, self._rows = np.unique(np.array(ids, dtype=np.str_), return_inverse=True)

    def __len__(self) -> int:
        """How many templates there are."""
        return len(self._matrix)

    def candidate(self, probe: Embedding) -> tuple[str, float, float] | None:
        """The nearest citizen to ``probe``, the cosine, and how far the nearest *other* citizen
        is behind (:data:`NO_OTHER` when there is none); ``None`` when nobody is enrolled."""
        if not len(self):
            return None
        scores = self._matrix @ probe
        nearest = int(scores.argmax())
        others = scores[self._rows != self._rows[nearest]]
        best = float(scores[nearest])
        margin = best - float(others.max()) if others.size else NO_OTHER
        return str(self._citizens[self._rows[nearest]]), best, margin


def assemble(
    templates: Iterable[tuple[str, str, bytes]], model_id: str
) -> tuple[list[str], NDArray[np.float32]]:
    """Ids and matrix of a :class:`Gallery` from stored ``(citizen id, model id, template)``.

    Templates of another model, or that are not 192 finite little-endian float32, are left out:
    their cosine with a probe would mean nothing.
    """
    kept = [
        (citizen, np.frombuffer(template, dtype="<f4"))
        for citizen, model, template in templates
        if model == model_id and len(template) == 4 * DIMENSIONS
    ]
    usable = [(citizen, row) for citizen, row in kept if np.isfinite(row).all() and row.any()]
    rows = [row / np.linalg.norm(row) for _, row in usable]
    matrix = np.array(rows, dtype=np.float32).reshape(-1, DIMENSIONS)
    return [citizen for citizen, _ in usable], matrix
