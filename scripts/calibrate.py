"""Measure how scores are distributed, on faces in a folder; write the two tables that ship.

    python scripts/calibrate.py --data DIR     # DIR/images/PERSON/*.jpg, some people more than once

Writes kiosk/vision/calibration.toml and kiosk/bench/population.toml. Run it whenever the
embedding or the alignment changes. No picture and no embedding is kept. With --check it writes
nothing, but calibrates on one half of the people and counts how many of the other half are found
in a gallery they are not in.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.progress import track

from kiosk.bench.population import Population
from kiosk.vision.calibration import EXCEEDED, ImpostorTail, recalibrated
from kiosk.vision.embedding import Embedder
from kiosk.vision.litert import Models
from kiosk.vision.still import StillFaces
from kiosk.visit.policy import Policy

KIOSK = Path(__file__).parents[1] / "kiosk"
Matrix = NDArray[np.float32]

MOST_IMAGES = 10
"""Of one person, so that the famous do not outweigh the others."""
GALLERIES = 6
SIMULATED = 5000
RARE = 1e-4
FRAME_SHARE, FRAME_DRIFT_S = 0.6, 2.0
"""From the 195 frames of MediaPipe's gesture_test_video.mp4 (one person, head moving): the median
cosine of two frames is 0.987 at a tenth of a second, 0.966 at half a second and 0.837 at two
seconds and more; photographs of one person from different days have a variance of 0.27."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    matrix, person = embeddings(arguments.data / "images")
    if arguments.check:
        check(matrix, person)
        return
    scores, same = pairs(matrix, person)
    model = Embedder(Models()).model_id
    write_calibration(scores[~same], len(np.unique(person)), model)
    write_population(fitted(matrix, person, scores[~same], scores[same]), model)


def embeddings(folder: Path) -> tuple[Matrix, NDArray[np.int64]]:
    cv2.setNumThreads(1)
    still = StillFaces(Models())
    vectors: list[Matrix] = []
    names: list[str] = []
    for path in track(sorted(folder.rglob("*.jpg")), "embedding"):
        face = still(np.asarray(Image.open(path).convert("RGB")))
        if face is not None:
            vectors.append(face.embedding)
            names.append(path.parent.name)
    return np.array(vectors), np.unique(names, return_inverse=True)[1]


def pairs(matrix: Matrix, person: NDArray[np.int64]) -> tuple[Matrix, NDArray[np.bool_]]:
    """Scores of all pairs of images, and which are of one person."""
    first, second = np.triu_indices(len(matrix), 1)
    return (matrix @ matrix.T)[first, second], person[first] == person[second]


def generalised_pareto(excesses: Matrix) -> tuple[float, float]:
    """Scale and shape of greatest likelihood, by the profile over their ratio (Grimshaw 1993)."""
    ratios = np.linspace(-0.999 / excesses.max(), 5, 2000)
    ratios = ratios[np.abs(ratios) > 1e-3]
    shapes = np.array([np.log1p(ratio * excesses).mean() for ratio in ratios])
    best = int(np.argmin(shapes + np.log(shapes / ratios)))
    return float(shapes[best] / ratios[best]), float(shapes[best])


def tail_of(impostors: Matrix, people: int) -> ImpostorTail:
    location = float(np.quantile(impostors, 1 - EXCEEDED))
    scale, shape = generalised_pareto(impostors[impostors > location] - location)
    return ImpostorTail(location, scale, shape, people, len(impostors))


def check(matrix: Matrix, person: NDArray[np.int64]) -> None:
    """One image a person enrolled, one of each other person as a stranger; random galleries."""
    first = np.unique(person, return_index=True)[1]
    random = np.random.default_rng(0)
    halves = np.array_split(random.permutation(first), 2)
    for half, others in (halves, halves[::-1]):
        known = np.isin(person, person[half])
        scores, same = pairs(matrix[known], person[known])
        prior = tail_of(scores[~same], len(half))
        for visits in (10, 30, 100, 300, 1000):
            policy = Policy(fields=(), wrong_greeting_visits=visits)
            galleries = [np.array_split(random.permutation(others), 2) for _ in range(GALLERIES)]
            greeted = [
                pair for each in galleries for pair in taken_for(matrix, prior, policy, *each)
            ]
            trials = sum(len(strangers) for _, strangers in galleries)
            print(
                f"at most 1 in {visits}: {len(greeted)} of {trials} strangers greeted, "
                f"{len(greeted) / trials:.4f}, {len(set(greeted))} pairs of people"
            )


def taken_for(
    matrix: Matrix,
    prior: ImpostorTail,
    policy: Policy,
    enrolled: NDArray[np.intp],
    strangers: NDArray[np.intp],
) -> list[tuple[int, int]]:
    """Pairs of a stranger and whom they are greeted as."""
    templates = matrix[enrolled]
    tail = recalibrated(prior, [str(row) for row in enrolled], templates)
    scores = matrix[strangers] @ templates.T
    reached = scores >= tail.threshold(policy.false_match_limit(len(enrolled)))
    stranger, citizen = np.nonzero(reached & (reached.sum(axis=1, keepdims=True) == 1))
    pairs_found = np.sort([strangers[stranger], enrolled[citizen]], axis=0).T
    return [(int(a), int(b)) for a, b in pairs_found]


def write_calibration(impostors: Matrix, people: int, model: str) -> None:
    tail = tail_of(impostors, people)
    (KIOSK / "vision" / "calibration.toml").write_text(
        "# How scores of different people are distributed, near the top (kiosk.vision.calibration)."
        "\n# Made by scripts/calibrate.py from faces that are not in this repository: all pairs of"
        "\n# images of different people in a half of Labelled Faces in the Wild.\n\n"
        f'model = "{model}"\n\n[impostors]\n'
        f"location = {tail.location:.4f}\nscale = {tail.scale:.4f}\nshape = {tail.shape:.3f}\n"
        f"people = {people}\ncomparisons = {tail.comparisons}\n",
        encoding="utf-8",
    )


def fitted(
    matrix: Matrix, person: NDArray[np.int64], impostors: Matrix, mated: Matrix
) -> Population:
    """See :mod:`kiosk.bench.population` for the method."""
    own = [matrix[person == number][:MOST_IMAGES] for number in np.unique(person)]
    within = np.mean([np.cov(images.T) for images in own if len(images) > 1], axis=0)
    one_each = np.array([images[0] for images in own])
    between, axes = np.linalg.eigh(np.cov(one_each.T) - within)
    base = Population(
        mean=(axes.T @ one_each.mean(axis=0)).astype(np.float32),
        between=np.clip(between, 1e-6, None).astype(np.float32),
        within=np.clip(np.diag(axes.T @ within @ axes), 1e-6, None).astype(np.float32),
        session_spread=0.0,
        frame_share=FRAME_SHARE,
        frame_drift_s=FRAME_DRIFT_S,
    )
    spread = min(
        np.arange(0, 1.5, 0.1), key=lambda s: far_off(replace(base, session_spread=s), mated)
    )
    spreading = replace(base, session_spread=float(spread))
    powers = (sharpened(spreading, power) for power in np.arange(1, 2, 0.05))
    return next(p for p in powers if rare_score(p) >= np.quantile(impostors, 1 - RARE))


def sharpened(population: Population, power: float) -> Population:
    raised = population.between**power
    return replace(population, between=raised * population.between.sum() / raised.sum())


def photographs(population: Population) -> tuple[Matrix, Matrix]:
    """Two embeddings, of different days, of each of many people."""
    rng = np.random.default_rng(0)
    people = population.people(SIMULATED, rng)
    first, second = (
        population.frames(population.sessions(people, rng), 1, 0, rng)[0] for _ in range(2)
    )
    return first, second


def rare_score(population: Population) -> float:
    first, second = photographs(population)
    return float(np.quantile((first @ second.T)[~np.eye(len(first), dtype=bool)], 1 - RARE))


def far_off(population: Population, mated: Matrix) -> float:
    """How far the lowest twentieth of mated scores lies from where it was measured."""
    first, second = photographs(population)
    return abs(float(np.quantile((first * second).sum(axis=1), 0.05) - np.quantile(mated, 0.05)))


def write_population(population: Population, model: str) -> None:
    def numbers(values: Matrix) -> str:
        return "[\n" + "".join(f"    {value:.3g},\n" for value in values.tolist()) + "]"

    (KIOSK / "bench" / "population.toml").write_text(
        "# How embeddings of faces vary between people and within one (kiosk.bench.population),\n"
        f"# with {model}. Made by scripts/calibrate.py.\n\n"
        f"session_spread = {population.session_spread:.1f}\n"
        f"frame_share = {population.frame_share}\nframe_drift_s = {population.frame_drift_s}\n"
        f"mean = {numbers(population.mean)}\n"
        f"between = {numbers(population.between)}\nwithin = {numbers(population.within)}\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
