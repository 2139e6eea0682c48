"""``kiosk bench gallery``: what one search of a gallery costs, and what it must cost.

No exact search can be faster than reading once what it compares with. So beside each search the
bench reads as many bytes as the kiosk's search does, with the fastest of numpy's reductions (the
largest 64-bit word), and gives the ratio of the two. Before every search and every reading the
processor's caches are filled with something else: in a kiosk models run between two searches, and
a small board's caches hold no gallery.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import typer
from numpy.typing import NDArray

from kiosk.bench.conditions import Advance, progress
from kiosk.bench.frames import Spread
from kiosk.bench.gallery_report import Cost, Report
from kiosk.bench.gallery_table import show
from kiosk.bench.population import Population, normalised
from kiosk.bench.searchers import CONTENDERS, Matrix, Searcher
from kiosk.vision.templates import DIMENSIONS, Embedding

_AT_A_TIME = 50_000
"""People drawn together, so that a large gallery needs no second copy of itself."""
_ROUNDING = 1e-3
"""Templates so near to each other in score are the same to float16."""
_CACHES = 128 << 20
"""Bytes, several times the caches of the processors this was made for and on."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured; the defaults take a minute or two."""

    sizes: tuple[int, ...] = (1_000, 10_000, 100_000, 1_000_000)
    probes: int = 40


def main(*, as_json: bool, effort: Effort = Effort()) -> None:
    """Measure and print."""
    with progress(len(effort.sizes) * len(CONTENDERS)) as advance:
        report = measure(effort, advance)
    if as_json:
        typer.echo(json.dumps(report.summary(), ensure_ascii=False))
    else:
        show(report)


def measure(effort: Effort, advance: Advance) -> Report:
    """All figures; one gallery is in memory at a time."""
    return Report(
        effort.probes,
        {size: _measure(size, effort.probes, advance) for size in effort.sizes},
    )


def _measure(size: int, asked: int, advance: Advance) -> dict[str, Cost | str]:
    matrix, probes = drawn(size, asked, np.random.default_rng(size))
    best = np.array([(matrix @ probe).max() for probe in probes])
    reading = _Reading(size * DIMENSIONS)
    costs: dict[str, Cost | str] = {}
    for contender in CONTENDERS:
        reason = contender.why_not(size)
        if reason:
            costs[contender.name] = reason
        else:
            for searcher in contender.build(matrix):
                costs[searcher.name] = _cost(searcher, matrix, probes, best, reading)
        advance()
    return costs


def drawn(size: int, asked: int, random: np.random.Generator) -> tuple[Matrix, list[Embedding]]:
    """Templates of people who do not exist, in a random basis, and ``asked`` probes: the first
    half are of the first of them on another day, the others of people who are not enrolled."""
    population = Population.measured()
    basis = np.linalg.qr(random.standard_normal((DIMENSIONS, DIMENSIONS)))[0].astype(np.float32)
    returning = population.people(min(asked // 2, size), random)

    def seen(people: Matrix) -> Matrix:
        return normalised(population.sessions(people, random)) @ basis

    matrix = np.empty((size, DIMENSIONS), np.float32)
    matrix[: len(returning)] = seen(returning)
    for start in range(len(returning), size, _AT_A_TIME):
        rows = slice(start, min(size, start + _AT_A_TIME))
        matrix[rows] = seen(population.people(rows.stop - start, random))
    strangers = population.people(asked - len(returning), random)
    return matrix, [*seen(np.concatenate((returning, strangers)))]


class _Reading:
    """Reading memory, and making the caches forget it."""

    def __init__(self, size: int) -> None:
        self._words = np.ones(size // 8, np.uint64)  # pages of zeros might not be there at all
        self._others = np.ones(_CACHES // 8, np.uint64)

    def once(self) -> int:
        """Read the bytes once."""
        return int(self._words.max())

    def forget(self) -> None:
        """Fill the caches with something else."""
        self._others.max()


def _cost(
    searcher: Searcher,
    matrix: Matrix,
    probes: Sequence[Embedding],
    best: NDArray[np.float32],
    reading: _Reading,
) -> Cost:
    searcher.search(probes[0])  # the first one may still set something up
    read_ms, search_ms, rows = [], [], []
    for probe in probes:
        read_ms.append(_timed(reading.once, reading)[0])
        spent, row = _timed(lambda probe=probe: searcher.search(probe), reading)
        search_ms.append(spent)
        rows.append(row)
    scores = np.array([matrix[row] @ probe for row, probe in zip(rows, probes, strict=True)])
    recall = float(np.mean(scores >= best - _ROUNDING))
    return Cost(Spread.of(search_ms), Spread.of(read_ms), round(searcher.megabytes, 1), recall)


def _timed(work: Callable[[], int], reading: _Reading) -> tuple[float, int]:
    """Milliseconds, and what came out, with nothing of it in the caches before."""
    reading.forget()
    start = time.perf_counter()
    result = work()
    return 1000 * (time.perf_counter() - start), result
