"""What the visit asks the rest of the kiosk to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kiosk.visit.events import Match, Way

Outcome = Literal["ticket", "left", "idle", "refused"]


@dataclass(frozen=True, slots=True)
class IssueTicket:
    """Commit the next number of ``field`` and print it."""

    field: str
    citizen_id: str | None
    way: Way
    priority: str = ""
    """Id of the priority class the person claimed; empty: none."""
    match: Match = ""
    """How the citizen was recognised."""


@dataclass(frozen=True, slots=True)
class LookForCard:
    """Start or stop looking for a card's barcode."""

    on: bool


@dataclass(frozen=True, slots=True)
class ReadChip:
    """Read the chip of the card that was read, as soon as it lies on the reader."""


@dataclass(frozen=True, slots=True)
class Enrol:
    """Remember the holder of ``card`` by the face of ``track``, or without a face. Asked for only
    after consent."""

    card: str
    track: int | None


@dataclass(frozen=True, slots=True)
class EraseCitizen:
    """Forget a citizen for good. Asked for by whoever was recognised as them or has their
    card."""

    citizen_id: str


@dataclass(frozen=True, slots=True)
class PrintSlip:
    """Print what proves the consent just given, or the erasure."""


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


Effect = (
    IssueTicket
    | LookForCard
    | ReadChip
    | Enrol
    | EraseCitizen
    | PrintSlip
    | ForgetCard
    | Say
    | VisitEnded
)
