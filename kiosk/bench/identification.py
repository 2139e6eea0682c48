"""Who of the enrolled is this, if anybody? (open-set 1:N)"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from kiosk.bench.dataset import DataSet
from kiosk.bench.trials import Rate, Trials
from kiosk.bench.verification import NEVER
from kiosk.vision.embedding import fuse
from kiosk.vision.gallery import Gallery

FUSED = 3
"""Pictures fused for a template, or for a probe, where several are."""

Vector = NDArray[np.float32]
Embeddings = Mapping[str, Vector | None]
"""By picture; ``None`` where no face was found."""
Search = Callable[[Sequence[Vector]], Sequence[tuple[str, float]]]
"""From the embeddings of a probe to the nearest people, at least two if there are, best first."""
Probe = tuple[str, Sequence[str]]
"""A person and the pictures a probe of them is made of."""


class Matcher(Protocol):
    """What is measured: how embeddings are compared and searched."""

    def compare(self, a: Vector, b: Vector) -> float:
        """How alike two are; higher is more."""
        ...

    def gallery(self, people: Mapping[str, Sequence[Vector]]) -> Search:
        """Enrol people, each from their embeddings."""
        ...


class KioskMatcher:
    """As the kiosk does it."""

    def compare(self, a: Vector, b: Vector) -> float:
        """The cosine."""
        return float(a @ b)

    def gallery(self, people: Mapping[str, Sequence[Vector]]) -> Search:
        """A search of the product's own gallery."""
        templates = np.array([fuse(vectors) for vectors in people.values()], np.float32)
        gallery = Gallery.of(list(people), templates)
        return lambda probe: [(f.citizen_id, f.score) for f in gallery.nearest(fuse(probe))]


@dataclass(frozen=True, slots=True)
class Identification:
    """``gallery`` people enrolled; a trial of ``trials`` is one search."""

    gallery: int
    trials: Trials

    @property
    def rank1(self) -> Rate:
        """Share of mated searches whose nearest person was the right one."""
        lost = np.isneginf(self.trials.mated)
        return self.trials.rate(lambda mated, _: float(mated @ lost / mated.sum())).complement


@dataclass(frozen=True, slots=True)
class MultiFrame:
    """Templates of :data:`FUSED` pictures, searched with one picture and with as many."""

    one: Identification
    fused: Identification


def identify(data: DataSet, embeddings: Embeddings, matcher: Matcher) -> Identification:
    """Everyone enrolled from one picture, every probe one picture: as the file says."""
    enrolled = {each.person: [each.image] for each in data.of_role("gallery")}
    mated = [(each.person, [each.image]) for each in data.of_role("mated")]
    return _searched(embeddings, matcher, enrolled, mated, _strangers(data))


def identify_fused(data: DataSet, embeddings: Embeddings, matcher: Matcher) -> MultiFrame | None:
    """Everyone of the gallery who has at least three pictures, enrolled from the first three in
    the order of the file. The others are probes, one by one and three by three.

    Strangers of three pictures are few: each three of *everybody's* pictures is a non-mated probe
    too, searched in the gallery without that person. ``None`` where nobody has six pictures.
    """
    people = _by_person(data)
    enrolled = {who: images[:FUSED] for who, images in people.items() if len(images) >= FUSED}
    rest = {who: people[who][FUSED:] for who in enrolled}
    mated = [(who, [image]) for who, images in rest.items() for image in images]
    mated_fused = [(who, three) for who, images in rest.items() for three in _threes(images)]
    if not mated_fused:
        return None
    everybody = people | _by_person(data, "nonmated")
    others = [(who, three) for who, images in everybody.items() for three in _threes(images)]
    return MultiFrame(
        one=_searched(embeddings, matcher, enrolled, mated, _strangers(data)),
        fused=_searched(embeddings, matcher, enrolled, mated_fused, others),
    )


def _strangers(data: DataSet) -> list[Probe]:
    return [(each.person, [each.image]) for each in data.of_role("nonmated")]


def _by_person(data: DataSet, *roles: str) -> dict[str, list[str]]:
    """Pictures of everyone in the gallery, the enrolled one first; or those of other roles."""
    people: dict[str, list[str]] = {}
    for role in roles or ("gallery", "mated"):
        for each in data.of_role(role):
            people.setdefault(each.person, []).append(each.image)
    return people


def _threes(images: Sequence[str]) -> Iterator[Sequence[str]]:
    """Pictures three by three; a remainder is left out."""
    for start in range(0, len(images) - FUSED + 1, FUSED):
        yield images[start : start + FUSED]


def _searched(
    embeddings: Embeddings,
    matcher: Matcher,
    enrolled: Mapping[str, Sequence[str]],
    mated: Iterable[Probe],
    nonmated: Iterable[Probe],
) -> Identification:
    """A person none of whose pictures shows a face is not enrolled; such a probe finds nobody."""
    vectors = {who: _found(embeddings, images) for who, images in enrolled.items()}
    search = matcher.gallery({who: found for who, found in vectors.items() if found})

    def nearest(images: Sequence[str]) -> Sequence[tuple[str, float]]:
        found = _found(embeddings, images)
        return search(found) if found else ()

    trials = Trials.of(
        [(who, _score_of_right(nearest(images), who)) for who, images in mated],
        [(who, _score_of_wrong(nearest(images), who)) for who, images in nonmated],
    )
    return Identification(len(enrolled), trials)


def _found(embeddings: Embeddings, images: Sequence[str]) -> list[Any]:
    return [vector for image in images if (vector := embeddings[image]) is not None]


def _score_of_right(nearest: Sequence[tuple[str, float]], person: str) -> float:
    """Only the nearest person counts: the kiosk greets no second."""
    return nearest[0][1] if nearest and nearest[0][0] == person else NEVER


def _score_of_wrong(nearest: Sequence[tuple[str, float]], person: str) -> float:
    """As if ``person`` were not enrolled."""
    return next((score for who, score in nearest if who != person), NEVER)
