"""What a ticket says, as one value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Self
from zoneinfo import ZoneInfo

from kiosk.config import Settings
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
    """Short and unguessable; says nothing about the person."""
    language: Language
    kiosk: str
    priority: str | None = None
    """Name of the priority class the number belongs to, ``None`` for the ordinary series."""
    reprint: bool = False
    """Marks the paper as the second one for the same number."""
    specimen: bool = False
    """Marks the paper as a test: nobody will be called by it."""
    code: str = ""
    """What the QR code says; empty: the reference."""

    def __post_init__(self) -> None:
        if self.printed_at.tzinfo is None:
            raise ValueError("printed_at needs a time zone")

    @classmethod
    def of(
        cls,
        settings: Settings,
        *,
        field: str,
        priority: str,
        number: str,
        reference: str,
        issued_at: datetime,
        ahead: int | None,
        wait_min: int | None,
        name: str | None,
        language: Language,
    ) -> Self:
        """A ticket of the office in ``settings``: ``field`` and ``priority`` are ids there, the
        latter empty for the ordinary series; ``issued_at`` is aware.

        Raises :class:`ConfigError` for one that is not configured.
        """
        office, business = settings.office, settings.field(field)
        first = settings.priority(priority)
        return cls(
            office=office.name.in_(language),
            unit=office.unit.in_(language),
            field=business.name.in_(language),
            number=number,
            counter=business.counter,
            ahead=ahead,
            wait_min=wait_min,
            printed_at=issued_at.astimezone(ZoneInfo(office.timezone)),
            name=name,
            reference=reference,
            code=settings.ticket.code(reference),
            language=language,
            kiosk=office.kiosk,
            priority=first.name.in_(language) if first else None,
        )
