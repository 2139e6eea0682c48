"""A check is two functions: one looks, the other judges what was seen.

Looking touches the machine and may take seconds; judging is pure, so that every edge can be
tried.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from kiosk.errors import KioskError
from kiosk.health.finding import Concern, Finding, Level
from kiosk.health.place import Place

_log = logging.getLogger(__name__)

Seen = TypeVar("Seen")


@dataclass(frozen=True, slots=True)
class Check(Generic[Seen]):
    """One condition. Its sentences are ``health.<name>.…`` in the catalogue."""

    name: str
    concern: Concern
    look: Callable[[Place], Seen]
    judge: Callable[[Seen], Finding]

    def __call__(self, place: Place) -> Finding:
        """How it is. An error of ours that says what to do is a finding; a check that breaks
        says so and holds up no other."""
        try:
            return self.judge(self.look(place))
        except KioskError as error:
            return Finding.of(error)
        except Exception:  # noqa: BLE001 -- logged with its trace; the others still run
            _log.exception("the check %s broke", self.name)
            return Finding(Level.UNKNOWN, "health.broken", {"check": self.name})
