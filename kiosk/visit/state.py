"""Where a visit stands: one immutable value, everything the screen shows and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from kiosk.locale import Language
from kiosk.visit.events import (
    CardHint,
    CardRead,
    Match,
    Paper,
    Person,
    Printed,
    TicketIssued,
    Way,
)
from kiosk.visit.policy import ASSENT_AGE, CHILD_AGE, PURPOSES, Policy

Errand = Literal["remember", "forget"]


class Phase(StrEnum):
    """The screens of a visit, in the order a first visit meets them."""

    ATTRACT = "attract"
    CHOOSE = "choose"
    CONFIRM = "confirm"
    PRINT = "print"
    TICKET = "ticket"
    CARD = "card"
    CHECK = "check"
    CHIP = "chip"
    CONSENT = "consent"
    ENROL = "enrol"
    FORGET = "forget"
    THANKS = "thanks"


SHARED_S = 0.7
"""Whoever stands as near for so long stands there, and does not pass by."""


@dataclass(frozen=True, slots=True)
class Machine:
    """The state of the kiosk's parts, as far as a citizen is concerned. Outlives visits."""

    camera: bool = True
    camera_reason: str = ""
    printer: Literal["ok", "bad", "unknown"] = "unknown"
    printer_reason: str = ""
    store_reason: str = ""
    """Why no number could be given when last tried; empty: numbers are given."""
    open: bool = True
    """The office serves people now."""
    opens: datetime | None = None
    """When it opens next, in its own time; ``None``: nobody can know."""
    full: frozenset[str] = frozenset()
    """Fields whose numbers are used up for today."""
    other_paper: str = ""
    """Number of a paper that came out just now for somebody who was here before."""
    other_paper_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit, or the kiosk waiting for one (``phase`` is ``ATTRACT``)."""

    phase: Phase = Phase.ATTRACT
    since: float = 0.0
    """When the phase began."""
    deadline: float | None = None
    """When the phase ends by itself."""
    started: float = 0.0
    """When the visit began: the person was first near, or touched the screen."""
    person: Person | None = None
    """The subject as last seen; ``None`` on a visit by touch or keypad alone."""
    seen_at: float = 0.0
    others: int = 0
    others_since: float = 0.0
    """When somebody else came as near, while ``others`` is not 0."""
    language: Language = "vi"
    larger: bool = False
    """Fewer words in larger type, until the visit ends."""
    contrast: bool = False
    """White and yellow on black, until the visit ends."""
    page: int = 0
    greeted: str | None = None
    """``citizen_id`` of whoever is greeted by a masked name, as long as they are surely there."""
    match: Match = ""
    """How they were recognised: by face, at its surest."""
    vouched_at: float = 0.0
    """When a frame last showed that whoever is greeted is there."""
    welcomed: str | None = None
    """``citizen_id`` of whoever was greeted last on this visit: they are not welcomed twice."""
    denied: bool = False
    """The person said "not me": nobody is greeted any more on this visit."""
    priority: str = ""
    """Id of the priority class the person claims; an officer looks at their papers."""
    field: str | None = None
    way: Way | None = None
    ticket: TicketIssued | None = None
    paper: Paper = "queued"
    """How far the ticket is on its way, as long as ``printed`` is ``None``."""
    printed: Printed | None = None
    """What became of the paper; ``None`` while it is still moving."""
    reprinted: bool = False
    """The paper that came out says that it is a reprint."""
    trouble: str = ""
    """Key of what went wrong with the choice, the ticket, the card or the enrolment."""
    errand: Errand = "remember"
    """What a card is asked for."""
    hint: CardHint = ""
    """How to hold the card."""
    card: CardRead | None = None
    chip_share: float = 0.0
    """How much of the chip is read, 0 … 1."""
    representative: CardRead | None = None
    """Who consents for the child that ``card`` belongs to."""
    consented: tuple[str, ...] = ()
    declined: tuple[str, ...] = ()
    enrolled: bool = False
    erasing: str | None = None
    """``citizen_id`` of whoever asks to be forgotten."""
    forgotten: bool = False
    slip: Literal["", "printing", "printed", "failed"] = ""
    """What became of the paper that proves a consent or an erasure."""
    machine: Machine = Machine()
    served: int | None = None
    """Track of whoever was served last: it takes a raised hand to serve them again."""

    def questions(self) -> tuple[str, ...]:
        """What has to be answered: one question for each purpose, and a child's own word."""
        age = self.card.age if self.card else None
        asked = age is not None and ASSENT_AGE <= age < CHILD_AGE
        return (*PURPOSES, "assent") if asked else PURPOSES

    def question(self) -> str | None:
        """What the consent screen asks about now."""
        answered = (*self.consented, *self.declined)
        return next((each for each in self.questions() if each not in answered), None)

    def needs_representative(self) -> bool:
        """The card is a child's, and nobody who can consent for them has shown theirs."""
        age = self.card.age if self.card else None
        return age is not None and age < CHILD_AGE and self.representative is None

    def recognised(self) -> bool:
        """A citizen was greeted on this visit and did not say that it was not them."""
        return self.welcomed is not None and not self.denied

    def crowded(self) -> bool:
        """Somebody else stands as near: no name is shown."""
        return self.person is not None and self.others > 0

    def shared(self, at: float) -> bool:
        """Somebody else has stood as near for a while: no hand chooses. For a frame or two
        somebody behind may seem as near."""
        return self.crowded() and at - self.others_since >= SHARED_S


@dataclass(frozen=True, slots=True)
class Option:
    """Something that can be chosen on the present screen."""

    id: str
    grave: bool = False
    """It cannot be undone: choosing takes a longer dwell."""
    digit: int | None = None
    """Raised fingers or keypad digit that chooses it."""


LOOKS = (Option("contrast", digit=7), Option("larger", digit=8), Option("language", digit=0))
"""How the screen looks is a choice on every page, by keys that never change."""


def serves(machine: Machine, policy: Policy) -> bool:
    """Whether a visit can lead to a ticket: the office is open and has numbers left."""
    return machine.open and not machine.full.issuperset(policy.fields)


def options(visit: Visit, policy: Policy) -> tuple[Option, ...]:
    """What can be chosen now, in reading order."""
    match visit.phase:
        case Phase.ATTRACT if not serves(visit.machine, policy):
            chosen: tuple[Option, ...] = ()
        case Phase.ATTRACT:
            chosen = (Option("start"),)
        case Phase.CHOOSE:
            chosen = _fields(visit, policy)
        case Phase.CONFIRM:
            chosen = (Option("yes", digit=1), Option("back", digit=2))
        case Phase.TICKET if may_offer(visit, policy):
            chosen = (Option("remember", digit=1), Option("no_thanks", digit=2))
        case Phase.CARD | Phase.CHIP:
            chosen = (Option("skip", digit=2),)
        case Phase.CHECK:
            chosen = (Option("right", digit=1), Option("wrong", digit=2))
        case Phase.FORGET:
            chosen = (Option("forget", grave=True, digit=1), Option("keep", digit=2))
        case Phase.THANKS if visit.enrolled and not visit.slip:
            chosen = (Option("slip", digit=1),)
        case Phase.CONSENT:
            question = visit.question()
            chosen = (
                Option(f"agree:{question}", grave=True, digit=1),
                Option(f"decline:{question}", digit=2),
            )
        case _:
            chosen = ()
    return (*chosen, *LOOKS)


def may_offer(visit: Visit, policy: Policy) -> bool:
    """Whether to ask a citizen if they want to be recognised next time."""
    return (
        policy.recognise
        and visit.machine.camera
        and visit.person is not None
        and visit.greeted is None
        and not visit.denied
        and not visit.crowded()
        and visit.printed == "printed"
    )


def _fields(visit: Visit, policy: Policy) -> tuple[Option, ...]:
    tiles = [Option(f"field:{f}", digit=i) for i, f in enumerate(policy.page(visit.page), start=1)]
    if policy.pages > 1:
        tiles.append(Option("more", digit=len(tiles) + 1))
    if visit.greeted is not None and not visit.crowded():
        tiles.append(Option("not_me"))
    if policy.recognise and not visit.crowded():
        tiles.append(Option("my_data"))
    if policy.priorities:
        tiles.append(Option("priority", digit=9))
    return tuple(tiles)
