"""What can happen during a visit. Every event says when (``at``, seconds, never going back)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal


class Way(StrEnum):
    """How something was chosen."""

    HAND = "hand"
    FINGERS = "fingers"
    TOUCH = "touch"
    KEYPAD = "keypad"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who the person in front may be; the policy decides whether to greet them."""

    citizen_id: str
    false_match_probability: float
    """How likely one comparison with somebody else scores as high, 0 … 1."""
    rival_probability: float
    """The same of the score of the nearest other citizen."""
    enrolled: int
    """How many templates the face was compared with."""


Match = Literal["", "card", "face_clear", "face_enough"]
"""How somebody was recognised: by their card, by face far more surely than the policy asks, or just
surely enough; empty: not at all."""

HandState = Literal["none", "low", "closed", "raising", "engaged", "lost"]
"""What a person's hand does. ``none``: it is not seen; ``low``: it is not raised; ``closed``: it
is raised, but a fist or not turned towards the camera; ``raising``: it is shown, not yet for long
enough; ``engaged``: it points and counts; ``lost``: it was engaged and is out of sight for a
moment."""


@dataclass(frozen=True, slots=True)
class Person:
    """The one person the kiosk is dealing with."""

    track: int
    near: bool
    """Close enough to be served."""
    flaw: str | None = None
    """What keeps the face from being seen well: one of :data:`kiosk.vision.percepts.FLAWS`, or
    ``near``: so close that a raised hand would not be in the picture."""
    hand: HandState = "none"
    candidate: Candidate | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A frame was looked at."""

    at: float
    person: Person | None
    others: int = 0
    """People about as near as the person."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Time went by."""

    at: float


@dataclass(frozen=True, slots=True)
class Picked:
    """An option of the present screen was chosen. Unknown or stale options are ignored."""

    at: float
    option: str
    way: Way


@dataclass(frozen=True, slots=True)
class CardRead:
    """A card was read. ``card`` refers to the document the application holds in memory."""

    at: float
    card: str
    holder: str
    """Masked name of the holder."""
    age: int | None = None
    """Full years."""
    known: str | None = None
    """``citizen_id`` of the holder, when they are known already."""
    to_confirm: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """What a machine believes it reads in print, as field and text: the citizen says whether it
    is right. Personal: never log it."""
    chip: bool = False
    """It was read from the chip."""
    same: bool = False
    """It is the card that lies there already, where another one was asked for."""


@dataclass(frozen=True, slots=True)
class CardRefused:
    """What was shown is not an identity card, or cannot be read; ``reason`` keys a sentence."""

    at: float
    reason: str
    final: bool = False
    """Another try with this card is of no use."""


CardHint = Literal["", "closer", "still", "tilt"]


@dataclass(frozen=True, slots=True)
class CardShown:
    """A card is held up and cannot be read yet; ``hint`` says how to hold it, empty: there is
    none."""

    at: float
    hint: CardHint


@dataclass(frozen=True, slots=True)
class ChipProgress:
    """A chip is being read."""

    at: float
    share: float
    """0 … 1."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The citizen is remembered from now on, or could not be."""

    at: float
    ok: bool
    reason: str = "not_enrolled"
    """Keys why not."""


@dataclass(frozen=True, slots=True)
class Erased:
    """The citizen is forgotten, or could not be."""

    at: float
    ok: bool


@dataclass(frozen=True, slots=True)
class SlipPrinted:
    """The paper that proves a consent or an erasure came out, or did not."""

    at: float
    ok: bool


Printed = Literal["printed", "uncertain", "failed"]
Paper = Literal["queued", "sending", "sent"]
"""A ticket waits for the printer, goes to it, or was handed over whole and not confirmed yet."""


@dataclass(frozen=True, slots=True)
class TicketIssued:
    """The number exists in the database. Paper has not moved yet."""

    at: float
    ticket: str
    number: str
    reference: str
    """What the QR code says, on paper and on the screen."""
    field: str
    counter: str
    ahead: int | None


@dataclass(frozen=True, slots=True)
class TicketRefused:
    """No number could be committed; ``reason`` keys why: the office has closed
    (``office_closed``), the field's numbers are used up (``field_full``), a full disk …"""

    at: float
    reason: str


@dataclass(frozen=True, slots=True)
class PrintingMoved:
    """A ticket came one step nearer to paper."""

    at: float
    ticket: str
    paper: Paper


@dataclass(frozen=True, slots=True)
class PrintingDone:
    """The printer is finished with a ticket, one way or another."""

    at: float
    ticket: str
    outcome: Printed
    reason: str = ""
    again: bool = False
    """The paper says that it is a reprint."""
    number: str = ""
    """The ticket's number, for whoever stands there when somebody else's paper comes out."""


@dataclass(frozen=True, slots=True)
class CameraState:
    """The camera (or the vision process) went away or came back."""

    at: float
    working: bool
    reason: str = ""
    """Key of why there is none."""


@dataclass(frozen=True, slots=True)
class PrinterState:
    """What the printer says of itself."""

    at: float
    state: Literal["ok", "bad", "unknown"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OfficeState:
    """Whether the office serves people now, and what it has numbers for."""

    at: float
    open: bool
    opens: datetime | None = None
    """When it opens next, in its own time; ``None``: nobody can know."""
    full: frozenset[str] = frozenset()
    """Fields whose numbers are used up for today."""


Event = (
    Seen
    | Tick
    | Picked
    | CardRead
    | CardRefused
    | CardShown
    | ChipProgress
    | Enrolled
    | Erased
    | SlipPrinted
    | TicketIssued
    | TicketRefused
    | PrintingMoved
    | PrintingDone
    | CameraState
    | PrinterState
    | OfficeState
)
