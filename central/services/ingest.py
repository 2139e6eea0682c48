"""Events in: each stored exactly once, and projected, whatever order they arrive in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from central.db.models import (
    Citizen,
    Consent,
    Device,
    DuplicatePair,
    Printer,
    StoredEvent,
    Ticket,
    TicketPrint,
    Visit,
)
from central.services.papers import settle_reprints
from wire import (
    Ack,
    CitizenEnrolled,
    CitizenErased,
    Event,
    PossibleDuplicate,
    PrinterChanged,
    Refusal,
    TemplateIssued,
    TicketIssued,
    TicketPrinted,
    VisitEnded,
)


class Unread(BaseModel):
    """An event of which nothing but the id has been looked at."""

    model_config = ConfigDict(extra="allow", frozen=True)
    id: UUID


def ingest(session: Session, device: Device, batch: Sequence[Unread], now: datetime) -> Ack:
    """Store what is new of ``batch`` and say, event by event, what is now on the server.

    One event that cannot be taken is refused with a reason and does not hold up the others.
    The caller commits: what the answer says is only true after that.
    """
    # One batch of a device at a time: a retry that overtakes its first try waits for it here.
    session.refresh(device, with_for_update=True)
    known = _known(session, batch)
    stored: list[UUID] = []
    refused: list[Refusal] = []
    duplicates = 0
    for unread in batch:
        if unread.id in known:
            duplicates += 1
        else:
            reason = _take(session, device, unread, now)
            if reason:
                refused.append(Refusal(id=unread.id, reason=reason))
                continue
            known.add(unread.id)
        stored.append(unread.id)
    device.duplicates += duplicates
    return Ack(stored=tuple(stored), duplicates=duplicates, refused=tuple(refused))


def _known(session: Session, batch: Sequence[Unread]) -> set[UUID]:
    ids = [unread.id for unread in batch]
    return set(session.scalars(select(StoredEvent.id).where(StoredEvent.id.in_(ids))))


def _take(session: Session, device: Device, unread: Unread, now: datetime) -> str | None:
    """Store one new event; the reason when it can never be taken."""
    try:
        event = Event.model_validate(unread.model_dump())
        with session.begin_nested():
            session.add(
                StoredEvent(
                    id=event.id,
                    device_id=device.id,
                    seq=event.seq,
                    at=event.at,
                    received_at=now,
                    body=event.body.model_dump(mode="json"),
                )
            )
            _project(session, device, event)
    except ValidationError as error:
        return _fault(error)
    except IntegrityError:
        return "contradicts what is already stored"
    device.last_seq = event.seq
    return None


def _fault(error: ValidationError) -> str:
    """Where and what kind; never the value, which may be someone's data."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['type']}"[:200]


def _project(session: Session, device: Device, event: Event) -> None:
    match event.body:
        case TicketIssued() as body:
            session.add(_ticket(device, event, body))
        case TicketPrinted() as body:
            _note_print(session, event, body)
        case PrinterChanged() as body:
            _note_printer(session, device, event, body)
        case CitizenEnrolled() as body:
            _note_citizen(session, event, body)
        case CitizenErased() | TemplateIssued():
            pass
        case PossibleDuplicate() as body:
            _note_possible_duplicate(session, device, event, body)
        case VisitEnded() as body:
            session.add(_visit(device, event, body))


def _ticket(device: Device, event: Event, body: TicketIssued) -> Ticket:
    return Ticket(
        id=body.ticket,
        device_id=device.id,
        number=body.number,
        reference=body.reference,
        sequence=body.sequence,
        field=body.field,
        priority=body.priority,
        day=body.day,
        citizen=body.citizen,
        way=body.way,
        issued_at=event.at,
        called_at=None,
    )


def _note_print(session: Session, event: Event, body: TicketPrinted) -> None:
    if body.again:
        settle_reprints(session, body.ticket, event.at)
    printed = session.get(TicketPrint, body.ticket)
    if printed is not None and printed.seq > event.seq:
        return  # a later word on this ticket came first
    session.merge(
        TicketPrint(
            ticket=body.ticket,
            seq=event.seq,
            outcome=body.outcome,
            reason=body.reason,
            again=body.again,
            at=event.at,
        )
    )


def _note_printer(session: Session, device: Device, event: Event, body: PrinterChanged) -> None:
    known = session.get(Printer, device.id)
    # A kiosk with a new database counts from 1 again: then the time tells which word is newer.
    if known is not None and event.seq < known.seq and event.at <= known.since:
        return
    session.merge(
        Printer(
            device_id=device.id,
            seq=event.seq,
            state=body.state,
            reason=body.reason,
            since=event.at,
        )
    )


def _note_citizen(session: Session, event: Event, body: CitizenEnrolled) -> None:
    for given in body.consents:
        session.merge(
            Consent(
                id=given.consent,
                citizen=body.citizen,
                purpose=given.purpose,
                version=given.version,
                given_at=given.given_at,
            )
        )
    citizen = session.scalar(select(Citizen).where(Citizen.id == body.citizen))
    if citizen is None:
        citizen = Citizen(id=body.citizen)
        session.add(citizen)
    elif citizen.enrolled_at > event.at:
        return  # a later enrolment came first
    for name, value in body.identity.model_dump().items():
        setattr(citizen, name, value)
    citizen.enrolled_at = event.at


def _note_possible_duplicate(
    session: Session, device: Device, event: Event, body: PossibleDuplicate
) -> None:
    first, second = sorted((body.first, body.second))
    pair = {"first": first, "second": second}
    if session.scalar(select(DuplicatePair.position).filter_by(**pair)) is None:
        session.add(DuplicatePair(device_id=device.id, noted_at=event.at, **pair))


def _visit(device: Device, event: Event, body: VisitEnded) -> Visit:
    return Visit(
        id=body.visit,
        device_id=device.id,
        ended_at=event.at,
        outcome=body.outcome,
        recognised=body.recognised,
        approach_to_ticket_s=body.approach_to_ticket_s,
    )
