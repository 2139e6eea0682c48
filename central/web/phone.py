"""The page behind the square code on a ticket: on anybody's phone, without an account.

Whoever has the paper has the reference (80 random bits) and sees where the ticket stands. Nothing
here says whose it is.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncGenerator
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Path
from fastapi.responses import Response

from central.services.board import Board
from central.services.holder import Held, Turn, held, turn_of
from central.web.fields import Names, names_of
from central.web.page import Page, PageDep, pages
from central.web.stream import EventSourceResponse, LastSeen, ServerSentEvent, event, watched
from central.web.templates import render

router = pages()
_BEAT_S = 5.0
"""A phone is not woken more often for nothing."""


def _found(page: PageDep, reference: Annotated[str, Path(pattern=r"^[A-Za-z2-7]{16}$")]) -> Held:
    with page.database.reading() as session:
        ticket = held(session, reference.upper())
    if ticket is None:
        raise HTTPException(404)
    return ticket


HeldDep = Annotated[Held, Depends(_found)]


@router.get("/t/{reference}")
def get_ticket(page: PageDep, ticket: HeldDep, reference: str) -> Response:
    """Where the ticket stands."""
    board = page.server.live.boards.recent(ticket.office_id, 1.0)
    context = _context(page, ticket, board, _names(page, ticket))
    response = page.show(
        "phone.html", reference=reference.upper(), position=board.position, **context
    )
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@router.get("/t/{reference}/events", response_class=EventSourceResponse)
async def get_events(
    page: PageDep, ticket: HeldDep, reference: str, after: LastSeen
) -> AsyncGenerator[ServerSentEvent]:
    """``turn``: where the ticket stands, as HTML, when that changes. ``call``: it is called, once
    each time. ``beat``: nothing new."""
    names = await asyncio.to_thread(_names, page, ticket)
    before: Turn | None = None
    told = -math.inf
    async for view in watched(page.server.live, ticket.office_id, after):
        if not view.board.holds(ticket.id):
            ticket = await asyncio.to_thread(_again, page, reference.upper(), ticket)
        for one in view.news:
            if one.ticket == ticket.id:
                yield event("call", one.counter, one.position)
        context = _context(page, ticket, view.board, names)
        if context["turn"] != before:
            before = context["turn"]
            said = render(page, "phone_turn.html", context)
            yield event("turn", said, view.board.position)
        elif time.monotonic() - told > _BEAT_S:
            yield event("beat", "", view.board.position)
        else:
            continue
        told = time.monotonic()


def _again(page: Page, reference: str, known: Held) -> Held:
    with page.database.reading() as session:
        return held(session, reference) or known


def _context(page: Page, ticket: Held, board: Board, names: Names) -> dict[str, Any]:
    turn = turn_of(ticket, board, page.today)
    return {"ticket": ticket, "turn": turn, "field": names.field(ticket.field)}


def _names(page: Page, ticket: Held) -> Names:
    with page.database.reading() as session:
        return names_of(session, ticket.office_id, page.language)
