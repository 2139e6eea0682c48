"""One catalogue of sentences for screen, ticket, voice and errors, in Vietnamese and English.

The catalogue is the TOML files beside this module, ``<language>/<section>.toml``; a key is
``section.table.name``. Both languages hold the same keys with the same fields (a test checks).
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Literal, cast, get_args

Language = Literal["vi", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@cache
def catalogue(language: Language) -> dict[str, str]:
    """Every sentence of ``language``, keyed ``section.table.name``."""
    sentences: dict[str, str] = {}
    for path in sorted((Path(__file__).parent / language).glob("*.toml")):
        _flatten(path.stem, tomllib.loads(path.read_text(encoding="utf-8")), sentences)
    return sentences


def text(language: Language, key: str, /, **fields: object) -> str:
    """The sentence ``key`` in ``language`` with its ``{fields}`` filled.

    Raises :class:`KeyError` for a key the catalogue does not hold: a missing sentence is a
    fault of ours, never something to show to a citizen.
    """
    return catalogue(language)[key].format(**fields)


def _flatten(prefix: str, table: dict[str, object], into: dict[str, str]) -> None:
    for name, value in table.items():
        key = f"{prefix}.{name}"
        if isinstance(value, dict):
            _flatten(key, cast("dict[str, object]", value), into)
        else:
            into[key] = cast("str", value)
