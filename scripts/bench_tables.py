#!/usr/bin/env python3
"""Make pairs.tsv and identification.tsv of a folder of people, for kiosk bench faces.

    scripts/bench_tables.py FOLDER

FOLDER holds images/PERSON/…, one folder for each person, as Labelled Faces in the Wild is
unpacked. Who does what is told by a hash of their name, so that it is the same every time and
nobody is chosen for their looks: ten folds of people, in each as many mated as non-mated pairs, at
most 200; three people in four who have two pictures or more are the gallery, the others strangers.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

FOLDS = 10
PAIRS = 200
PROBES = 5
PICTURES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".ppm"}

People = Mapping[str, Sequence[str]]


def people_in(images: Path) -> People:
    """Pictures of each person, by path below ``images``, in the order of their names."""
    return {
        folder.name: [f"{folder.name}/{picture.name}" for picture in pictures]
        for folder in sorted(images.iterdir())
        if folder.is_dir() and (pictures := _pictures(folder))
    }


def _pictures(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURES)


def pairs(people: People) -> Iterator[tuple[object, ...]]:
    """Rows of pairs.tsv, without the heading."""
    for fold in range(FOLDS):
        here = {name: people[name] for name in people if _number(name, "fold") % FOLDS == fold}
        mated = _mated(here)
        chosen = random.Random(fold)
        chosen.shuffle(mated)
        number = min(PAIRS, len(mated))
        for a, b in sorted(mated[:number]):
            yield fold, 1, a, b
        for a, b in _nonmated(here, number, chosen):
            yield fold, 0, a, b


def _mated(people: People) -> list[tuple[str, str]]:
    return [pair for images in people.values() for pair in itertools.combinations(images, 2)]


def _nonmated(people: People, number: int, chosen: random.Random) -> list[tuple[str, str]]:
    """Of two people each, every two of them at most once."""
    names = list(itertools.combinations(people, 2))
    some = chosen.sample(names, min(number, len(names)))
    return sorted((chosen.choice(people[a]), chosen.choice(people[b])) for a, b in some)


def identification(people: People) -> Iterator[tuple[str, str, str]]:
    """Rows of identification.tsv, without the heading."""
    enrolled = [name for name in people if len(people[name]) > 1 and _number(name, "role") % 4]
    for name in enrolled:
        first, *others = people[name]
        yield "gallery", name, first
        yield from (("mated", name, image) for image in others[:PROBES])
    yield from (("nonmated", name, people[name][0]) for name in people if name not in enrolled)


def _number(name: str, purpose: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{purpose} {name}".encode()).digest()[:4], "big")


def write(path: Path, heading: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    lines = ["\t".join(map(str, row)) for row in (heading, *rows)]
    with path.open("x", encoding="utf-8") as table:
        table.write("\n".join(lines) + "\n")
    print(f"{path}: {len(lines) - 1}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    try:
        people = people_in(folder / "images")
        write(folder / "pairs.tsv", ("fold", "mated", "a", "b"), pairs(people))
        rows = identification(people)
        write(folder / "identification.tsv", ("role", "person", "image"), rows)
    except OSError as error:
        parser.error(f"{error.filename}: {error.strerror}")


if __name__ == "__main__":
    main()
