"""Time in a simulation: actors that wait, and the earliest goes on."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Generator
from datetime import datetime

Actor = Generator[datetime | None, None, None]
"""Yields the moment it waits for; None: until somebody wakes it."""


class Agenda:
    """Who goes on when. Of two at the same moment the one that was put down first."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._entries: list[tuple[datetime, int, Actor]] = []
        self._order = itertools.count()
        self._asleep: list[Actor] = []

    def start(self, actor: Actor) -> None:
        """Let it begin now."""
        self._put(self.now, actor)

    def wake(self) -> None:
        """Let all go on that wait for somebody to wake them."""
        asleep, self._asleep = self._asleep, []
        for actor in asleep:
            self._put(self.now, actor)

    def play(self, until: datetime | None = None) -> None:
        """Everything up to ``until``; without it, to the end."""
        while self._entries and (until is None or self._entries[0][0] <= until):
            moment, _, actor = heapq.heappop(self._entries)
            self.now = max(self.now, moment)
            for waits_for in actor:
                if waits_for is None:
                    self._asleep.append(actor)
                else:
                    self._put(waits_for, actor)
                break
        if until is not None:
            self.now = max(self.now, until)

    @property
    def next_at(self) -> datetime | None:
        """When something happens next; None: never."""
        return self._entries[0][0] if self._entries else None

    def _put(self, moment: datetime, actor: Actor) -> None:
        heapq.heappush(self._entries, (moment, next(self._order), actor))
