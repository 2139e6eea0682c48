"""``kiosk bench day``: a simulated day at the door, to count wrong greetings.

Citizens are enrolled, some of them come back, and strangers pass who were never enrolled. None of
them exists: their embeddings are drawn (:mod:`kiosk.bench.population`). From there on everything
is the kiosk's own: frames are fused by the recogniser, searched for in the gallery, calibrated on
these very templates, and the visit's policy decides who is greeted.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from kiosk import config
from kiosk.attendant import policy_of
from kiosk.bench.conditions import Advance, progress
from kiosk.bench.population import Population, Vectors, normalised
from kiosk.config import Settings
from kiosk.perception import candidate_of
from kiosk.proportion import Proportion
from kiosk.vision.camera import Image
from kiosk.vision.gallery import Gallery
from kiosk.vision.quality import Pose
from kiosk.vision.recognition import FaceImage, Recogniser
from kiosk.vision.templates import Embedding
from kiosk.vision.tracking import Track

FPS = 10
STAY_S = 4.0
"""How long a face is looked at: the time it takes to choose a tile."""
ENROL_GAP_S = 0.4
"""Seconds between two frames of an enrolment."""
STRANGERS = 0.5
"""Share of the visits that are of people who were never enrolled."""
MOST_WRONG = 1e-3
_BATCH = 100
_LOOKING_STRAIGHT = Pose(0.0, 0.0, 0.0)


class Drawn:
    """Stands in for the embedding network: answers with the embedding it was given."""

    model_id = "drawn"

    def __init__(self) -> None:
        self.next = np.empty(0, np.float32)

    def __call__(self, crop: Image) -> Embedding:  # noqa: ARG002
        """The embedding of the frame at hand."""
        return self.next


@dataclass(frozen=True, slots=True)
class Day:
    """What happened."""

    enrolled: int
    threshold: float
    """The score that the policy asks for at this gallery's size, as calibrated on it."""
    visits: int
    wrong: Proportion
    """Greetings by somebody else's name, of all visits."""
    wrong_strangers: Proportion
    """Of the visits of people who are not enrolled."""
    missed: Proportion
    """Enrolled citizens who were not greeted."""
    greeted_after_s: float
    """Median time from the first usable frame to the greeting."""

    def summary(self) -> dict[str, Any]:
        """Ready for JSON."""
        shares = {
            name: asdict(share) | {"share": share.share, "ci95": share.ci95}
            for name, share in (
                ("wrong", self.wrong),
                ("wrong_strangers", self.wrong_strangers),
                ("missed", self.missed),
            )
        }
        return asdict(self) | shares | {"goal_wrong": MOST_WRONG}


class Door:
    """A kiosk's recognition with everybody enrolled, and a population that comes to it."""

    def __init__(self, settings: Settings, enrolled: int, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._population = Population.measured()
        self._people = self._population.people(enrolled, self._rng)
        self._policy = policy_of(settings)
        self._embedder = Drawn()
        self._recogniser = Recogniser(settings.recognition, self._embedder)
        self._visits = 0
        self.enrol(*self._templates(settings.recognition.enrol_frames))

    def enrol(self, ids: Sequence[str], matrix: Vectors) -> None:
        """These citizens are known, and no others."""
        self.gallery = Gallery.of(ids, matrix)
        self._recogniser.set_gallery(self.gallery)

    @property
    def threshold(self) -> float:
        """The least score for a greeting."""
        return self.gallery.tail.threshold(self._policy.false_match_limit(len(self.gallery)))

    def visits(self, count: int) -> list[tuple[str | None, str | None, float]]:
        """That many visits: who came (``None``: a stranger), who was greeted, and when."""
        own = self._rng.integers(0, len(self._people), count)
        strange = self._rng.random(count) < STRANGERS
        passing = self._population.people(count, self._rng)
        people = np.where(strange[:, np.newaxis], passing, self._people[own])
        sessions = self._population.sessions(people, self._rng)
        frames = self._population.frames(sessions, round(STAY_S * FPS), 1 / FPS, self._rng)
        names = [None if new else _name(number) for new, number in zip(strange, own, strict=True)]
        return [(name, *self._visit(frames[:, number])) for number, name in enumerate(names)]

    def _visit(self, frames: Vectors) -> tuple[str | None, float]:
        """Who is greeted, and after how many seconds."""
        self._visits += 1
        crop = self._rng.integers(0, 256, (112, 112, 3), np.uint8)
        greeted: str | None = None
        at = 0.0
        for number, self._embedder.next in enumerate(frames):
            at = number / FPS
            greeted = self._look(Track(self._visits, (0, 0, 1, 1), at, number > 0), crop, at)
            if greeted:
                break
        self._recogniser.keep_only(frozenset())
        return greeted, at

    def _look(self, track: Track, crop: Image, at: float) -> str | None:
        face = FaceImage(crop, _LOOKING_STRAIGHT, 1.0, at)
        if self._recogniser.wants(track, face):
            self._recogniser.take(track, face)
        candidate = candidate_of(self._recogniser.candidate(track.id))
        return candidate.citizen_id if candidate and self._policy.greets(candidate) else None

    def _templates(self, frames: int) -> tuple[list[str], Vectors]:
        """Everybody, enrolled from so many frames of one day."""
        templates = [
            normalised(
                self._population.frames(
                    self._population.sessions(some, self._rng), frames, ENROL_GAP_S, self._rng
                ).mean(axis=0)
            )
            for some in np.array_split(self._people, -(-len(self._people) // _BATCH))
        ]
        return [_name(n) for n in range(len(self._people))], np.vstack(templates)


def main(*, enrolled: int, visits: int, seed: int, as_json: bool) -> None:
    """Simulate and print."""
    settings = config.load(config.find())
    with progress(-(-visits // _BATCH)) as advance:
        day = simulate(settings, enrolled, visits, seed, advance)
    if as_json:
        typer.echo(json.dumps(day.summary()))
    else:
        show(day)


def simulate(settings: Settings, enrolled: int, visits: int, seed: int, advance: Advance) -> Day:
    """``visits`` to a door where ``enrolled`` are known; ``advance`` is called for each hundred."""
    door = Door(settings, enrolled, seed)
    seen: list[tuple[str | None, str | None, float]] = []
    while len(seen) < visits:
        seen += door.visits(min(_BATCH, visits - len(seen)))
        advance()
    strangers = [greeted for name, greeted, _ in seen if name is None]
    known = [(name, greeted) for name, greeted, _ in seen if name is not None]
    right = [at for name, greeted, at in seen if greeted is not None and greeted == name]
    wrong = [greeted for name, greeted, _ in seen if greeted not in (None, name)]
    return Day(
        enrolled=enrolled,
        threshold=door.threshold,
        visits=visits,
        wrong=Proportion(len(wrong), visits),
        wrong_strangers=Proportion(sum(g is not None for g in strangers), len(strangers)),
        missed=Proportion(sum(greeted is None for _, greeted in known), len(known)),
        greeted_after_s=float(np.median(right)) if right else float("nan"),
    )


def show(day: Day) -> None:
    """Print what happened."""
    table = Table(
        title=f"Một ngày ở cửa, {day.enrolled} người đã ghi nhớ · A day at the door",
        title_justify="left",
        title_style="bold",
    )
    for heading in ("", "lượt · visits", "tỉ lệ · share", "95 %"):
        table.add_column(heading, justify="right" if heading else "left")
    for name, share in {
        f"chào nhầm · wrong greetings (≤ {MOST_WRONG:.1%})": day.wrong,
        "… người lạ · of strangers": day.wrong_strangers,
        "không nhận ra · citizens missed": day.missed,
    }.items():
        low, high = share.ci95
        table.add_row(
            name,
            f"{share.events} / {share.trials}",
            f"{share.share:.3%}",
            f"{low:.3%} – {high:.3%}",
        )
    console = Console(highlight=False)
    console.print(table)
    console.print(f"ngưỡng · threshold: {day.threshold:.3f}")
    console.print(f"chào sau · greeted after (median): {day.greeted_after_s:.1f} s")


def _name(number: int) -> str:
    return f"citizen-{number}"
