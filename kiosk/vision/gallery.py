"""Who is enrolled, and which of them a face is nearest to (1:N, exact)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import simsimd
from numpy.typing import NDArray

from kiosk.vision.calibration import ImpostorTail, recalibrated, shipped
from kiosk.vision.percepts import Candidate
from kiosk.vision.templates import (
    DIMENSIONS,
    PRODUCT,
    Embedding,
    Templates,
    quantised,
    residuals,
)

NOBODY = np.empty((0, DIMENSIONS), np.float32)
"""The matrix of an empty gallery."""
_ERASED = -1
_HOPELESS = 0.2
"""A score that strangers reach in more than so many visits greets nobody, whatever the policy
(``wrong_greeting_visits`` is 10 at least): whom else it could be need not be found out."""
_SHORTEST, _LONGEST = 0.5, 1.5
"""Embeddings are of about unit length; what is far from it is none."""
_LEAST = -1.0
"""The score of a rival when there is none."""


@dataclass(frozen=True, slots=True)
class Found:
    """The best template of one citizen for a probe; ``score`` is their dot product."""

    citizen_id: str
    score: float
    row: int


class Gallery:
    """Templates to search, several to a citizen if need be. Never changed: it is replaced, by
    one that shares its rows.

    A search is exact: the two nearest citizens are those that comparing the probe with every
    float16 template would give. The int8 rows only tell which templates cannot be among them:
    with *x* the template, *q* the probe, *x̂* and *q̂* what their int8 values stand for,
    |q·x − q̂·x̂| ≤ |q|·|x − x̂| + |q − q̂|·|x̂| (Cauchy–Schwarz).
    """

    def __init__(
        self, templates: Templates, owners: Sequence[str | None], tail: ImpostorTail
    ) -> None:
        """``owners[i]`` is whose template row *i* is, ``None`` for an erased one; ``tail`` how
        the scores of different people are distributed here."""
        self._templates = templates
        self.owners = tuple(owners)
        self.tail = tail
        self._citizens, self._rows = _numbered(self.owners)
        self._by_citizen = np.argsort(self._rows, kind="stable")
        numbers = np.arange(_ERASED, len(self._citizens) + 1, dtype=self._rows.dtype)
        self._starts = np.searchsorted(self._rows[self._by_citizen], numbers)
        self._erased = int(self._starts[1])

    @classmethod
    def of(
        cls, ids: Sequence[str], matrix: NDArray[np.float32], prior: ImpostorTail | None = None
    ) -> Self:
        """A gallery in private memory: row *i* of ``matrix``, (n, d) float32 and all of the
        model the probes come from, is ``ids[i]``'s. ``prior`` is how that model's scores are
        distributed; by default those of the model that ships."""
        if len(ids) != len(matrix):
            raise ValueError(f"{len(ids)} ids for {len(matrix)} templates")
        templates = Templates(len(ids), matrix.shape[1])
        templates.write(0, matrix)
        return cls(templates, ids, recalibrated(prior or shipped(), ids, matrix))

    def __len__(self) -> int:
        """How many templates a probe is compared with."""
        return len(self.owners) - self._erased

    def vectors(self, rows: Sequence[int] | slice | NDArray[np.intp]) -> NDArray[np.float32]:
        """Templates as (n, d) float32."""
        return self._templates.fine[rows].astype(np.float32)

    def content(self) -> tuple[list[str], NDArray[np.float32]]:
        """Ids and matrix, as :meth:`of` takes them."""
        rows = np.flatnonzero(self._rows != _ERASED)
        return [self._citizens[number] for number in self._rows[rows]], self.vectors(rows)

    def nearest(self, probe: Embedding) -> list[Found]:
        """The best template of the nearest citizen and of the second nearest, best first; fewer
        when fewer are enrolled."""
        if not len(self):
            return []
        products, error = self._compared(probe)
        found: list[Found] = []
        while len(found) < min(2, len(self._citizens)):
            row, score = self._best(products, probe, error)
            found.append(Found(self._citizens[self._rows[row]], score, row))
            products[self._rows_of(self._rows[row])] = -np.inf
        return found

    def candidate(self, probe: Embedding, frames: int = 1) -> Candidate | None:
        """The nearest citizen to a probe fused from so many frames, with the second nearest as
        rival; ``None`` when nobody is enrolled.

        Whoever's template is as near to the nearest citizen's template as to the probe is a
        rival too: of twins, neither is told from the other by one look.
        """
        found = self.nearest(probe)
        if not found:
            return None
        first = found[0]
        by_chance = self.tail.false_match_probability(first.score)
        if by_chance * len(self) < _HOPELESS:
            found += self.nearest(self.vectors([first.row])[0])
        others = (other.score for other in found if other.citizen_id != first.citizen_id)
        rival = max(others, default=_LEAST)
        return Candidate(
            citizen_id=first.citizen_id,
            score=first.score,
            false_match_probability=by_chance,
            rival_probability=self.tail.false_match_probability(rival),
            enrolled=len(self),
            frames=frames,
        )

    def lookalikes(self, template: Embedding, limit: Callable[[int], float]) -> list[str]:
        """Citizens whose templates are so near to ``template`` that chance would bring two
        people as near with a probability of at most ``limit(enrolled)``: twins, parent and
        child, or the same person."""
        if not len(self):
            return []
        least = self.tail.threshold(limit(len(self)))
        products, error = self._compared(template)
        rows = np.flatnonzero(products >= least * PRODUCT - error)
        near = rows[self.vectors(rows) @ template >= least]
        return sorted({self._citizens[number] for number in self._rows[near]})

    def joined(self, citizen_id: str) -> Gallery:
        """This gallery with the next row too, already written, as ``citizen_id``'s."""
        return Gallery(self._templates, (*self.owners, citizen_id), self.tail)

    def without(self, citizen_id: str) -> Gallery:
        """This gallery without any template of ``citizen_id``."""
        left = [None if owner == citizen_id else owner for owner in self.owners]
        return Gallery(self._templates, left, self.tail)

    def _compared(self, probe: Embedding) -> tuple[NDArray[np.float32], float]:
        """The int8 product with every row, of which there is one at least, and how far the score
        of a row times :data:`PRODUCT` can be from it."""
        coarse, bound = quantised(probe), self._templates.residual
        rows = self._templates.coarse[: len(self.owners)]
        # Not with ``out``: simsimd 6.5.16 then gives back a None it does not own, and Python
        # 3.11 aborts once there are no references to None left.
        products = np.asarray(simsimd.dot(coarse, rows, out_dtype="float32")).reshape(-1)
        if self._erased:
            products[self._rows_of(_ERASED)] = -np.inf
        length = float(np.linalg.norm(probe))
        far = self._templates.longest + bound
        return products, (length * bound + float(residuals(probe, coarse)) * far) * PRODUCT

    def _best(
        self, products: NDArray[np.float32], probe: Embedding, error: float
    ) -> tuple[int, float]:
        """The row with the highest score, and the score."""
        rows = np.flatnonzero(products >= products.max() - 2 * error)
        exact = self.vectors(rows) @ probe
        best = int(exact.argmax())
        return int(rows[best]), float(exact[best])

    def _rows_of(self, number: int) -> NDArray[np.intp]:
        """A citizen's rows by the citizen's number, or those erased."""
        return self._by_citizen[self._starts[number + 1] : self._starts[number + 2]]


def comparable(
    ids: Sequence[str], matrix: NDArray[np.float32]
) -> tuple[list[str], NDArray[np.float32]]:
    """``ids`` and rows of ``matrix``, (n, d), without templates that are not finite or not of
    about unit length: their score with a probe would mean nothing."""
    lengths = np.linalg.norm(matrix, axis=1)
    rows = np.flatnonzero((lengths > _SHORTEST) & (lengths < _LONGEST))
    return [ids[int(row)] for row in rows], matrix[rows]


def _numbered(owners: Sequence[str | None]) -> tuple[list[str], NDArray[np.int32]]:
    """The citizens, and for each row the number of its own."""
    numbers: dict[str, int] = {}
    rows = [
        _ERASED if owner is None else numbers.setdefault(owner, len(numbers)) for owner in owners
    ]
    return list(numbers), np.array(rows, np.int32)
