"""The kiosk and a peer on the same pictures, one after the other: who errs how often, and what it
costs. Started by scripts/bench-peers.sh."""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from kiosk.bench.dataset import DataSet, Pair, load
from kiosk.bench.det_plot import write_plots
from kiosk.bench.faces import judge, judge_pairs
from kiosk.bench.faces_report import verification_summary
from kiosk.bench.identification import KioskMatcher, Matcher, Search, Vector
from kiosk.errors import DataSetError
from kiosk.proportion import Proportion

KIOSK, PEER = "kiosk", "face_recognition"
ROWS = (
    ("đúng · accuracy", ("verification", "accuracy"), ".2%"),
    ("TAR, FAR 1 %", ("verification", "tar_at_far_1e-2"), ".2%"),
    ("TAR, FAR 0,1 %", ("verification", "tar_at_far_1e-3"), ".2%"),
    ("FNIR 1 : 1, FPIR 1 %", ("identification", "fnir_at_fpir_1e-2"), ".2%"),
    ("FNIR 3 : 1, FPIR 1 %", ("multi_frame", "one_image_probe", "fnir_at_fpir_1e-2"), ".2%"),
    ("FNIR 3 : 3, FPIR 1 %", ("multi_frame", "fnir_at_fpir_1e-2"), ".2%"),
    ("không thấy mặt · no face found", ("failed_to_enrol",), ".2%"),
    ("CPU-ms mỗi ảnh, trung vị · an image, median", ("cpu_ms",), ".1f"),
    ("bộ nhớ · memory, MB", ("memory_mb",), ".0f"),
)

Report = dict[str, Any]


class Distance(Matcher):
    """As face_recognition compares: Euclidean distance; several pictures fused by their mean."""

    def compare(self, a: Vector, b: Vector) -> float:
        return -float(np.linalg.norm(a - b))

    def gallery(self, people: Mapping[str, Sequence[Vector]]) -> Search:
        names = list(people)
        templates = np.array([np.mean(vectors, axis=0) for vectors in people.values()])

        def search(probe: Sequence[Vector]) -> list[tuple[str, float]]:
            distances = np.linalg.norm(templates - np.mean(probe, axis=0), axis=1)
            return [(names[row], -float(distances[row])) for row in distances.argsort()[:2]]

        return search


@dataclass(frozen=True, slots=True)
class Looks:
    """What one of the two made of the pictures."""

    embeddings: dict[str, Vector | None]
    cpu_ms: float
    """Median, for a picture."""
    rss_mb: float

    def summary(self) -> Report:
        missed = sum(each is None for each in self.embeddings.values())
        failed = Proportion(missed, len(self.embeddings))
        return {
            "failed_to_enrol": failed.share,
            "failed_to_enrol_ci95": failed.ci95,
            "images": failed.trials,
            "cpu_ms": round(self.cpu_ms, 2),
            "memory_mb": round(self.rss_mb, 1),
        }


def looked(data: DataSet, python: Path, module: str) -> Looks:
    """Let ``module`` look, in a process of ``python``'s environment."""
    images = data.images
    with tempfile.TemporaryDirectory(prefix="kiosk-peers-") as folder:
        names, out = Path(folder, "images.txt"), Path(folder, f"{module}.npz")
        names.write_text("".join(f"{data.path(image)}\n" for image in images))
        command = [python, "-m", f"scripts.peers.{module}", names, out]
        subprocess.run(command, check=True)
        with np.load(out) as kept:
            vectors, found = kept["embeddings"], kept["found"]
            embeddings = {
                image: vectors[row] if found[row] else None for row, image in enumerate(images)
            }
            return Looks(embeddings, float(np.median(kept["cpu_ms"])), float(kept["rss_mb"]))


def sampled(pairs: Sequence[Pair], number: int, seed: int) -> list[Pair]:
    """About so many pairs, as many of each kind from each fold."""
    kinds: dict[tuple[int, bool], list[Pair]] = {}
    for pair in pairs:
        kinds.setdefault((pair.fold, pair.mated), []).append(pair)
    each = max(1, number // len(kinds))
    chosen = random.Random(seed)
    return [one for kind in kinds.values() for one in chosen.sample(kind, min(each, len(kind)))]


def compared(data: DataSet, peer: Path, sample: int | None, seed: int, plot: Path | None) -> Report:
    """Both on all pictures, or on a sample of the pairs and without searches."""
    if sample:
        data = replace(data, pairs=tuple(sampled(data.pairs, sample, seed)), sightings=())
    here = Path(sys.executable)
    kiosk = looked(data, here, "kiosk_looks")
    other = looked(data, peer, "face_recognition_looks")
    sides = ((KIOSK, kiosk, KioskMatcher()), (PEER, other, Distance()))
    if sample:
        pairs = {
            name: judge_pairs(data.pairs, looks.embeddings, matcher)
            for name, looks, matcher in sides
        }
        judged = {
            name: {"verification": verification_summary(each)} for name, each in pairs.items()
        }
    else:
        whole = {name: judge(data, looks.embeddings, matcher) for name, looks, matcher in sides}
        judged = {name: each.summary() for name, each in whole.items()}
        if plot:
            write_plots(plot, whole)
    report = {name: judged[name] | looks.summary() for name, looks, _ in sides}
    return report | {"ratios": ratios(report[KIOSK], report[PEER])}


def ratios(kiosk: Report, peer: Report) -> dict[str, float | None]:
    """Peer through kiosk; above 1 the kiosk is better. No ratio to no errors at all."""
    errors, of_peer = (1 - each["verification"]["accuracy"] for each in (kiosk, peer))
    return {
        "errors": round(of_peer / errors, 2) if errors else None,
        "time": round(peer["cpu_ms"] / kiosk["cpu_ms"], 2),
        "memory": round(peer["memory_mb"] / kiosk["memory_mb"], 2),
    }


def show(report: Report) -> None:
    kiosk, ratio = report[KIOSK], report["ratios"]
    pairs = kiosk["verification"]["pairs"]
    table = Table("", KIOSK, PEER, title=f"{pairs} cặp · pairs, {kiosk['images']} ảnh · images")
    for name, path, form in ROWS:
        cells = [_figure(report[side], path) for side in (KIOSK, PEER)]
        if None not in cells:
            table.add_row(name, *(format(cell, form) for cell in cells))
    console = Console(highlight=False)
    console.print(table)
    console.print(f"{PEER} ÷ {KIOSK}: lỗi · errors {ratio['errors']},", end=" ")
    console.print(f"CPU {ratio['time']}, bộ nhớ · memory {ratio['memory']}")


def _figure(report: Report, path: Sequence[str]) -> float | None:
    """What lies at ``path``; ``None`` when it was not measured."""
    found: Any = report
    for key in path:
        found = found.get(key) if found else None
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/bench-peers.sh", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="as kiosk bench faces reads it")
    parser.add_argument("--peer", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--sample", type=int, help="about so many pairs, no searches")
    parser.add_argument("--seed", type=int, default=0, help="another seed, another sample")
    parser.add_argument("--plot", type=Path, help="draw DET curves (SVG) into this folder")
    parser.add_argument("--json", action="store_true", help="for machines to read")
    given = parser.parse_args()
    try:
        data = load(given.data)
    except DataSetError as error:
        parser.error(error.both())
    report = compared(data, given.peer, given.sample, given.seed, given.plot)
    if given.json:
        print(json.dumps(report))
    else:
        show(report)


if __name__ == "__main__":
    main()
