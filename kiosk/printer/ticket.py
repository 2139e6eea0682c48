"""What a ticket says, as one value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kiosk.locale import Language


@dataclass(frozen=True, slots=True)
class TicketFace:
    """Everything on the paper. Names are already in ``language``; numbers are already final."""

    office: str
    unit: str
    field: str
    number: str
    """As it is called aloud and shown on the display: ``A012``."""
    counter: str
    """Empty: the ticket names no counter."""
    ahead: int | None
    """People in front, ``None`` when nobody knows (never a guess)."""
    wait_min: int | None
    """Estimated wait in minutes, ``None`` when nobody knows."""
    printed_at: datetime
    """Aware, in the office's time zone: the paper shows it as it stands."""
    name: str | None
    """Masked name of the recognised citizen, ``None`` for everybody else."""
    reference: str
    """Short unguessable text of the QR code; says nothing about the person."""
    language: Language
    kiosk: str
    priority: str | None = None
    """Name of the priority class the number belongs to, ``None`` for the ordinary series."""
    reprint: bool = False
    """Marks the paper as the second one for the same number."""
    specimen: bool = False
    """Marks the paper as a test: nobody will be called by it."""

    def __post_init__(self) -> None:
        if self.printed_at.tzinfo is None:
            raise ValueError("printed_at needs a time zone")
