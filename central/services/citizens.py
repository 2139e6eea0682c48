"""Citizens: enrolled, seen again, given a new template, and forgotten for good."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import Select, delete, or_, select, update
from sqlalchemy.orm import Session

from central.db.keys import Keys, key_id
from central.db.models import (
    FIRST_OFFICE,
    Citizen,
    Consent,
    Device,
    DuplicatePair,
    FaceTemplate,
    Office,
    Ticket,
    Tombstone,
)
from central.db.tombstones import Grave
from central.services.offices import all_locked, locked, restart_streams, tell
from central.services.queue import lock_in_order
from wire import (
    CitizenEnrolled,
    ConsentGiven,
    IdentityData,
    MaskedPerson,
    ProtectedTemplate,
    TemplateIssued,
    number_index,
)

TELL_VISIT = timedelta(days=7)
"""Kiosks hear of a citizen's visit when it is so much later than the last one they heard of:
often enough for a retention of months, seldom enough to cost nothing."""


def enrol(
    session: Session, keys: Keys, device: Device, body: CitizenEnrolled, at: datetime, now: datetime
) -> None:
    """Know a citizen from now on, unless they were forgotten or a later enrolment came first."""
    office = locked(session, device.office_id)
    if is_buried(session, body.citizen):
        return
    citizen = citizen_of(session, body.citizen)
    if citizen is not None and citizen.office_id != office.id:
        return  # another office's: its own kiosks speak of them
    _keep_consents(session, keys, body)
    if citizen is not None and citizen.enrolled_at > at:
        return
    if citizen is None:
        seen = min(at, now)
        citizen = Citizen(id=body.citizen, office_id=office.id, last_visit=seen, told_visit=seen)
        session.add(citizen)
    _describe(keys, citizen, body, at)
    if body.template and _may_be_recognised(session, body.citizen):
        _put_template(session, body.citizen, body.template)
    _note_same_number(session, keys, device, body, at)
    tell_known(session, office, citizen)


def issue_template(session: Session, keys: Keys, device: Device, body: TemplateIssued) -> None:
    """Take a citizen's template anew, unless they are unknown. Every kiosk of an office issues
    it anew after a change of secrets: the first counts."""
    office = locked(session, device.office_id)
    citizen = citizen_of(session, body.citizen)
    if citizen is None or citizen.office_id != office.id:
        return
    if not _may_be_recognised(session, citizen.id):
        return
    if _is_news(session, keys, body):
        _put_template(session, body.citizen, body.template)
        tell_known(session, office, citizen)


def note_visit(session: Session, device: Device, citizen_id: UUID, at: datetime) -> bool:
    """A ticket was given to a citizen; False when nothing may say so: they were forgotten, or are
    another office's."""
    office = locked(session, device.office_id)
    if is_buried(session, citizen_id):
        return False
    citizen = citizen_of(session, citizen_id)
    if citizen is not None and citizen.office_id != office.id:
        return False
    if citizen is not None and at > citizen.last_visit:
        citizen.last_visit = at
        if at - citizen.told_visit > TELL_VISIT:
            tell_known(session, office, citizen)
    return True


def erase(
    session: Session,
    office_id: int,
    citizen: UUID,
    now: datetime,
    reason: Literal["asked", "expired"],
) -> None:
    """Forget a citizen, now and for ever: their data and template go, the proof of consent
    stays, a tombstone tells every kiosk and refuses whatever arrives later. Another office's
    citizen stays."""
    office = locked(session, office_id)
    if is_buried(session, citizen) or _is_elsewhere(session, office, citizen):
        return
    session.add(Tombstone(citizen=citizen, office_id=office.id, erased_at=now, reason=reason))
    session.execute(delete(Citizen).where(Citizen.id == citizen))
    session.execute(delete(FaceTemplate).where(FaceTemplate.citizen == citizen))
    pair = or_(DuplicatePair.first == citizen, DuplicatePair.second == citizen)
    session.execute(delete(DuplicatePair).where(pair))
    theirs = Ticket.citizen == citizen
    lock_in_order(session, theirs)
    session.execute(update(Ticket).where(theirs).values(citizen=None, match=""))
    tell(session, office, "citizen", str(citizen))


def withdraw(session: Session, citizen: Citizen, now: datetime) -> None:
    """Recognise them no more, anywhere, from now on: the consent ends and the template goes.
    Whoever consented to nothing else is forgotten."""
    office = locked(session, citizen.office_id)
    recognise = _open_consents(citizen.id).where(Consent.purpose == "recognise")
    for consent in session.scalars(recognise):
        consent.withdrawn_at = now
    session.execute(delete(FaceTemplate).where(FaceTemplate.citizen == citizen.id))
    if session.scalar(_open_consents(citizen.id).limit(1)) is None:
        erase(session, office.id, citizen.id, now, "asked")
    else:
        tell_known(session, office, citizen)


def correct(session: Session, keys: Keys, citizen: Citizen, identity: IdentityData) -> None:
    """Keep ``identity`` instead of what was kept, and tell the kiosks."""
    office = locked(session, citizen.office_id)
    _describe_identity(keys, citizen, identity)
    if citizen.masked_name is not None:
        masked = MaskedPerson.of(identity.name, identity.date_of_birth)
        citizen.masked_name, citizen.masked_birth = masked.name, masked.birth
    tell_known(session, office, citizen)


def note_pair(
    session: Session, device: Device, one: UUID, other: UUID, reason: str, at: datetime
) -> None:
    """Two citizens may be one person, says a kiosk: once, and of nobody who was forgotten.

    ``reason``: ``same_face`` or ``same_number``; one number shown by two faces weighs more.
    """
    office = locked(session, device.office_id)
    first, second = sorted((one, other))
    if any(is_buried(session, who) or _is_elsewhere(session, office, who)
           for who in (first, second)):  # fmt: skip
        return
    pair = {"first": first, "second": second}
    known = session.scalar(select(DuplicatePair).filter_by(**pair))
    if known is None:
        session.add(DuplicatePair(device_id=device.id, noted_at=at, reason=reason, **pair))
    elif reason == "same_number":
        known.reason = reason


def bury_again(session: Session, graves: Iterable[Grave]) -> int:
    """Forget whom the tombstones beside the database name and it does not; how many there were.
    If any, it is an older copy, and kiosks read its changes from the start."""
    buried = set(session.scalars(select(Tombstone.citizen)))
    risen = {grave.citizen: grave for grave in graves if grave.citizen not in buried}
    if not risen:
        return 0
    offices = {office.id for office in all_locked(session)}
    for grave in risen.values():
        reason = "expired" if grave.reason == "expired" else "asked"
        row = citizen_of(session, grave.citizen)
        office = row.office_id if row else grave.office
        # Of an office that is younger than the copy no kiosk is in it.
        office = office if office in offices else FIRST_OFFICE
        erase(session, office, grave.citizen, grave.erased_at, reason)
    restart_streams(session)
    return len(risen)


def is_buried(session: Session, citizen: UUID) -> bool:
    """Whether a citizen was forgotten."""
    return session.get(Tombstone, citizen) is not None


def _is_elsewhere(session: Session, office: Office, citizen: UUID) -> bool:
    row = citizen_of(session, citizen)
    return row is not None and row.office_id != office.id


def citizen_of(session: Session, citizen: UUID) -> Citizen | None:
    """The citizen of this id."""
    return session.scalar(select(Citizen).where(Citizen.id == citizen))


def identity_of(keys: Keys, citizen: Citizen) -> IdentityData:
    """What their card said. Raises :class:`central.db.keys.KeyFileError` without its key."""
    return IdentityData.model_validate_json(keys.open(citizen.identity, citizen.id))


def with_number(session: Session, keys: Keys, number: str) -> list[Citizen]:
    """Whoever has this identity number, in order of arrival."""
    found = select(Citizen).where(Citizen.number_index.in_(keys.indices(number)))
    return list(session.scalars(found.order_by(Citizen.position)))


def tell_known(session: Session, office: Office, citizen: Citizen) -> None:
    """Have the kiosks of a locked office told of a citizen, if they may be."""
    if citizen.masked_name is not None:
        citizen.told_visit = citizen.last_visit
        tell(session, office, "citizen", str(citizen.id))


def describe_number(keys: Keys, citizen: Citizen, number: str) -> None:
    """Find the citizen by ``number`` from now on, under the secret in force."""
    secret = keys.secret("number")
    citizen.number_index, citizen.number_secret = number_index(secret.key, number), secret.id


def _keep_consents(session: Session, keys: Keys, body: CitizenEnrolled) -> None:
    for given in body.consents:
        session.merge(
            Consent(
                id=given.consent,
                citizen=body.citizen,
                purpose=given.purpose,
                version=given.version,
                given_at=given.given_at,
                assent=given.assent,
                **_representative(keys, given),
            )
        )


def _representative(keys: Keys, given: ConsentGiven) -> dict[str, str]:
    if given.representative is None:
        return {}
    masked = given.representative.masked
    return {
        "representative_index": given.representative.number_index,
        "representative_secret": keys.secret("number").id,
        "representative_name": masked.name,
        "representative_birth": masked.birth,
    }


def _describe(keys: Keys, citizen: Citizen, body: CitizenEnrolled, at: datetime) -> None:
    _describe_identity(keys, citizen, body.identity)
    citizen.masked_name = body.masked.name if body.masked else None
    citizen.masked_birth = body.masked.birth if body.masked else None
    citizen.enrolled_at = at
    citizen.evidence = body.evidence.model_dump(mode="json")


def _describe_identity(keys: Keys, citizen: Citizen, identity: IdentityData) -> None:
    citizen.identity = keys.seal(identity.model_dump_json().encode(), citizen.id)
    citizen.column_key = key_id(citizen.identity)
    describe_number(keys, citizen, identity.number)
    citizen.sex = identity.sex
    citizen.decade = f"{identity.date_of_birth[:3]}0s"


def _open_consents(citizen: UUID) -> Select[Consent]:
    return select(Consent).where(Consent.citizen == citizen, Consent.withdrawn_at.is_(None))


def _may_be_recognised(session: Session, citizen: UUID) -> bool:
    """A template that was still on its way when the consent ended is not kept."""
    recognise = _open_consents(citizen).where(Consent.purpose == "recognise")
    return session.scalar(recognise.limit(1)) is not None


def _put_template(session: Session, citizen: UUID, template: ProtectedTemplate) -> None:
    session.merge(
        FaceTemplate(
            citizen=citizen,
            model=template.model,
            secret=template.secret,
            vector=template.vector,
            quality=template.quality,
        )
    )


def _is_news(session: Session, keys: Keys, body: TemplateIssued) -> bool:
    known = session.get(FaceTemplate, body.citizen)
    if known is None:
        return True
    if (known.model, known.secret) == (body.template.model, body.template.secret):
        return False
    return keys.age(body.template.secret) >= keys.age(known.secret)


def _note_same_number(
    session: Session, keys: Keys, device: Device, body: CitizenEnrolled, at: datetime
) -> None:
    """One person enrolled at two kiosks that could not hear of each other is two citizens, until
    staff have looked: records are never joined by themselves."""
    for other in with_number(session, keys, body.identity.number):
        if other.id != body.citizen and other.office_id == device.office_id:
            note_pair(session, device, body.citizen, other.id, "same_number", at)
