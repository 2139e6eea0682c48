"""The officer's counter: open it, call, serve, send on, finish; by keys alone if they like."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Form
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from central.db.accounts import User, UserRole
from central.db.models import Office, Ticket
from central.db.queue import Call, Counter, Outcome
from central.services import serving
from central.services.board import Board, Waiting
from central.services.counters import (
    Desk,
    QueueRefusal,
    choose_fields,
    close_counter,
    counters_of,
    current_ticket,
    desk_of,
    fields_of,
    open_counter,
    open_sessions,
)
from central.services.offices import settings_of
from central.services.policy import explain
from central.services.queue import of_day, open_call, policy_of
from central.services.visitor import Visitor, visitor_of
from central.web.fields import names_of
from central.web.page import Page, PageDep, pages
from central.web.stream import EventSourceResponse, LastSeen, ServerSentEvent, event, watched

router = pages(UserRole.OFFICER)
_NEXT_SHOWN = 8
_LEAST_S = 1.0
"""Between two words to one counter."""
TicketForm = Annotated[UUID, Form(alias="ticket")]
Step = Literal["call", "recall", "arrived", "absent", "hold", "back"]
_STEPS: dict[Step, Callable[[Session, Desk, UUID, date, datetime], Ticket]] = {
    "call": serving.call_again,
    "recall": serving.recall,
    "arrived": serving.arrived,
    "absent": serving.not_there,
    "hold": serving.hold,
    "back": serving.back_in_line,
}
"""Of somebody at the counter, or (``call``, ``back``) put aside."""


@dataclass(frozen=True, slots=True)
class Current:
    """Who is called to the counter or served there."""

    ticket: Ticket
    call: Call
    visitor: Visitor | None


@router.get("/counter")
def get_counter(page: PageDep) -> Response:
    """The counter, or the choice of one."""
    with page.database.reading() as session:
        desk = desk_of(session, page.me.id)
        if desk is None:
            return page.show("counter_open.html", **_choice(session, page), fault=None)
    return _console(page)


@router.post("/counter/open")
def post_open(
    page: PageDep,
    counter: Annotated[int, Form(ge=1, le=2**31 - 1)],
    fields: Annotated[list[str] | None, Form()] = None,
    take_over: Annotated[bool, Form()] = False,
) -> Response:
    """Open a counter."""
    try:
        with page.database.writing() as session:
            office, chosen = page.me.office_id, fields or []
            if not chosen and (row := session.get(Counter, counter)) is not None:
                chosen = fields_of(session, row)
            open_counter(
                session, office, page.me.id, counter, chosen, page.now, take_over=take_over
            )
    except QueueRefusal as refusal:
        with page.database.reading() as session:
            choice = _choice(session, page) | {"wanted": counter}
            fault = _why(page, refusal)
            return page.show("counter_open.html", 409, **choice, fault=fault)
    return page.go("/counter")


@router.post("/counter/fields")
def post_fields(page: PageDep, fields: Annotated[list[str] | None, Form()] = None) -> Response:
    """Call for other fields."""

    def chosen(session: Session, desk: Desk) -> None:
        choose_fields(session, desk, fields or [])

    return _does(page, chosen)


@router.post("/counter/close")
def post_close(page: PageDep) -> Response:
    """Close the counter."""
    try:
        with page.database.writing() as session:
            close_counter(session, _desk(session, page), page.today, page.now)
    except QueueRefusal as refusal:
        return _console(page, _why(page, refusal))
    return page.go("/counter", "queue.counter.closed")


@router.post("/counter/next")
def post_next(page: PageDep, ticket: Annotated[UUID | None, Form()] = None) -> Response:
    """Call the next; with ``ticket``, whose business is then done, first finish that."""

    def step(session: Session, desk: Desk) -> Ticket | None:
        if ticket is not None:
            serving.finish(session, desk, ticket, Outcome.SERVED, page.today, page.now)
        return serving.call_next(session, desk, page.today, page.now)

    return _does(page, step, calls=True)


@router.post("/counter/finish")
def post_finish(
    page: PageDep,
    ticket: TicketForm,
    outcome: Annotated[Literal["served", "incomplete", "elsewhere"], Form()],
) -> Response:
    """Done, and how."""
    chosen = serving.FINISH[outcome]

    def step(session: Session, desk: Desk) -> Ticket:
        return serving.finish(session, desk, ticket, chosen, page.today, page.now)

    return _does(page, step)


@router.post("/counter/transfer")
def post_transfer(
    page: PageDep,
    ticket: TicketForm,
    field: Annotated[str, Form()] = "",
    counter: Annotated[str, Form(pattern=r"^\d{0,9}$")] = "",
) -> Response:
    """Send them on."""
    where = {"field": field or None, "counter_id": int(counter) if counter else None}

    def step(session: Session, desk: Desk) -> Ticket:
        return serving.transfer(session, desk, ticket, page.today, page.now, **where)

    return _does(page, step)


@router.post("/counter/{step}")
def post_step(page: PageDep, step: Step, ticket: TicketForm) -> Response:
    """What takes no more than to say which ticket it is about; see :data:`_STEPS`."""
    does = _STEPS[step]
    return _does(
        page,
        lambda session, desk: does(session, desk, ticket, page.today, page.now),
        calls=step == "call",
    )


@router.get("/counter/queue")
def get_queue(page: PageDep) -> Response:
    """Who waits, as a part of the page."""
    board = page.server.live.boards.recent(page.me.office_id, 1.0)
    with page.database.reading() as session:
        desk = desk_of(session, page.me.id)
        if desk is None:
            return page.go("/counter")
        return page.show("counter_queue.html", **_queue(session, page, desk, board))


@router.get("/counter/events", response_class=EventSourceResponse)
async def get_events(page: PageDep, after: LastSeen) -> AsyncGenerator[ServerSentEvent]:
    """``changed``: the queue is another, or a quarter of a minute has passed."""
    live, office = page.server.live, page.me.office_id
    async for view in watched(live, office, after, until_closed=True):
        yield event("changed", "", view.board.position)
        await asyncio.sleep(_LEAST_S)


def _does(page: Page, step: Callable[[Session, Desk], Any], *, calls: bool = False) -> Response:
    """Take the step, and show the counter as it then is."""
    try:
        with page.database.writing() as session:
            outcome = step(session, _desk(session, page))
    except QueueRefusal as refusal:
        return _console(page, _why(page, refusal))
    if not page.asks_for_part:
        return page.go("/counter")
    nobody = calls and outcome is None
    return _console(page, note=page.text("queue.counter.nobody") if nobody else "")


def _console(page: Page, fault: str = "", note: str = "") -> Response:
    """The counter: a part for htmx, else the whole page. Whoever's data it shows is noted."""
    board = page.server.live.boards.read(page.me.office_id)
    with page.database.writing() as session:
        desk = desk_of(session, page.me.id)
        if desk is None:
            return page.go("/counter")
        current = _current(session, page, desk)
        context = {
            "desk": desk,
            "current": current,
            "fault": fault,
            "note": note,
            "finish": serving.FINISH,
            "offered": fields_of(session, desk.counter),
            "others": [
                each
                for each in open_sessions(session, desk.office_id)
                if each.counter.id != desk.counter.id
            ],
            "rule": _rule(session, desk.office_id),
            "recalls_first": policy_of(session, desk.office_id).absent_after_recalls,
            **_queue(session, page, desk, board),
        }
        template = "counter_console.html" if page.asks_for_part else "counter.html"
        response = page.show(template, 409 if fault and not page.asks_for_part else 200, **context)
        if current and current.visitor:
            subject = f"citizen:{current.visitor.citizen}"
            page.record(session, "citizen.seen", subject, ticket=str(current.ticket.id))
    return response


def _current(session: Session, page: Page, desk: Desk) -> Current | None:
    ticket = current_ticket(session, desk, page.today)
    call = open_call(session, ticket) if ticket else None
    if ticket is None or call is None:
        return None
    return Current(ticket, call, visitor_of(session, page.database.keys, ticket))


def _queue(session: Session, page: Page, desk: Desk, board: Board) -> dict[str, Any]:
    aside = session.scalars(
        select(Ticket)
        .where(*of_day(desk.office_id, page.today), Ticket.state.in_(serving.ASIDE))
        .order_by(Ticket.queued_at.desc())
    ).all()
    mine = _mine(board, desk)
    return {
        "names": names_of(session, desk.office_id, page.language),
        "waiting": board.waiting_by_field(),
        "mine": mine,
        "next": mine[:_NEXT_SHOWN],
        "aside": aside,
        "desk": desk,
        "board": board,
    }


def _mine(board: Board, desk: Desk) -> list[Waiting]:
    """Whom this counter would call, in order."""
    return [
        one
        for one in board.waiting
        if one.counter_id == desk.counter.id
        or (one.counter_id is None and one.field in desk.session.fields)
    ]


def _choice(session: Session, page: Page) -> dict[str, Any]:
    office = page.me.office_id
    taken: dict[int, str] = {}
    for each in open_sessions(session, office):
        officer = session.get(User, each.session.officer_id)
        taken[each.counter.id] = officer.full_name if officer else "?"
    counters = [(each, fields_of(session, each)) for each in counters_of(session, office)]
    return {
        "counters": counters,
        "taken": taken,
        "names": names_of(session, office, page.language),
        "wanted": None,
        "rule": _rule(session, office),
    }


def _rule(session: Session, office_id: int) -> list[Any]:
    settings = settings_of(session.get_one(Office, office_id))
    return explain(policy_of(session, office_id), settings.priorities if settings else ())


def _desk(session: Session, page: Page) -> Desk:
    desk = desk_of(session, page.me.id)
    if desk is None:
        raise QueueRefusal("not_open")
    return desk


def _why(page: Page, refusal: QueueRefusal) -> str:
    return page.text(f"queue.refused.{refusal.reason}", detail=refusal.detail)
