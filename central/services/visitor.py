"""Who comes to the counter, for the officer who called them, if they agreed to be known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, cast
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.db.keys import Keys
from central.db.models import Citizen, Consent, Ticket
from central.db.queue import Call
from central.services.citizens import citizen_of, identity_of
from wire import CardEvidence, MatchClass

Evidence = Literal["chip_face", "chip", "print", "unknown"]
"""What stands behind the card's data: the chip's signature and the face it holds, the chip's
signature, print that anybody could have made, or nobody said."""
_SHOWN = 5
"""Earlier visits."""


@dataclass(frozen=True, slots=True)
class EarlierVisit:
    """A ticket of another day, or an earlier one of today."""

    day: date
    number: str
    field: str
    outcome: str
    """Of the last call; empty: it was never called."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """What their card said, as far as a counter needs it."""

    citizen: UUID
    name: str
    masked_number: str
    birth_year: str
    address: str
    known_since: datetime
    match: MatchClass
    """How the kiosk recognised them this time; empty: it does not say."""
    evidence: Evidence
    """What was compared when they were enrolled."""
    visits: tuple[EarlierVisit, ...]
    """Newest first."""


def visitor_of(session: Session, keys: Keys, ticket: Ticket) -> Visitor | None:
    """The citizen a ticket's kiosk believes to have recognised; None when it recognised nobody,
    or they agreed to be greeted but not that their identity be kept."""
    if ticket.citizen is None or not _agreed(session, ticket.citizen):
        return None
    citizen = citizen_of(session, ticket.citizen)
    if citizen is None:
        return None
    identity = identity_of(keys, citizen)
    return Visitor(
        citizen=citizen.id,
        name=identity.name,
        masked_number=masked(identity.number),
        birth_year=identity.date_of_birth[:4],
        address=identity.address,
        known_since=citizen.enrolled_at,
        match=cast("MatchClass", ticket.match),
        evidence=evidence_of(citizen),
        visits=tuple(_visits(session, ticket)),
    )


def evidence_of(citizen: Citizen) -> Evidence:
    """What their kiosk compared when they were enrolled."""
    if citizen.evidence is None:
        return "unknown"
    evidence = CardEvidence.model_validate(citizen.evidence)
    if evidence.chip != "verified":
        return "print"
    return "chip_face" if evidence.face == "alike" else "chip"


def masked(number: str) -> str:
    """An identity number's last four digits: enough to compare with a card, useless elsewhere."""
    return "•" * (len(number) - 4) + number[-4:]


def _agreed(session: Session, citizen: UUID) -> bool:
    given = select(Consent.id).where(Consent.citizen == citizen, Consent.purpose == "keep_identity")
    return session.scalar(given.limit(1)) is not None


def _visits(session: Session, ticket: Ticket) -> list[EarlierVisit]:
    rows = session.scalars(
        select(Ticket)
        .where(Ticket.citizen == ticket.citizen, Ticket.position < ticket.position)
        .order_by(Ticket.position.desc())
        .limit(_SHOWN)
    )
    return [EarlierVisit(row.day, row.number, row.field, _outcome(session, row.id)) for row in rows]


def _outcome(session: Session, ticket: UUID) -> str:
    last = select(Call.outcome).where(Call.ticket == ticket).order_by(Call.position.desc())
    return session.scalar(last.limit(1)) or ""
