"""Up: what happened at the kiosk."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class Model(BaseModel):
    """Unknown keys are refused: both sides are released together, version in the path."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


FieldId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Count = Annotated[int, Field(ge=1, le=2**53)]
"""Counts from 1; up to 2^53 every JSON reader keeps an integer exact (RFC 8259, section 6)."""

Moment = Annotated[
    AwareDatetime,
    Field(ge=datetime(1970, 1, 1, tzinfo=UTC), lt=datetime(9999, 1, 1, tzinfo=UTC)),
]
"""A time with its zone that any zone can express. A kiosk whose clock is not set says 1970."""


class TicketIssued(Model):
    """A number was committed at the kiosk; paper may not have moved yet."""

    kind: Literal["ticket_issued"] = "ticket_issued"
    ticket: UUID
    number: str = Field(min_length=2, max_length=12, description="as printed: prefix and sequence")
    reference: str = Field(
        pattern=r"^[A-Z2-7]{16}$", description="unguessable (80 bits): what the ticket's QR carries"
    )
    sequence: Count
    field: FieldId
    day: date = Field(description="the office's day the number belongs to")
    priority: str = Field(
        default="",
        pattern=r"^([a-z][a-z0-9_]{0,31})?$",
        description="the office's priority class that counts by itself; empty: everybody",
    )
    citizen: UUID | None = Field(default=None, description="the recognised citizen, if any")
    way: Literal["hand", "fingers", "touch", "keypad"]


class TicketPrinted(Model):
    """What became of a ticket's paper."""

    kind: Literal["ticket_printed"] = "ticket_printed"
    ticket: UUID
    outcome: Literal["printed", "uncertain", "failed"]
    reason: str = Field(default="", max_length=64)
    again: bool = Field(default=False, description="a reprint: the paper says so")


class PrinterChanged(Model):
    """What a kiosk's printer says of itself from now on."""

    kind: Literal["printer_changed"] = "printer_changed"
    state: Literal["ok", "bad", "unknown"]
    reason: str = Field(
        default="", max_length=64, description="what is wrong, or soon will be (printer_near_end)"
    )


class IdentityData(Model):
    """What an identity card said, verbatim."""

    number: str = Field(pattern=r"^(\d{12}|\d{9})$")
    old_number: str | None = Field(default=None, pattern=r"^\d{9}$")
    name: str = Field(min_length=1, max_length=100)
    date_of_birth: str = Field(
        pattern=r"^\d{4}(-\d{2}-\d{2})?$", description="ISO date, or only the year when partial"
    )
    sex: Literal["M", "F"] | None = None
    address: str = Field(default="", max_length=300)
    issued: date | None = None
    source: Literal["qr", "mrz", "chip", "ocr", "typed"]


class ConsentGiven(Model):
    """Proof of one consent: which purpose, which text, when."""

    consent: UUID
    purpose: Literal["recognise", "keep_identity"]
    version: str = Field(max_length=32)
    given_at: Moment


class CitizenEnrolled(Model):
    """A citizen is known from now on. The face template stays on the kiosk."""

    kind: Literal["citizen_enrolled"] = "citizen_enrolled"
    citizen: UUID
    identity: IdentityData
    consents: tuple[ConsentGiven, ...] = Field(min_length=1)


class PossibleDuplicate(Model):
    """Two citizens whose faces the kiosk cannot tell apart: twins, parent and child, or one
    person enrolled twice. It greets neither; staff see which."""

    kind: Literal["possible_duplicate"] = "possible_duplicate"
    first: UUID = Field(description="the smaller of the two ids")
    second: UUID


class VisitEnded(Model):
    """One visit, without a name: what managers count."""

    kind: Literal["visit_ended"] = "visit_ended"
    visit: UUID
    outcome: Literal["ticket", "left", "idle", "refused"]
    recognised: bool
    approach_to_ticket_s: float | None = Field(default=None, ge=0)


Body = Annotated[
    TicketIssued
    | TicketPrinted
    | PrinterChanged
    | CitizenEnrolled
    | PossibleDuplicate
    | VisitEnded,
    Field(discriminator="kind"),
]


class Event(Model):
    """One thing that happened, in the order it was committed on its device."""

    id: UUID = Field(description="UUIDv7; the server stores each id once")
    seq: Count = Field(description="counts up on this device, gaps are allowed")
    at: Moment
    body: Body


class Batch(Model):
    """``POST /v1/events``."""

    events: tuple[Event, ...] = Field(min_length=1, max_length=200)


class Refusal(Model):
    """An event the server will never take as it is."""

    id: UUID
    reason: str = Field(max_length=200)


class Ack(Model):
    """The server's answer: what is now durably stored, and what it refuses for good."""

    stored: tuple[UUID, ...] = Field(description="ids on the server now, new or seen before")
    duplicates: int = Field(ge=0, description="how many of them had been stored before")
    refused: tuple[Refusal, ...] = ()
