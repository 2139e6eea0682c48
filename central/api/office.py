"""What the office's own software asks: lists, totals, and the next ticket."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from central.api.access import OfficeId, Server, ServerDep
from central.api.views import (
    CitizenView,
    EventView,
    Page,
    PossibleDuplicateView,
    PrinterView,
    ReprintView,
    StatsView,
    TicketView,
    VisitView,
)
from central.db.models import Citizen, Device, DuplicatePair, StoredEvent, Ticket, Visit
from central.services.audit import record
from central.services.citizens import erase, identity_of, with_number
from central.services.listing import page, stats
from central.services.papers import (
    ask_reprint,
    asked_again,
    printers,
    prints_of,
    without_paper,
)
from central.services.queue import call_for_office

router = APIRouter(tags=["office"], responses={401: {"description": "unknown or revoked token"}})


class Cursor(BaseModel):
    """Where a page starts and how long it is."""

    after: int = 0
    limit: int = 100


def _cursor(
    after: Annotated[int, Query(ge=0, le=2**53)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Cursor:
    return Cursor(after=after, limit=limit)


CursorDep = Annotated[Cursor, Depends(_cursor)]
NumberQuery = Annotated[str | None, Query(pattern=r"^(\d{12}|\d{9})$")]
FieldPath = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,31}$")]


@router.get("/tickets")
def get_tickets(server: ServerDep, office: OfficeId, cursor: CursorDep) -> Page[TicketView]:
    """Tickets in order of arrival."""
    with server.database.reading() as session:
        views = _views(
            session, page(session, _place(session, office), Ticket, cursor.after, cursor.limit)
        )
    return Page.of(views, cursor.limit)


@router.get("/tickets/without-paper")
def get_tickets_without_paper(
    server: ServerDep, office: OfficeId, cursor: CursorDep
) -> Page[TicketView]:
    """Today's tickets, not yet called, whose holder may have no paper: they hold a photograph of
    the screen at best. In order of arrival."""
    with server.database.reading() as session:
        day, now = server.today(), server.now()
        tickets = without_paper(
            session, _place(session, office), day, now, cursor.after, cursor.limit
        )
        views = _views(session, tickets)
    return Page.of(views, cursor.limit)


@router.post("/tickets/{ticket}/reprint", responses={404: {"description": "no such ticket"}})
def post_reprint(server: ServerDep, office: OfficeId, ticket: UUID) -> ReprintView:
    """Have the ticket's kiosk print it once more, marked as a reprint. Asking again before that
    paper has come asks for nothing more."""
    with server.database.writing() as session:
        try:
            return ReprintView.model_validate(
                ask_reprint(session, _place(session, office), ticket, server.now())
            )
        except LookupError as error:
            raise HTTPException(404, "no such ticket") from error


@router.get("/printers")
def get_printers(server: ServerDep, office: OfficeId) -> list[PrinterView]:
    """What the kiosks' printers said last, by the kiosk's name."""
    with server.database.reading() as session:
        return [
            PrinterView(
                kiosk=device.name, state=printer.state, reason=printer.reason, since=printer.since
            )
            for device, printer in printers(session, _place(session, office))
        ]


def _place(session: Session, device: int) -> int:
    """Id of the office whose software asks."""
    return session.get_one(Device, device).office_id


def _views(session: Session, tickets: list[Ticket]) -> list[TicketView]:
    prints, asked = prints_of(session, tickets), asked_again(session, tickets)
    return [
        TicketView.of(ticket, prints.get(ticket.id), asked.get(ticket.id)) for ticket in tickets
    ]


@router.get("/citizens")
def get_citizens(
    server: ServerDep, office: OfficeId, cursor: CursorDep, number: NumberQuery = None
) -> Page[CitizenView]:
    """Citizens in order of arrival; with ``number`` those whose identity number it is. The audit
    log says which were read."""
    keys = server.database.keys
    with server.database.writing() as session:
        place = _place(session, office)
        if number is None:
            rows = page(session, place, Citizen, cursor.after, cursor.limit)
        else:
            found = [row for row in with_number(session, keys, number) if row.office_id == place]
            rows = [row for row in found if row.position > cursor.after][: cursor.limit]
        views = [CitizenView.of(row, identity_of(keys, row)) for row in rows]
        if number is None:
            last = rows[-1].position if rows else cursor.after
            told = {"after": cursor.after, "to": last, "count": len(rows)}
            _record(server, session, office, "citizen.listed", "", **told)
        for row in rows if number is not None else ():
            _record(server, session, office, "citizen.found", f"citizen:{row.id}")
    return Page.of(views, cursor.limit)


def _record(
    server: Server, session: Session, office: int, action: str, subject: str = "", **detail: int
) -> None:
    keys, actor = server.database.keys, f"device:{office}"
    place = _place(session, office)
    record(session, keys, server.now(), place, actor, action, subject, **detail)


@router.delete("/citizens/{citizen}", status_code=204)
def delete_citizen(server: ServerDep, office: OfficeId, citizen: UUID) -> None:
    """Forget a citizen who asks for it, here and on every kiosk, for good. Also of an id nobody
    has heard of: it may still be on its way."""
    with server.database.writing() as session:
        erase(session, _place(session, office), citizen, server.now(), "asked")
        _record(server, session, office, "citizen.erased", f"citizen:{citizen}")


@router.get("/duplicates")
def get_duplicates(
    server: ServerDep, office: OfficeId, cursor: CursorDep
) -> Page[PossibleDuplicateView]:
    """Pairs of citizens whom a kiosk cannot tell apart, in order of arrival: it greets neither
    until staff have found out whether they are one person."""
    with server.database.reading() as session:
        rows = page(session, _place(session, office), DuplicatePair, cursor.after, cursor.limit)
        views = [PossibleDuplicateView.model_validate(row) for row in rows]
    return Page.of(views, cursor.limit)


@router.get("/visits")
def get_visits(server: ServerDep, office: OfficeId, cursor: CursorDep) -> Page[VisitView]:
    """Visits in order of arrival."""
    with server.database.reading() as session:
        rows = page(session, _place(session, office), Visit, cursor.after, cursor.limit)
        views = [VisitView.model_validate(row) for row in rows]
    return Page.of(views, cursor.limit)


@router.get("/events")
def get_events(server: ServerDep, office: OfficeId, cursor: CursorDep) -> Page[EventView]:
    """Events as they were received."""
    with server.database.reading() as session:
        rows = page(session, _place(session, office), StoredEvent, cursor.after, cursor.limit)
        views = [EventView.model_validate(row) for row in rows]
    return Page.of(views, cursor.limit)


@router.get("/stats")
def get_stats(server: ServerDep, office: OfficeId) -> StatsView:
    """Totals since the beginning."""
    with server.database.reading() as session:
        return StatsView.model_validate(stats(session, _place(session, office)))


@router.post("/fields/{field}/next", responses={204: {"description": "nobody is waiting"}})
def post_next(
    server: ServerDep, office: OfficeId, field: FieldPath, response: Response
) -> TicketView | None:
    """Call whoever is next today by the office's rule. Two counters never get the same ticket."""
    with server.database.writing() as session:
        ticket = call_for_office(
            session, _place(session, office), field, server.today(), server.now()
        )
        if ticket is None:
            response.status_code = 204
            return None
        [view] = _views(session, [ticket])
        return view
