"""What an office offers, as a TOML file people edit: the keys of :class:`wire.OfficeSettings`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import tomli_w
from pydantic import ValidationError

from wire import OfficeSettings

MOST_PRIORITIES = 6
MOST_FIELDS = 36
"""A kiosk's screen has room for no more."""
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class OfficeFileError(Exception):
    """A file that cannot be used: ``where`` in it (a key, or empty) and why."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where}: {reason}" if where else reason)
        self.where, self.reason = where, reason


def read_office(path: Path) -> OfficeSettings:
    """The settings in ``path``. Raises :class:`OfficeFileError`."""
    try:
        return settings_from(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise OfficeFileError("", str(error)) from error


def settings_from(tables: dict[str, Any]) -> OfficeSettings:
    """The settings an administrator wrote. Raises :class:`OfficeFileError`: unlike a kiosk that
    is told by a newer server, they have no keys that nobody knows, and series of numbers cannot
    be mixed up."""
    try:
        settings = OfficeSettings.model_validate(tables, extra="forbid")
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise OfficeFileError(_dotted(first["loc"]), first["msg"]) from error
    _refuse_mixed_up(settings)
    _refuse_odd_hours(settings)
    return settings


def office_text(settings: OfficeSettings) -> str:
    """The file that would set ``settings``."""
    return tomli_w.dumps(
        settings.model_dump(mode="json", exclude_none=True), multiline_strings=False
    )


def _dotted(loc: Iterable[int | str]) -> str:
    parts = (f"[{part + 1}]" if isinstance(part, int) else part for part in loc)
    return ".".join(parts).replace(".[", "[")


def _refuse_mixed_up(settings: OfficeSettings) -> None:
    fields, priorities = settings.fields, settings.priorities
    for table, rows, most in (
        ("fields", fields, MOST_FIELDS),
        ("priorities", priorities, MOST_PRIORITIES),
    ):
        if len(rows) > most:
            raise OfficeFileError(table, f"more than {most}")
    _refuse_doubles("fields", "id", [field.id for field in fields])
    _refuse_doubles("priorities", "id", [one.id for one in priorities])
    marks = ["", *(one.mark for one in priorities)]
    series = [field.prefix + mark for field in fields for mark in marks]
    _refuse_doubles("fields", "prefix, with the priorities' marks", series)


def _refuse_doubles(table: str, key: str, values: list[str]) -> None:
    for value in values:
        if values.count(value) > 1:
            raise OfficeFileError(table, f"{key}: {value} is there twice")


def _refuse_odd_hours(settings: OfficeSettings) -> None:
    for day, spans in (settings.hours or {}).items():
        before = "00:00"
        for span in spans:
            start, end = span.split("-")
            if not (_TIME.fullmatch(start) and _TIME.fullmatch(end) and before <= start < end):
                raise OfficeFileError(f"hours.{day}", f"{span}: no time of day, or out of order")
            before = end
