"""Server-sent events of a queue, to a page that may be closed or cut off at any time.

Every event carries the position of the last announcement before it: a page that connects anew says
where it was, and is told what it missed. The office's board is read at least
every quarter of a minute, and each reading sends something, so a page that hears nothing for
longer knows that it is cut off.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

from fastapi import Depends, Header, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent

from central.live import Live, View

__all__ = ["EventSourceResponse", "LastSeen", "ServerSentEvent", "event", "watched"]

Position = Annotated[int | None, Query(ge=0, le=2**53)]


def _last_seen(
    after: Position = None,
    last_event_id: Annotated[int | None, Header(ge=0, le=2**53)] = None,
) -> int | None:
    """The browser's own word when it connects again, else the page's when it connects."""
    return after if last_event_id is None else last_event_id


LastSeen = Annotated[int | None, Depends(_last_seen)]
"""Position of the last announcement the page has had; None: it knows of none."""


async def watched(
    live: Live, office_id: int, after: int | None, *, until_closed: bool = False
) -> AsyncGenerator[View]:
    """Every view of an office's queue. ``until_closed``: for those whose session ends with it."""
    async with aclosing(live.watch(office_id, after)) as views:
        async for view in views:
            if until_closed and view.board.is_closed:
                return
            yield view


def event(name: str, said: str, position: int) -> ServerSentEvent:
    """An event called ``name`` that says ``said``."""
    return ServerSentEvent(raw_data=said, event=name, id=str(position), retry=2000)
