"""One exchange with central: the oldest events up, what is new down."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kiosk.errors import SyncError
from kiosk.store import changes as store
from kiosk.store import outbox
from kiosk.store.changes import Cursor
from kiosk.store.citizens import Citizens
from kiosk.store.database import Database
from kiosk.sync.client import BatchRefused
from wire import Ack, Changes, Event

_log = logging.getLogger(__name__)

BATCH = 200
"""Events a push carries at most; the contract's limit."""
BATCH_BYTES = 512 << 10
_TRIES = 5
"""How often an event that central breaks over is tried alone before it is put aside."""


class Central(Protocol):
    """The central server. Every method raises :class:`SyncError`; then what was sent may or may
    not have arrived."""

    def push(self, events: Sequence[Event], cursor: Cursor) -> Ack:
        """Deliver events; what is new comes with the answer, from a central that knows how."""
        ...

    def changes(self, cursor: Cursor) -> Changes:
        """What is new at the office."""
        ...


@dataclass(frozen=True, slots=True)
class Exchange:
    """What one exchange did."""

    sent: int
    settled: int
    """Events that left the queue: stored by central, or refused for good."""
    more: bool
    """There is more to send or to hear, and going on makes progress."""


class Exchanger:
    """Exchanges, one after another."""

    def __init__(
        self,
        db: Database,
        citizens: Citizens,
        central: Central,
        now: Callable[[], datetime],
        limit_bytes: int | None = None,
    ) -> None:
        """Of a database larger than ``limit_bytes`` statistics are dropped, oldest first."""
        self._limit_bytes = limit_bytes
        self._db = db
        self._citizens = citizens
        self._central = central
        self._now = now
        self._at_once = BATCH
        self._broke = 0
        """How often central broke over one event alone."""

    def once(self) -> Exchange:
        """Push the oldest events, settle what central says of them, then take in what is new.

        Raises :class:`SyncError` and :class:`StoreError`; whatever was not settled is sent again
        next time, and central keeps each event once.
        """
        if self._limit_bytes is not None:
            outbox.make_room(self._db, self._limit_bytes)
        try:
            sent, settled, fewer, told = self._push()
            if told is None:
                told = self._central.changes(store.cursor(self._db))
        except SyncError as error:
            if error.key == "sync_revoked" and store.revoke(self._db, self._citizens, self._now()):
                _log.error("Central has revoked this kiosk: it knows no citizen any more")
            raise
        before = store.cursor(self._db)
        store.keep_changes(self._db, self._citizens, told, self._now())
        store.admitted(self._db)
        heard = told.more and store.cursor(self._db) != before
        return Exchange(sent, settled, heard or fewer or (sent == BATCH and settled > 0))

    def _push(self) -> tuple[int, int, bool, Changes | None]:
        """How many events were sent and settled, whether to go on at once, and what is new."""
        events = outbox.pending(self._db, self._at_once, BATCH_BYTES)
        if not events:
            return 0, 0, False, None
        try:
            ack = self._central.push(events, store.cursor(self._db))
        except BatchRefused as refused:
            return len(events), self._spare(events, refused), True, None
        self._broke = 0
        whole = self._at_once == BATCH
        self._at_once = min(BATCH, 2 * self._at_once)
        settled = self._settle(events, ack)
        return len(events), settled, settled > 0 and not whole, ack.changes

    def _spare(self, events: Sequence[Event], refused: BatchRefused) -> int:
        """Find the event that central cannot take by sending half as many; alone, it is put aside
        so that the others go on. Raises ``refused`` when that is not what is the matter."""
        if len(events) > 1:
            self._at_once = max(1, len(events) // 2)
            return 0
        self._broke += 1
        if not refused.lasting and self._broke < _TRIES:
            raise refused
        self._broke, self._at_once = 0, BATCH
        event = events[0].id
        with self._db.transaction():
            outbox.park(self._db, event, f"status {refused.fields['status']}")
        _log.error("Central cannot take event %s, it is parked", event)
        return 1

    def _settle(self, events: Sequence[Event], ack: Ack) -> int:
        # Only what was sent can be settled: an answer must not make us drop anything else.
        sent = {event.id for event in events}
        stored = sent.intersection(ack.stored)
        refused = {no.id: no.reason for no in ack.refused if no.id in sent - stored}
        with self._db.transaction():
            outbox.acknowledge(self._db, stored)
            for event, reason in refused.items():
                outbox.park(self._db, event, reason)
        for event, reason in refused.items():
            _log.error("Central refuses event %s, it is parked: %s", event, reason)
        return len(stored) + len(refused)
