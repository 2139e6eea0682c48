"""The queue, live: one reading of the tables for everybody who watches an office.

A signal (:mod:`central.db.signals`) or a quarter of a minute makes an office's :class:`Feed` read
its board; everybody who watches is shown the same one. When somebody joined the line and nothing
else happened, it reads the line alone, and not at once. Announcements come to each watcher exactly
once and in order: those after the position they have seen. So a watcher that was away, on this
worker or another, is told what it missed.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar, TypeVarTuple
from zoneinfo import ZoneInfo

from anyio import CapacityLimiter, to_thread

from central.db.engine import Database
from central.services.board import (
    Announced,
    Board,
    announcements_after,
    read_board,
    read_line,
    read_pace,
)
from central.services.estimate import Pace

_Given = TypeVarTuple("_Given")
_Read = TypeVar("_Read")
_log = logging.getLogger(__name__)
_BEAT_S = 15.0
"""Nothing new for so long: the board is read all the same. Estimates age."""
_REST_S = 0.25
"""Least time between two readings, however many signals come."""
_CALM_S = 3.0
"""The same while nobody is called and the line only grows: most signals are of that kind."""
_PACE_LASTS_S = 60.0
_SPREAD = 8
"""Offices whose kiosks all came at once, after a start, are not all read again at once."""
_READERS = 2
"""Threads of a worker that read boards."""
_KEPT = 200
"""Announcements kept at hand for watchers who come back; older ones are read."""


class Boards:
    """The boards of all offices, for threads: one that is new enough is not read again."""

    def __init__(self, database: Database, zone: ZoneInfo, now: Callable[[], datetime]) -> None:
        self._database, self._zone, self._now = database, zone, now
        self._locks: dict[int, threading.Lock] = defaultdict(threading.Lock)
        self._paces: dict[int, tuple[datetime, Pace]] = {}
        self._boards: dict[int, tuple[float, Board]] = {}

    def read(self, office_id: int) -> Board:
        """The board as it is now."""
        with self._database.reading() as session:
            now = self._now()
            pace = self._paces.get(office_id)
            if pace is None or abs(now - pace[0]).total_seconds() > _pace_lasts_s(office_id):
                pace = (now, read_pace(session, office_id, now))
                self._paces[office_id] = pace
            board = read_board(session, office_id, self._zone, pace[1], now)
        self._boards[office_id] = (time.monotonic(), board)
        return board

    def read_line(self, board: Board) -> Board:
        """The board with whoever waits now. Not kept: nobody else knows how old the rest is."""
        pace, now = self._paces[board.office_id][1], self._now()
        with self._database.looking() as session:
            return read_line(session, board, pace, now)

    def recent(self, office_id: int, within_s: float) -> Board:
        """A board not older than that. Of many that ask at once, one reads."""
        if (board := self._at_hand(office_id, within_s)) is not None:
            return board
        with self._locks[office_id]:
            return self._at_hand(office_id, within_s) or self.read(office_id)

    def minutes_each(self, office_id: int) -> Mapping[str, float]:
        """What kiosks reckon with (:meth:`Board.minutes_each`); two minutes old at most."""
        return self.recent(office_id, _pace_lasts_s(office_id)).minutes_each()

    def announced_after(self, office_id: int, position: int) -> list[Announced]:
        """What was announced since."""
        with self._database.reading() as session:
            return announcements_after(session, office_id, position)

    def _at_hand(self, office_id: int, within_s: float) -> Board | None:
        known = self._boards.get(office_id)
        return known[1] if known and time.monotonic() - known[0] <= within_s else None


def _pace_lasts_s(office_id: int) -> float:
    return _PACE_LASTS_S * (1 + office_id % _SPREAD / _SPREAD)


@dataclass(frozen=True, slots=True)
class View:
    """What a watcher is shown: the board, and the announcements new to them, oldest first."""

    board: Board
    news: tuple[Announced, ...]


class Feed:
    """One office's board, read anew when something happens, for all who watch it here."""

    def __init__(self, boards: Boards, office_id: int, readers: CapacityLimiter) -> None:
        self._boards, self._office, self._readers = boards, office_id, readers
        self._dirty, self._pressing = asyncio.Event(), asyncio.Event()
        self._changed = asyncio.Condition()
        self._version = 0
        self._board: Board | None = None
        self._recent: list[Announced] = []
        self._from = 0
        """Announcements after this position are at hand."""
        self.watchers = 0
        self._task: asyncio.Task[None] | None = None
        self._dismissed = False

    def touched(self, pressing: bool) -> None:
        """Something has happened. In the event loop."""
        self._dirty.set()
        if pressing:
            self._pressing.set()

    def begin(self) -> None:
        """Read from now on."""
        self._task = asyncio.create_task(self._run(), name=f"feed of office {self._office}")

    def end(self) -> None:
        """Read no more."""
        if self._task is not None:
            self._task.cancel()

    async def dismiss(self) -> None:
        """Let everybody who watches go."""
        async with self._changed:
            self._dismissed = True
            self._changed.notify_all()

    async def views(self, after: int | None) -> AsyncGenerator[View]:
        """Every new view, the present one first. ``after``: the position of the last announcement
        the watcher has had; None: they have just come, and are told nothing of the past."""
        seen = 0
        while True:
            async with self._changed:
                await self._changed.wait_for(
                    lambda seen=seen: self._dismissed or self._version > seen
                )
                if self._dismissed:
                    return
                seen, board = self._version, self._board
            if board is None:
                continue
            if after is None or after > board.position:  # an older copy of the database
                after = board.position
            news = await self._after(after)
            after = news[-1].position if news else after
            yield View(board, tuple(news))

    async def _after(self, position: int) -> list[Announced]:
        if position < self._from:
            return await self._read_by(self._boards.announced_after, self._office, position)
        return [each for each in self._recent if each.position > position]

    async def _run(self) -> None:
        whole_again = 0.0
        while True:
            whole = self._pressing.is_set() or time.monotonic() >= whole_again
            self._dirty.clear()
            self._pressing.clear()
            try:
                await (self._read() if whole else self._read_line())
                if whole:
                    whole_again = time.monotonic() + _BEAT_S
            except Exception as error:  # noqa: BLE001 - watchers see that nothing comes
                _log.error("The board of office %d cannot be read: %s", self._office, error)
                whole_again = 0.0
            await asyncio.sleep(_REST_S)
            if not await _set_within(self._pressing, _CALM_S - _REST_S):
                await _set_within(self._dirty, _BEAT_S - _CALM_S)

    async def _read(self) -> None:
        board = await self._read_by(self._boards.read, self._office)
        if self._board is None:
            self._from = board.position
        last = self._recent[-1].position if self._recent else self._from
        if board.position > last:
            self._recent += await self._read_by(self._boards.announced_after, self._office, last)
            if len(self._recent) > _KEPT:
                self._recent = self._recent[-_KEPT:]
                self._from = self._recent[0].position - 1
        await self._show(board)

    async def _read_line(self) -> None:
        if self._board is not None:
            await self._show(await self._read_by(self._boards.read_line, self._board))

    async def _read_by(self, read: Callable[[*_Given], _Read], *given: *_Given) -> _Read:
        return await to_thread.run_sync(read, *given, limiter=self._readers)

    async def _show(self, board: Board) -> None:
        async with self._changed:
            self._board = board
            self._version += 1
            self._changed.notify_all()


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        return await asyncio.wait_for(event.wait(), seconds)
    return False


class Live:
    """The feeds of this worker."""

    def __init__(self, database: Database, zone: ZoneInfo, now: Callable[[], datetime]) -> None:
        self._signals = database.signals
        self.boards = Boards(database, zone, now)
        self._readers = CapacityLimiter(_READERS)
        self._feeds: dict[int, Feed] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = False
        self._going: set[asyncio.Task[None]] = set()

    async def watch(self, office_id: int, after: int | None = None) -> AsyncGenerator[View]:
        """See :meth:`Feed.views`."""
        if self._stopping:
            return
        self._listen()
        feed = self._feeds.get(office_id)
        if feed is None:
            feed = self._feeds[office_id] = Feed(self.boards, office_id, self._readers)
            feed.begin()
        feed.watchers += 1
        try:
            async for view in feed.views(after):
                yield view
        finally:
            feed.watchers -= 1
            if not feed.watchers:
                feed.end()
                self._feeds.pop(office_id, None)

    def stop(self) -> None:
        """The server is about to end: let everybody go, or it would wait for those who watch.
        From any thread, or a signal's handler."""
        self._stopping = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._dismiss)

    def _dismiss(self) -> None:
        going = [asyncio.create_task(feed.dismiss()) for feed in self._feeds.values()]
        self._going.update(going)

    def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop = loop
            self._signals.listen(self._heard)

    def _heard(self, office_id: int | None, pressing: bool) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._touch, office_id, pressing)

    def _touch(self, office_id: int | None, pressing: bool) -> None:
        for office, feed in self._feeds.items():
            if office_id in (None, office):
                feed.touched(pressing)
