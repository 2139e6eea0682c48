"""What a check says: how it is, why, and in which figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from kiosk.errors import KioskError
from kiosk.locale import Language, text

Figure = str | int | float

Concern = Literal["software", "hardware", "surroundings"]
"""``software``: what an update can break, and decides whether it stays. ``hardware``: what a
technician replaces or refills. ``surroundings``: network, server, clock, room."""


class Level(StrEnum):
    """How it is; the worst has the highest :attr:`rank`."""

    ABSENT = "absent"
    """This kiosk does not have it, on purpose."""
    GOOD = "good"
    UNKNOWN = "unknown"
    """It could not be found out."""
    WATCH = "watch"
    """It works, and somebody should see to it before it does not."""
    BAD = "bad"
    """Citizens notice, or records are in danger."""

    @property
    def rank(self) -> int:
        """0 … 4."""
        return list(Level).index(self)


@dataclass(frozen=True, slots=True)
class Finding:
    """``key`` names two sentences of the catalogue, ``<key>.what`` and ``<key>.do``, which
    ``figures`` fill. Figures are never about people: they reach the log and central."""

    level: Level
    key: str
    figures: Mapping[str, Figure] = field(default_factory=dict[str, Figure])

    @classmethod
    def of(cls, error: KioskError, level: Level = Level.BAD) -> Finding:
        """What an error says."""
        figures = {name: _figure(value) for name, value in error.fields.items()}
        return cls(level, f"error.{error.key}", figures)

    def what(self, language: Language) -> str:
        """How it is, in one sentence."""
        return text(language, f"{self.key}.what", **self.figures)

    def do(self, language: Language) -> str:
        """What to do about it, in one sentence; empty when there is nothing to do."""
        if self.level in (Level.GOOD, Level.ABSENT):
            return ""
        return text(language, f"{self.key}.do", **self.figures)


def _figure(value: object) -> Figure:
    return value if isinstance(value, int | float) else str(value)
