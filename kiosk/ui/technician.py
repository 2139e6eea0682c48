"""What a technician sees on the kiosk's own screen, as one immutable value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

TechnicianPage = Literal["closed", "pin", "health", "camera", "pointer", "enrol"]
Mark = Literal["good", "absent", "unknown", "watch", "bad"]


@dataclass(frozen=True, slots=True)
class TechnicianRow:
    """One condition."""

    mark: Mark
    name: str
    what: str
    do: str


@dataclass(frozen=True, slots=True)
class TechnicianButton:
    """``id`` comes back when it is pressed."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class TechnicianScreen:
    """Over everything else, unless ``page`` is *closed*."""

    page: TechnicianPage = "closed"
    title: str = ""
    told: str = ""
    """What happened last, or how the camera is."""
    entered: int = 0
    """Digits of the PIN so far."""
    rows: tuple[TechnicianRow, ...] = ()
    buttons: tuple[TechnicianButton, ...] = ()
    cross: tuple[float, float] | None = None
    """Where to point now: shares of the stage's width and height, 0 … 1."""
