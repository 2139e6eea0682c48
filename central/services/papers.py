"""Paper: which tickets may have none, papers to be printed again, and what the printers say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session
from uuid6 import uuid7

from central.db.models import Device, Printer, ReprintRequest, Ticket, TicketPrint
from wire import Reprint

SILENCE = timedelta(minutes=2)
"""No word about a ticket's paper for so long: its kiosk was switched off over it."""
WORTH_PRINTING = timedelta(hours=12)
"""Nobody waits for a paper longer: a kiosk that has been away does not print it any more."""


def prints_of(session: Session, tickets: Sequence[Ticket]) -> dict[UUID, TicketPrint]:
    """What became of the tickets' paper, by ticket id; nothing for those not heard of."""
    ids = [ticket.id for ticket in tickets]
    prints = session.scalars(select(TicketPrint).where(TicketPrint.ticket.in_(ids)))
    return {printed.ticket: printed for printed in prints}


def asked_again(session: Session, tickets: Sequence[Ticket]) -> dict[UUID, datetime]:
    """When another paper was asked for that has not come yet, by ticket id."""
    ids = [ticket.id for ticket in tickets]
    requests = session.scalars(
        select(ReprintRequest).where(
            ReprintRequest.ticket.in_(ids), ReprintRequest.done_at.is_(None)
        )
    )
    return {request.ticket: request.asked_at for request in requests}


def without_paper(
    session: Session, office_id: int, day: date, now: datetime, after: int, limit: int
) -> list[Ticket]:
    """Tickets of ``day`` not yet called whose holder may have no paper: printing failed or is
    uncertain, or nobody said what became of it. In order of arrival."""
    return list(
        session.scalars(
            select(Ticket)
            .outerjoin(TicketPrint, TicketPrint.ticket == Ticket.id)
            .where(
                Ticket.position > after,
                Ticket.office_id == office_id,
                Ticket.day == day,
                Ticket.called_at.is_(None),
                or_(
                    TicketPrint.outcome.in_(("uncertain", "failed")),
                    TicketPrint.outcome.is_(None) & (Ticket.issued_at < now - SILENCE),
                ),
            )
            .order_by(Ticket.position)
            .limit(limit)
        )
    )


def ask_reprint(session: Session, office_id: int, ticket_id: UUID, now: datetime) -> ReprintRequest:
    """Ask the ticket's kiosk for another paper; the request that is open already, if any.

    Raises :class:`LookupError` for a ticket that is not the office's.
    """
    mine = Ticket.id == ticket_id, Ticket.office_id == office_id
    ticket = session.scalar(select(Ticket).where(*mine))
    if ticket is None:
        raise LookupError(str(ticket_id))
    request = session.scalar(
        select(ReprintRequest)
        .where(ReprintRequest.ticket == ticket_id, ReprintRequest.done_at.is_(None))
        .order_by(ReprintRequest.asked_at)
        .limit(1)
    )
    if request is None or now - request.asked_at > WORTH_PRINTING:
        request = ReprintRequest(
            id=UUID(int=uuid7().int),
            ticket=ticket_id,
            device_id=ticket.device_id,
            asked_at=now,
            done_at=None,
        )
        session.add(request)
    return request


def reprints_for(session: Session, kiosk: int, now: datetime) -> tuple[Reprint, ...]:
    """What ``kiosk`` should print again, oldest request first."""
    asked = session.execute(_ASKED_OF, {"kiosk": kiosk, "since": now - WORTH_PRINTING})
    return tuple(Reprint(id=request, ticket=ticket) for request, ticket in asked)


def settle_reprints(session: Session, ticket_id: UUID, at: datetime) -> None:
    """A paper marked as a reprint came out, or could not: nothing is asked for any more."""
    for request in session.scalars(
        select(ReprintRequest).where(
            ReprintRequest.ticket == ticket_id, ReprintRequest.done_at.is_(None)
        )
    ):
        request.done_at = at


def printers(session: Session, office_id: int) -> list[tuple[Device, Printer]]:
    """What the printer of each of the office's kiosks in service said last, by the kiosk's name."""
    rows = session.execute(
        select(Device, Printer)
        .join(Printer, Printer.device_id == Device.id)
        .where(Device.office_id == office_id, Device.revoked_at.is_(None))
        .order_by(Device.name)
    )
    return [(device, printer) for device, printer in rows]


# Every sync asks: so it is put together once.
_ASKED_OF = (
    select(ReprintRequest.id, ReprintRequest.ticket)
    .where(
        ReprintRequest.device_id == bindparam("kiosk"),
        ReprintRequest.done_at.is_(None),
        ReprintRequest.asked_at > bindparam("since"),
    )
    .order_by(ReprintRequest.asked_at)
)
