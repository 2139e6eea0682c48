"""Breaches of personal data: whom one concerned, by what data, and how long there is to report it.

A breach is reported within 72 hours of its discovery (Law 91/2025/QH15, Decree 356/2025), and the
file is kept for five years at least. Whoever looks after the machine files it and sees nobody:
people stand in it by their ids, by which a manager finds those who are to be told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from central.db.accounts import AuditRow, User
from central.db.breaches import Breach, BreachedPerson
from central.db.models import Citizen, Consent, Device, FaceTemplate, StoredEvent, Ticket, Tombstone

REPORT_WITHIN = timedelta(hours=72)
KINDS = ("identity", "masked", "template", "visits")
"""What may be known of somebody, in the order they are written."""


@dataclass(frozen=True, slots=True)
class Account:
    """A breach as its file tells it."""

    breach: Breach
    people: list[BreachedPerson]

    @property
    def by_kind(self) -> dict[str, int]:
        """How many people each kind of data is of."""
        return {kind: sum(kind in person.data.split() for person in self.people) for kind in KINDS}


def note_breach(session: Session, breach: Breach) -> int:
    """Keep ``breach``, and who it concerned as far as is known now; how many. ``scope`` is ``all``,
    or names a device or user of the office. Raises :class:`LookupError` when there is none."""
    concerned = _concerned(session, breach)
    session.add(breach)
    session.flush()
    living = set(_citizens(session, breach))
    session.add_all(
        BreachedPerson(
            breach_id=breach.id,
            citizen=citizen,
            data=" ".join(kind for kind in KINDS if kind in kinds),
            erased=citizen not in living,
        )
        for citizen, kinds in concerned.items()
    )
    session.flush()
    return len(concerned)


def breaches_of(session: Session, office_id: int) -> list[tuple[Breach, int]]:
    """The office's breaches, newest first, with how many people each concerned."""
    people = func.count(BreachedPerson.citizen)
    found = (
        select(Breach, people)
        .outerjoin(BreachedPerson, BreachedPerson.breach_id == Breach.id)
        .where(Breach.office_id == office_id)
        .group_by(Breach.id)
        .order_by(Breach.id.desc())
    )
    return [(breach, count) for breach, count in session.execute(found)]


def account_of(session: Session, office_id: int, number: int) -> Account | None:
    """A breach of this office; None for another's."""
    breach = session.get(Breach, number)
    if breach is None or breach.office_id != office_id:
        return None
    people = select(BreachedPerson).where(BreachedPerson.breach_id == number)
    return Account(breach, list(session.scalars(people.order_by(BreachedPerson.citizen))))


def report_by(breach: Breach) -> datetime:
    """The authority is told by then."""
    return breach.discovered_at + REPORT_WITHIN


def _concerned(session: Session, breach: Breach) -> dict[UUID, set[str]]:
    kind, _, ref = breach.scope.partition(":")
    if kind == "all":
        return _on_the_server(session, breach)
    row = session.get({"device": Device, "user": User}[kind], int(ref))
    if row is None or row.office_id != breach.office_id:
        raise LookupError(breach.scope)
    if isinstance(row, User):
        return _looked_at(session, breach, row)
    return _on_a_kiosk(session, breach, row) if row.public_key else _on_the_server(session, breach)


def _on_the_server(session: Session, breach: Breach) -> dict[UUID, set[str]]:
    """Everybody who was kept at some time of it; office software reads as much."""
    found = _kept(session, breach, "identity")
    visitors = select(Ticket.citizen).where(
        Ticket.office_id == breach.office_id, Ticket.issued_at <= breach.ended_at
    )
    for citizen in session.scalars(visitors.where(Ticket.citizen.is_not(None)).distinct()):
        if citizen is not None and citizen in found:
            found[citizen].add("visits")
    return found


def _on_a_kiosk(session: Session, breach: Breach, kiosk: Device) -> dict[UUID, set[str]]:
    """Every kiosk is told of everybody, masked and with their template; what the card says stays
    on the kiosk that read it."""
    found = _kept(session, breach, "masked")
    read_here = select(StoredEvent.body["citizen"].as_string()).where(
        StoredEvent.device_id == kiosk.id,
        StoredEvent.body["kind"].as_string() == "citizen_enrolled",
    )
    for citizen in map(UUID, session.scalars(read_here)):
        if citizen in found:
            found[citizen].add("identity")
    return found


def _looked_at(session: Session, breach: Breach, user: User) -> dict[UUID, set[str]]:
    """Whom somebody looked at, says the audit log."""
    looks = select(AuditRow.subject).where(
        AuditRow.actor == f"user:{user.id}",
        AuditRow.at >= breach.begun_at,
        AuditRow.at <= breach.ended_at,
        AuditRow.subject.like("citizen:%"),
    )
    return {
        UUID(subject.removeprefix("citizen:")): {"identity", "visits"}
        for subject in session.scalars(looks.distinct())
    }


def _kept(session: Session, breach: Breach, as_: str) -> dict[UUID, set[str]]:
    """Whoever was known between the beginning and the end, and of those erased since, what they had
    agreed to."""
    faces = set(session.scalars(select(FaceTemplate.citizen)))
    found = {
        citizen: {as_, "template"} if citizen in faces else {as_}
        for citizen in _citizens(session, breach)
    }
    gone = select(Consent.citizen, Consent.purpose).join(
        Tombstone, Tombstone.citizen == Consent.citizen
    )
    for citizen, purpose in session.execute(
        gone.where(
            Tombstone.office_id == breach.office_id,
            Tombstone.erased_at >= breach.begun_at,
            Consent.given_at <= breach.ended_at,
        )
    ):
        kinds = found.setdefault(citizen, {as_})
        kinds |= {"template"} if purpose == "recognise" else set()
    return found


def _citizens(session: Session, breach: Breach) -> list[UUID]:
    here = Citizen.office_id == breach.office_id, Citizen.enrolled_at <= breach.ended_at
    return list(session.scalars(select(Citizen.id).where(*here)))
