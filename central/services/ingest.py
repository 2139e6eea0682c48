"""Events in: each stored exactly once, and projected, whatever order they arrive in."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from central.db.keys import Keys
from central.db.models import (
    Device,
    Office,
    Printer,
    StoredEvent,
    Ticket,
    TicketPrint,
    Visit,
)
from central.db.queue import OfficeQueue
from central.db.signals import touch
from central.services import citizens
from central.services.devices import note_seen
from central.services.health import note_health
from central.services.offices import ROW, locked
from central.services.papers import settle_reprints
from central.services.queue import policy_of
from wire import (
    Ack,
    AnyBody,
    CitizenEnrolled,
    CitizenErased,
    DeviceExamined,
    Event,
    PossibleDuplicate,
    PrinterChanged,
    Refusal,
    TemplateIssued,
    TicketIssued,
    TicketPrinted,
    VisitEnded,
)

_AT_HAND = "the device whose batch this is, its office and its queue"
_PERSONAL = {"identity", "masked", "template"}
_OF_THE_MOMENT = {"checks"}
"""Of a device's health only the newest is kept, in a table of its own."""


class Unread(BaseModel):
    """An event of which nothing but the id has been looked at."""

    model_config = ConfigDict(extra="allow", frozen=True)
    id: UUID


def ingest(
    session: Session,
    keys: Keys,
    device_id: int,
    batch: Sequence[Unread],
    now: datetime,
    *,
    one_by_one: bool = False,
) -> Ack:
    """Store what is new of ``batch`` and say, event by event, what is now on the server.

    One event that cannot be taken is refused with a reason and does not hold up the others. The
    caller commits: what the answer says is only true after that. Raises :class:`IntegrityError`
    when an event contradicts what is stored: then once more in another transaction,
    ``one_by_one``, which gives each event a savepoint of its own and takes its time.
    """
    device = _locked_device(session, device_id)
    note_seen(device, now)
    if any(map(_is_about_someone, batch)):
        locked(session, device.office_id)
    known = _known(session, batch)
    new = {unread.id: unread for unread in reversed(batch) if unread.id not in known}
    fresh = [new.pop(unread.id) for unread in batch if unread.id in new]
    refused = _take_all(session, keys, device, fresh, now, one_by_one=one_by_one)
    stored = tuple(unread.id for unread in batch if unread.id not in refused)
    duplicates = len(stored) - (len(fresh) - len(refused))
    device.duplicates += duplicates
    reasons = tuple(Refusal(id=event, reason=reason) for event, reason in refused.items())
    return Ack(stored=stored, duplicates=duplicates, refused=reasons)


def _locked_device(session: Session, device_id: int) -> Device:
    """One batch of a device at a time: a retry that overtakes its first try waits for it here.

    Its office and queue come along, and are at hand for whoever asks the session for them.
    """
    found = session.execute(_DEVICE, {"device": device_id})
    # A session holds what it has loaded only as long as somebody else does.
    session.info[_AT_HAND] = here = found.one()
    return here.Device


def _is_about_someone(unread: Unread) -> bool:
    body: object = (unread.model_extra or {}).get("body")
    return isinstance(body, dict) and ("citizen" in body or "first" in body)


def _known(session: Session, batch: Sequence[Unread]) -> set[UUID]:
    ids = [unread.id for unread in batch]
    return set(session.scalars(_STORED, {"ids": ids}))


def _take_all(
    session: Session,
    keys: Keys,
    device: Device,
    events: Sequence[Unread],
    now: datetime,
    *,
    one_by_one: bool,
) -> dict[UUID, str]:
    """Store new events; why those that were not can never be taken."""
    refused: dict[UUID, str] = {}
    for unread in events:
        try:
            event = Event.model_validate(unread.model_dump())
        except ValidationError as error:
            refused[unread.id] = _fault(error)
            continue
        try:
            with session.begin_nested() if one_by_one else nullcontext():
                _store(session, keys, device, event, now)
        except IntegrityError:
            if not one_by_one:
                raise
            refused[unread.id] = "contradicts what is already stored"
            continue
        device.last_seq = event.seq
    return refused


def _store(session: Session, keys: Keys, device: Device, event: Event, now: datetime) -> None:
    session.add(
        StoredEvent(
            id=event.id,
            device_id=device.id,
            seq=event.seq,
            at=event.at,
            received_at=now,
            body=_impersonal(event.body),
        )
    )
    _project(session, keys, device, event, now)


def _impersonal(body: AnyBody) -> dict[str, Any]:
    """What is kept of an event. The rest has tables of its own, where it is sealed and where one
    erasure finds all of it."""
    kept = body.model_dump(mode="json", exclude=_PERSONAL | _OF_THE_MOMENT)
    return kept | {"citizen": None} if isinstance(body, TicketIssued) else kept


def _fault(error: ValidationError) -> str:
    """Where and what kind; never the value, which may be someone's data."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['type']}"[:200]


def _project(session: Session, keys: Keys, device: Device, event: Event, now: datetime) -> None:
    match event.body:
        case TicketIssued() as body:
            _note_ticket(session, device, event, body, now)
        case TicketPrinted() as body:
            _note_print(session, event, body)
        case PrinterChanged() as body:
            _note_printer(session, device, event, body)
        case CitizenEnrolled() as body:
            citizens.enrol(session, keys, device, body, event.at, now)
        case TemplateIssued() as body:
            citizens.issue_template(session, keys, device, body)
        case CitizenErased() as body:
            citizens.erase(session, device.office_id, body.citizen, now, body.reason)
        case PossibleDuplicate() as body:
            citizens.note_pair(session, device, body.first, body.second, body.reason, event.at)
        case VisitEnded() as body:
            session.add(_visit(device, event, body))
        case DeviceExamined() as body:
            note_health(session, device, event.seq, event.at, body)


def _note_ticket(
    session: Session, device: Device, event: Event, body: TicketIssued, now: datetime
) -> None:
    citizen, policy = body.citizen, policy_of(session, device.office_id)
    # A kiosk's clock that is ahead must not keep anybody longer than they agreed to.
    if citizen and not citizens.note_visit(session, device, citizen, min(event.at, now)):
        citizen = None
    session.add(
        Ticket(
            id=body.ticket,
            device_id=device.id,
            number=body.number,
            reference=body.reference,
            sequence=body.sequence,
            field=body.field,
            priority=body.priority,
            day=body.day,
            citizen=citizen,
            match=body.match if citizen else "",
            way=body.way,
            issued_at=event.at,
            called_at=None,
            office_id=device.office_id,
            queued_at=event.at,
            rank_at=policy.rank(event.at, body.priority),
        )
    )
    touch(session, device.office_id, calls=False)


def _note_print(session: Session, event: Event, body: TicketPrinted) -> None:
    if body.again:
        settle_reprints(session, body.ticket, event.at)
    printed = session.get(TicketPrint, body.ticket)
    if printed is None:
        printed = TicketPrint(ticket=body.ticket)
        session.add(printed)
    elif printed.seq > event.seq:
        return  # a later word on this ticket came first
    printed.seq, printed.at = event.seq, event.at
    printed.outcome, printed.reason, printed.again = body.outcome, body.reason, body.again


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


def _visit(device: Device, event: Event, body: VisitEnded) -> Visit:
    return Visit(
        id=body.visit,
        device_id=device.id,
        ended_at=event.at,
        outcome=body.outcome,
        recognised=body.recognised,
        approach_to_ticket_s=body.approach_to_ticket_s,
    )


# Every sync asks these: so they are put together once.
_DEVICE = (
    select(Device, Office, OfficeQueue)
    .join(Office, Office.id == Device.office_id)
    .outerjoin(OfficeQueue, OfficeQueue.office_id == Device.office_id)
    .where(Device.id == bindparam("device"))
    .with_for_update(of=Device, **ROW)
    .execution_options(populate_existing=True)
)
_STORED = select(StoredEvent.id).where(StoredEvent.id.in_(bindparam("ids", expanding=True)))
