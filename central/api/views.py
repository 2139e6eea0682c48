"""What the office's calls answer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Generic, Self, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from central.db.models import Citizen, Ticket, TicketPrint
from wire import IdentityData


class View(BaseModel):
    """Read from a row."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    position: int


class EventView(View):
    """An event as it was received."""

    id: UUID
    device_id: int
    seq: int
    at: datetime
    received_at: datetime
    body: dict[str, Any]


class TicketView(View):
    """A ticket, where it stands, and what became of its paper."""

    id: UUID
    device_id: int
    number: str
    reference: str
    sequence: int
    field: str
    priority: str
    day: date
    citizen: UUID | None
    match: str
    """How the kiosk recognised the citizen: ``card face_clear face_enough``; empty: it does not
    say."""
    way: str
    issued_at: datetime
    called_at: datetime | None
    printed: str | None = None
    """``printed uncertain failed``; None while nothing is known."""
    print_reason: str = ""
    reprinted: bool = False
    """The last paper says that it is a reprint."""
    reprint_asked_at: datetime | None = None
    """Another paper was asked for then and has not come yet."""

    @classmethod
    def of(cls, ticket: Ticket, printed: TicketPrint | None, asked_at: datetime | None) -> Self:
        """A ticket and what is known of its paper, put together."""
        view = cls.model_validate(ticket)
        paper: dict[str, object] = {"reprint_asked_at": asked_at}
        if printed is not None:
            paper |= {
                "printed": printed.outcome,
                "print_reason": printed.reason,
                "reprinted": printed.again,
            }
        return view.model_copy(update=paper)


class ReprintView(BaseModel):
    """Another paper that was asked for."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: UUID
    ticket: UUID
    asked_at: datetime


class PrinterView(BaseModel):
    """What a kiosk's printer said last."""

    model_config = ConfigDict(frozen=True)

    kiosk: str
    """The device's name."""
    state: str
    """``ok bad unknown``."""
    reason: str
    since: datetime
    """By the kiosk's clock."""


class CitizenView(View):
    """A citizen who asked to be remembered."""

    id: UUID
    number: str
    old_number: str | None
    name: str
    date_of_birth: str
    sex: str | None
    address: str
    issued: date | None
    source: str
    enrolled_at: datetime
    last_visit: datetime

    @classmethod
    def of(cls, citizen: Citizen, identity: IdentityData) -> Self:
        """A citizen and what their card said, put together."""
        return cls(
            position=citizen.position,
            id=citizen.id,
            enrolled_at=citizen.enrolled_at,
            last_visit=citizen.last_visit,
            **identity.model_dump(),
        )


class PossibleDuplicateView(View):
    """Two citizens, by id, whom a kiosk cannot tell apart."""

    first: UUID
    second: UUID
    device_id: int
    noted_at: datetime


class VisitView(View):
    """One visit, without a name."""

    id: UUID
    device_id: int
    ended_at: datetime
    outcome: str
    recognised: bool
    approach_to_ticket_s: float | None


class StatsView(BaseModel):
    """Totals since the beginning."""

    model_config = ConfigDict(from_attributes=True)

    events: int
    duplicates: int
    tickets: int
    citizens: int


_Item = TypeVar("_Item", bound=View)


class Page(BaseModel, Generic[_Item]):
    """Part of a list, in order of arrival."""

    items: list[_Item]
    next: int | None
    """``after`` of the next page; None at the end."""

    @classmethod
    def of(cls, items: list[_Item], limit: int) -> Self:
        """A page of at most ``limit`` items."""
        return cls(items=items, next=items[-1].position if len(items) == limit else None)
