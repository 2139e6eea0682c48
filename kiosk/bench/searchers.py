"""Ways to find the nearest of many templates: the kiosk's own, and what else there is.

The others are measured where they are installed; the kiosk does not need them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kiosk.vision.gallery import Gallery
from kiosk.vision.templates import DIMENSIONS, Embedding

Matrix = NDArray[np.float32]

_HNSW_LARGEST = 100_000
"""Its graph takes minutes to build for more."""
_CELLS, _CELLS_SEARCHED = 1024, 32


@dataclass(frozen=True, slots=True)
class Searcher:
    """``search`` gives the row nearest to a probe; ``megabytes`` is what is kept in memory."""

    name: str
    search: Callable[[Embedding], int]
    megabytes: float


@dataclass(frozen=True, slots=True)
class Contender:
    """``build`` makes searchers of an (n, 192) matrix of L2-normalised rows. ``package`` must be
    installed for it; more than ``largest`` rows take it too long to build."""

    name: str
    build: Callable[[Matrix], Iterable[Searcher]]
    package: str | None = None
    largest: int | None = None

    def why_not(self, size: int) -> str:
        """Why it cannot be measured here on so many templates; empty when it can."""
        if self.package and find_spec(self.package) is None:
            return "not installed"
        return "too long to build" if self.largest and size > self.largest else ""


def _kiosk(matrix: Matrix) -> Iterable[Searcher]:
    gallery = Gallery.of([str(row) for row in range(len(matrix))], matrix)
    megabytes = matrix.size * (2 + 1) / 1e6  # float16 and int8
    yield Searcher("kiosk", lambda probe: gallery.nearest(probe)[0].row, megabytes)
    yield Searcher("kiosk_candidate", lambda probe: _candidate(gallery, probe), megabytes)


def _candidate(gallery: Gallery, probe: Embedding) -> int:
    candidate = gallery.candidate(probe)
    return int(candidate.citizen_id) if candidate else -1


def _numpy(matrix: Matrix) -> Iterable[Searcher]:
    yield Searcher("numpy", lambda probe: int((matrix @ probe).argmax()), matrix.nbytes / 1e6)


def _usearch(matrix: Matrix) -> Iterable[Searcher]:
    usearch: Any = import_module("usearch.index")
    half = matrix.astype(np.float16)

    def search(probe: Embedding) -> int:
        query = probe.astype(np.float16)
        found = usearch.search(half, query, 1, metric="ip", exact=True, threads=1)
        return int(found.keys[0])

    yield Searcher("usearch_exact", search, half.nbytes / 1e6)


def _usearch_hnsw(matrix: Matrix) -> Iterable[Searcher]:
    usearch: Any = import_module("usearch.index")
    index = usearch.Index(ndim=DIMENSIONS, metric="ip", dtype="f16")
    index.add(np.arange(len(matrix)), matrix)
    yield Searcher(
        "usearch_hnsw",
        lambda probe: int(index.search(probe, 1, threads=1).keys[0]),
        index.memory_usage / 1e6,
    )


def _faiss(matrix: Matrix) -> Iterable[Searcher]:
    faiss: Any = import_module("faiss")
    index = faiss.IndexFlatIP(DIMENSIONS)
    index.add(matrix)
    yield Searcher("faiss_flat", _faiss_search(faiss, index), matrix.nbytes / 1e6)


def _faiss_ivf(matrix: Matrix) -> Iterable[Searcher]:
    faiss: Any = import_module("faiss")
    cells = min(_CELLS, max(1, len(matrix) // 64))
    index = faiss.IndexIVFFlat(
        faiss.IndexFlatIP(DIMENSIONS), DIMENSIONS, cells, faiss.METRIC_INNER_PRODUCT
    )
    index.cp.niter, index.cp.max_points_per_centroid = 10, 64
    index.train(matrix)
    index.add(matrix)
    index.nprobe = _CELLS_SEARCHED
    yield Searcher("faiss_ivf", _faiss_search(faiss, index), matrix.nbytes / 1e6)


def _faiss_search(faiss: Any, index: Any) -> Callable[[Embedding], int]:
    faiss.omp_set_num_threads(1)
    return lambda probe: int(index.search(probe[np.newaxis], 1)[1][0, 0])


CONTENDERS: Sequence[Contender] = (
    Contender("kiosk", _kiosk),
    Contender("numpy", _numpy),
    Contender("usearch_exact", _usearch, "usearch"),
    Contender("usearch_hnsw", _usearch_hnsw, "usearch", _HNSW_LARGEST),
    Contender("faiss_flat", _faiss, "faiss"),
    Contender("faiss_ivf", _faiss_ivf, "faiss"),
)
