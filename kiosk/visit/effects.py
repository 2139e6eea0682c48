"""What the visit asks the rest of the kiosk to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kiosk.visit.events import Way

Outcome = Literal["ticket", "left", "idle", "refused"]


@dataclass(frozen=True, slots=True)
class IssueTicket:
    """Commit the next number of ``field`` and print it."""

    field: str
    citizen_id: str | None
    way: Way
    priority: str = ""
    """Id of the priority class the person claimed; empty: none."""


@dataclass(frozen=True, slots=True)
class LookForCard:
    """Start or stop looking for a card's barcode."""

    on: bool


@dataclass(frozen=True, slots=True)
class Enrol:
    """Remember the holder of ``card`` by the face of ``track``. Asked for only after consent."""

    card: str
    track: int


@dataclass(frozen=True, slots=True)
class ForgetCard:
    """Drop the card's data from memory: consent was not given, or the visit is over."""


@dataclass(frozen=True, slots=True)
class Say:
    """Speak the prompt ``voice.<key>``."""

    key: str


@dataclass(frozen=True, slots=True)
class VisitEnded:
    """A visit is over."""

    outcome: Outcome
    recognised: bool


Effect = IssueTicket | LookForCard | Enrol | ForgetCard | Say | VisitEnded
