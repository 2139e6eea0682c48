"""The board on the wall: who is called where, live, with a chime and a voice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Annotated, Any

from fastapi import HTTPException, Path, Query
from fastapi.responses import Response

from central.db.accounts import UserRole
from central.db.queue import Announcement
from central.locale import Language
from central.services.board import Announced, Board
from central.services.holder import rounded
from central.services.spoken import sentence
from central.speech import speech
from central.web.fields import Names, names_of
from central.web.page import Page, PageDep, pages
from central.web.stream import EventSourceResponse, LastSeen, ServerSentEvent, event, watched
from central.web.templates import render

router = pages(*UserRole)
SHOWN = 6
"""Calls on the board: as many as can be read from eight metres on one screen."""
FIELDS = 9
Tongues = Annotated[str, Query(alias="voice", pattern=r"^(vi|en|vi,en|en,vi|off)$")]


@router.get("/display")
def get_display(page: PageDep, voice: Tongues = "vi") -> Response:
    """The board, full-screen. ``voice``: the languages calls are said in, in this order."""
    office = page.me.office_id
    board, names = page.server.live.boards.recent(office, 1.0), _names(page, office)
    tongues = [] if voice == "off" else voice.split(",")
    return page.show("display.html", **_context(board, names), voice=tongues)


@router.get("/display/events", response_class=EventSourceResponse)
async def get_events(page: PageDep, after: LastSeen) -> AsyncGenerator[ServerSentEvent]:
    """``board``: the board anew, as HTML. ``call``: to be said, as JSON, once each."""
    office = page.me.office_id
    names = await asyncio.to_thread(_names, page, office)
    async for view in watched(page.server.live, office, after, until_closed=True):
        for one in view.news:
            yield event("call", _as_json(one), one.position)
        said = render(page, "display_board.html", _context(view.board, names))
        yield event("board", said, view.board.position)


@router.get("/display/speech/{position}.wav")
def get_speech(
    page: PageDep, position: Annotated[int, Path(ge=1, le=2**53)], language: Language = "vi"
) -> Response:
    """A call as it is said; 404 where no voice is installed."""
    with page.database.reading() as session:
        row = session.get(Announcement, (page.me.office_id, position))
        said = sentence(row.number, row.counter, language) if row else None
    spoken = speech(said, language) if said else None
    if spoken is None:
        raise HTTPException(404)
    return Response(spoken, media_type="audio/wav")


def _context(board: Board, names: Names) -> dict[str, Any]:
    counts = board.waiting_by_field()
    # Of an office with many fields those that matter now; the rest would push the calls aside.
    asked_for = [
        each
        for each in names.fields.items()
        if len(names.fields) <= FIELDS or each[0] in counts or board.wait_for(each[0])
    ]
    return {"board": board, "fields": asked_for[:FIELDS], "shown": SHOWN, "rounded": rounded}


def _as_json(one: Announced) -> str:
    return json.dumps(
        {
            "position": one.position,
            "number": one.number,
            "counter": one.counter,
            "again": one.again,
            "at": one.at.timestamp(),
            "said": {tongue: sentence(one.number, one.counter, tongue) for tongue in ("vi", "en")},
        }
    )


def _names(page: Page, office_id: int) -> Names:
    with page.database.reading() as session:
        return names_of(session, office_id, page.language)
