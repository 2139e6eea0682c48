"""Up: what happened at the kiosk."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from wire.changes import Changes
from wire.health import DeviceExamined
from wire.model import Count, FieldId, Model, Moment
from wire.people import CardEvidence, ConsentGiven, IdentityData, MaskedPerson, ProtectedTemplate

MatchClass = Literal["", "card", "face_clear", "face_enough"]


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
    match: MatchClass = Field(
        default="",
        description="how the citizen was recognised: by the card they showed, by face far more "
        "surely than the office asks (face_clear), or just surely enough (face_enough); empty: "
        "nobody was, or an earlier release does not say",
    )
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


class CitizenEnrolled(Model):
    """A citizen is known from now on."""

    kind: Literal["citizen_enrolled"] = "citizen_enrolled"
    citizen: UUID
    identity: IdentityData
    consents: tuple[ConsentGiven, ...] = Field(min_length=1)
    masked: MaskedPerson | None = None
    template: ProtectedTemplate | None = None
    evidence: CardEvidence = CardEvidence()


class TemplateIssued(Model):
    """A citizen's template anew: the office's secret or the embedding has changed."""

    kind: Literal["template_issued"] = "template_issued"
    citizen: UUID
    template: ProtectedTemplate


class CitizenErased(Model):
    """A citizen is forgotten, for good and everywhere."""

    kind: Literal["citizen_erased"] = "citizen_erased"
    citizen: UUID
    reason: Literal["asked", "expired"]


class PossibleDuplicate(Model):
    """Two citizens who may be one person, or one of whom holds the other's card. The kiosk never
    makes one of the two; staff see which it is."""

    kind: Literal["possible_duplicate"] = "possible_duplicate"
    first: UUID = Field(description="the smaller of the two ids")
    second: UUID
    reason: Literal["same_face", "same_number"] = Field(
        default="same_face",
        description="their faces cannot be told apart, so that neither is greeted (twins, parent "
        "and child, one person with two cards); or one number was shown by two faces",
    )


class VisitEnded(Model):
    """One visit, without a name: what managers count."""

    kind: Literal["visit_ended"] = "visit_ended"
    visit: UUID
    outcome: Literal["ticket", "left", "idle", "refused"]
    recognised: bool
    approach_to_ticket_s: float | None = Field(default=None, ge=0)


AnyBody = (
    TicketIssued
    | TicketPrinted
    | PrinterChanged
    | CitizenEnrolled
    | TemplateIssued
    | CitizenErased
    | PossibleDuplicate
    | VisitEnded
    | DeviceExamined
)
Body = Annotated[AnyBody, Field(discriminator="kind")]


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
    changes: Changes | None = Field(
        default=None, description="what is new, when the delivery asked for it; null: ask for it"
    )
