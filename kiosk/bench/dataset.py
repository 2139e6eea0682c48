"""A folder of people to measure recognition on.

::

    images/PERSON/…           pictures
    pairs.tsv                 fold, mated (1 or 0), a, b: two pictures, of one person or not
    identification.tsv        role (gallery, mated or nonmated), person, image

Pictures are named by their path below ``images/``. Nobody is in two folds; the gallery has one
picture of each person; a mated probe is another picture of somebody in it, a non-mated one of
somebody who is not.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from kiosk.errors import DataSetError

_PAIRS = ("pairs.tsv", ("fold", "mated", "a", "b"))
_IDENTIFICATION = ("identification.tsv", ("role", "person", "image"))
_ROLES = ("gallery", "mated", "nonmated")

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Pair:
    """A comparison of two pictures."""

    fold: int
    mated: bool
    a: str
    b: str


@dataclass(frozen=True, slots=True)
class Sighting:
    """A picture of a person and what it is for."""

    role: str
    person: str
    image: str


@dataclass(frozen=True, slots=True)
class DataSet:
    """``pairs`` and ``sightings`` in the order of their files."""

    folder: Path
    pairs: tuple[Pair, ...]
    sightings: tuple[Sighting, ...]

    @property
    def images(self) -> list[str]:
        """Every picture that takes part, once."""
        paired = [image for pair in self.pairs for image in (pair.a, pair.b)]
        return list(dict.fromkeys([*paired, *(each.image for each in self.sightings)]))

    def path(self, image: str) -> Path:
        """Where a picture lies."""
        return self.folder / "images" / image

    def of_role(self, role: str) -> list[Sighting]:
        """The pictures of one role."""
        return [each for each in self.sightings if each.role == role]


def load(folder: Path) -> DataSet:
    """Read the tables of ``folder``. Raises :class:`~kiosk.errors.DataSetError`, with file and
    line, when one is missing or does not keep to the form."""
    pairs = tuple(_rows(folder / _PAIRS[0], _PAIRS[1], _pair))
    folds = {pair.fold for pair in pairs if pair.mated} & {p.fold for p in pairs if not p.mated}
    if len(folds) < 2 or folds != {pair.fold for pair in pairs}:
        raise DataSetError("data_folds", file=folder / _PAIRS[0])
    sightings = tuple(_rows(folder / _IDENTIFICATION[0], _IDENTIFICATION[1], _sighting))
    _check_roles(folder / _IDENTIFICATION[0], sightings)
    return DataSet(folder, pairs, sightings)


def _rows(
    path: Path, columns: Sequence[str], make: Callable[[Sequence[str]], Row]
) -> Iterator[Row]:
    try:
        with path.open(encoding="utf-8", newline="") as text:
            reader = csv.reader(text, delimiter="\t", quoting=csv.QUOTE_NONE)
            if tuple(next(reader, ())) != tuple(columns):
                raise _wrong(path, 1, f"columns must be {', '.join(columns)}")
            for number, cells in enumerate(reader, 2):
                if len(cells) != len(columns) or not all(cells):
                    raise _wrong(path, number, f"want {len(columns)} filled columns")
                try:
                    yield make(cells)
                except ValueError as error:
                    raise _wrong(path, number, str(error)) from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise DataSetError("data_unreadable", file=path, reason=reason) from error


def _wrong(path: Path, line: int, reason: str) -> DataSetError:
    return DataSetError("data_line", file=path, line=line, reason=reason)


def _pair(cells: Sequence[str]) -> Pair:
    fold, mated, a, b = cells
    if mated not in ("0", "1"):
        raise ValueError(f"mated must be 0 or 1, not {mated!r}")
    if not fold.isdecimal():
        raise ValueError(f"fold must be a number, not {fold!r}")
    return Pair(int(fold), mated == "1", a, b)


def _sighting(cells: Sequence[str]) -> Sighting:
    role, person, image = cells
    if role not in _ROLES:
        raise ValueError(f"role must be {', '.join(_ROLES)}, not {role!r}")
    return Sighting(role, person, image)


def _check_roles(path: Path, sightings: Sequence[Sighting]) -> None:
    """Who is in the gallery is told by the whole file: roles are checked once it is read."""
    enrolled: set[str] = set()
    for number, each in enumerate(sightings, 2):
        if each.role == "gallery" and each.person in enrolled:
            raise _wrong(path, number, f"{each.person} is in the gallery twice")
        if each.role == "gallery":
            enrolled.add(each.person)
    for number, each in enumerate(sightings, 2):
        if each.role != "gallery" and (each.person in enrolled) != (each.role == "mated"):
            where = "is" if each.person in enrolled else "is not"
            raise _wrong(path, number, f"{each.person} is {each.role} and {where} in the gallery")
    for role in _ROLES:
        if not any(each.role == role for each in sightings):
            raise DataSetError("data_role", file=path, role=role)
