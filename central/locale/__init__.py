"""What central's pages say, in Vietnamese and English: TOML files beside this module,
``<language>/<pages>.toml``; a key is ``pages.table.name``. Both languages hold the same keys with
the same fields (a test checks)."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

Language = Literal["vi", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@cache
def catalogue(language: Language) -> dict[str, str]:
    """Every sentence of ``language`` by its key."""
    sentences: dict[str, str] = {}
    for path in sorted((Path(__file__).parent / language).glob("*.toml")):
        _flatten(path.stem, tomllib.loads(path.read_text(encoding="utf-8")), sentences)
    return sentences


def text(language: Language, key: str, /, **fields: object) -> str:
    """The sentence ``key`` with its ``{fields}`` filled. Raises :class:`KeyError`."""
    return catalogue(language)[key].format(**fields)


def number(language: Language, value: float, spec: str) -> str:
    """As :func:`format`, with the decimal mark of ``language``."""
    said = format(value, spec)
    return said.replace(".", ",") if language == "vi" else said


def _flatten(prefix: str, table: dict[str, Any], into: dict[str, str]) -> None:
    for name, value in table.items():
        key = f"{prefix}.{name}"
        if isinstance(value, dict):
            _flatten(key, value, into)
        else:
            into[key] = value
