"""Finding citizens and what is kept of them, for those who may see it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from central.db.keys import Keys
from central.db.models import (
    Citizen,
    Consent,
    Device,
    DuplicatePair,
    FaceTemplate,
    Ticket,
)
from central.services.citizens import citizen_of, identity_of, with_number
from central.services.visitor import Evidence, evidence_of, masked
from wire import IdentityData

MOST = 20
"""Citizens shown for a name: whoever finds more has to say more."""
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Person:
    """A citizen and what their card said."""

    row: Citizen
    identity: IdentityData

    @property
    def masked_number(self) -> str:
        """See :func:`central.services.visitor.masked`."""
        return masked(self.identity.number)

    @property
    def evidence(self) -> Evidence:
        """What stands behind the card's data."""
        return evidence_of(self.row)


@dataclass(frozen=True, slots=True)
class Profile:
    """Everything that is kept of a citizen."""

    person: Person
    consents: Sequence[Consent]
    tickets: Sequence[tuple[Ticket, str]]
    """With the name of the kiosk; newest first."""
    template: FaceTemplate | None
    duplicates: Sequence[UUID]
    """Who may be the same person."""


def person_of(session: Session, keys: Keys, office_id: int, citizen: UUID) -> Person | None:
    """A citizen of this office; None for somebody else's, forgotten or unknown."""
    row = citizen_of(session, citizen)
    if row is None or row.office_id != office_id:
        return None
    return Person(row, identity_of(keys, row))


def by_number(session: Session, keys: Keys, office_id: int, number: str) -> list[Person]:
    """Whoever has this identity number, found by its blind index."""
    rows = [row for row in with_number(session, keys, number) if row.office_id == office_id]
    return [Person(row, identity_of(keys, row)) for row in rows]


def represented_by(session: Session, keys: Keys, office_id: int, number: str) -> list[Person]:
    """Children for whom the holder of this number consented."""
    indices = keys.indices_of_representative(number)
    children = select(Consent.citizen).where(Consent.representative_index.in_(indices))
    found = select(Citizen).where(Citizen.id.in_(children), Citizen.office_id == office_id)
    rows = session.scalars(found.order_by(Citizen.position))
    return [Person(row, identity_of(keys, row)) for row in rows]


def by_name(session: Session, keys: Keys, office_id: int, name: str) -> tuple[list[Person], bool]:
    """Whoever's name has these words in this order, accents and capitals aside; at most
    :data:`MOST`, and whether there are more.

    Names are sealed and have no index of their own, which would tell too much to whoever has the
    database alone. The masked names that kiosks show narrow the search down first, so that a full
    name opens a few citizens in a thousand, a single word about one in ten.
    """
    words = folded(name).split()
    found: list[Person] = []
    if not words:
        return found, False
    for row in _candidates(session, office_id, words):
        person = Person(row, identity_of(keys, row))
        if _has_words(folded(person.identity.name).split(), words):
            if len(found) == MOST:
                return found, True
            found.append(person)
    return found, False


def profile_of(session: Session, person: Person) -> Profile:
    """Everything else that is kept of a citizen."""
    who = person.row.id
    consents = select(Consent).where(Consent.citizen == who).order_by(Consent.given_at)
    tickets = (
        select(Ticket, Device.name)
        .join(Device, Device.id == Ticket.device_id)
        .where(Ticket.citizen == who)
        .order_by(Ticket.issued_at.desc())
        .limit(200)
    )
    return Profile(
        person,
        session.scalars(consents).all(),
        [(ticket, kiosk) for ticket, kiosk in session.execute(tickets)],
        session.get(FaceTemplate, who),
        [pair.second if pair.first == who else pair.first for pair in _pairs(session, who)],
    )


def unsettled_pairs(session: Session, office_id: int) -> list[DuplicatePair]:
    """Pairs that staff have not looked into, oldest first."""
    here = select(Device.id).where(Device.office_id == office_id)
    pairs = select(DuplicatePair).where(
        DuplicatePair.settled_at.is_(None), DuplicatePair.device_id.in_(here)
    )
    return list(session.scalars(pairs.order_by(DuplicatePair.position).limit(100)))


def folded(name: str) -> str:
    """A name without accents and capitals: ``Đặng Thị Ánh`` is ``dang thi anh``."""
    decomposed = unicodedata.normalize("NFD", name.lower().replace("đ", "d"))
    return "".join(mark for mark in decomposed if not unicodedata.combining(mark))


def _pairs(session: Session, citizen: UUID) -> Sequence[DuplicatePair]:
    mine = or_(DuplicatePair.first == citizen, DuplicatePair.second == citizen)
    return session.scalars(
        select(DuplicatePair).where(mine, DuplicatePair.settled_at.is_(None))
    ).all()


def _candidates(session: Session, office_id: int, words: list[str]) -> Iterator[Citizen]:
    here = Citizen.office_id == office_id
    masks = session.scalars(select(Citizen.masked_name).where(here).distinct()).all()
    fitting = [mask for mask in masks if mask is not None and _may_be(mask, words)]
    found: list[UUID] = []
    for start in range(0, len(fitting), _CHUNK):
        some = Citizen.masked_name.in_(fitting[start : start + _CHUNK])
        found += session.scalars(select(Citizen.id).where(here, some))
    # Somebody enrolled by an earlier release has no mask.
    found += session.scalars(select(Citizen.id).where(here, Citizen.masked_name.is_(None)))
    for citizen in found:
        row = citizen_of(session, citizen)
        if row is not None:
            yield row


def _may_be(mask: str, words: list[str]) -> bool:
    """Whether a mask, ``NGUYỄN V** A**``, may hide a name that has ``words``."""
    shown = [part.rstrip("*") for part in folded(mask).split()]
    return any(
        all(
            word.startswith(part) if place + start else word == part or len(shown) == 1
            for place, (word, part) in enumerate(
                zip(words, shown[start : start + len(words)], strict=True)
            )
        )
        for start in range(len(shown) - len(words) + 1)
    )


def _has_words(name: list[str], words: list[str]) -> bool:
    return any(
        name[start : start + len(words)] == words for start in range(len(name) - len(words) + 1)
    )
