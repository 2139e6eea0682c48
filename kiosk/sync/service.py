"""The ``kiosk-sync`` process: outbox up, changes down, for years.

It shares the database file with the kiosk, and nothing else. Whatever fails, the records wait
in the outbox and the next exchange tries again.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

import requests

from kiosk import systemd
from kiosk.config import Settings
from kiosk.errors import StoreError, SyncError
from kiosk.stopping import Wait, told_to_stop
from kiosk.store import outbox
from kiosk.store.database import Database
from kiosk.store.fields import keep_changes
from kiosk.store.keys import key_for
from kiosk.sync.client import Client, device_token
from wire import Ack, Changes, Event

_log = logging.getLogger(__name__)

BATCH = 200
"""Events a push carries at most; the contract's limit."""
LONGEST_WAIT_S = 60.0
"""The back-off's cap: an office whose network returns sees its records within a minute."""


class Central(Protocol):
    """The central server."""

    def push(self, events: Sequence[Event]) -> Ack:
        """Deliver events. Raises :class:`SyncError`; then they may or may not have arrived."""
        ...

    def changes(self) -> Changes:
        """What is new at the office. Raises :class:`SyncError`."""
        ...


@dataclass(frozen=True, slots=True)
class Exchange:
    """What one exchange did."""

    sent: int
    settled: int
    """Events that left the queue: stored by central, or refused for good."""

    @property
    def more(self) -> bool:
        """There is more to send, and sending it makes progress."""
        return self.sent == BATCH and self.settled > 0


def exchange_once(db: Database, central: Central, now: Callable[[], datetime]) -> Exchange:
    """Push the oldest events, settle what central says of them, then pull what is new.

    Raises :class:`SyncError` and :class:`StoreError`; whatever was not settled is sent again
    next time, and central keeps each event once.
    """
    events = outbox.pending(db, BATCH)
    settled = _settle(db, events, central.push(events)) if events else 0
    keep_changes(db, central.changes(), now())
    return Exchange(len(events), settled)


def _settle(db: Database, events: Sequence[Event], ack: Ack) -> int:
    # Only what was sent can be settled: an answer must not make us drop anything else.
    sent = {event.id for event in events}
    stored = sent.intersection(ack.stored)
    refused = {no.id: no.reason for no in ack.refused if no.id in sent - stored}
    with db.transaction():
        outbox.acknowledge(db, stored)
        for event, reason in refused.items():
            outbox.park(db, event, reason)
    for event, reason in refused.items():
        _log.error("Central refuses event %s, it is parked: %s", event, reason)
    return len(stored) + len(refused)


class Pace:
    """How long to wait before the next exchange.

    Doubles with each failure up to a cap; a random half of it keeps the kiosks of a city from
    returning all at once ("equal jitter",
    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
    """

    def __init__(self, interval_s: float, rng: random.Random) -> None:
        self._interval_s = interval_s
        self._rng = rng
        self._failures = 0

    def after_success(self, *, more: bool) -> float:
        """Seconds until the next exchange; none while a backlog is draining."""
        self._failures = 0
        return 0.0 if more else self._interval_s

    def after_failure(self) -> float:
        """Seconds until the next attempt."""
        self._failures = min(self._failures + 1, 16)
        longest = min(max(LONGEST_WAIT_S, self._interval_s), self._interval_s * 2**self._failures)
        return longest / 2 + self._rng.uniform(0, longest / 2)


def keep_exchanging(
    db: Database,
    central: Central,
    pace: Pace,
    wait: Callable[[float], bool],
    now: Callable[[], datetime],
) -> None:
    """Exchange until ``wait(seconds)`` says to stop. Each fault is logged when it begins."""
    fault: str | None = None
    while True:
        try:
            exchange = exchange_once(db, central, now)
        except (SyncError, StoreError) as error:
            if error.key != fault:
                _log.warning("%s", error.both())
            fault, pause = error.key, pace.after_failure()
        else:
            if fault:
                _log.info("Central is reached again")
            fault, pause = None, pace.after_success(more=exchange.more)
        if wait(pause):
            return


def main(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT. Raises :class:`StoreError`."""
    with told_to_stop() as wait:
        run(settings, wait)


def run(settings: Settings, wait: Wait) -> None:
    """Run until ``wait`` says to stop. Raises :class:`StoreError` when there is no database."""
    with (
        Database.open(settings.store.path, key_for(settings.store)) as db,
        requests.Session() as session,
    ):
        systemd.notify("READY=1")
        if not settings.sync.url:
            _log.info("No central server is configured: records stay on this kiosk")
            wait(None)
        else:
            central = Client(settings.sync, session, lambda: device_token(settings.sync.token_file))
            pace = Pace(settings.sync.interval_s, random.Random())
            keep_exchanging(db, central, pace, wait, lambda: datetime.now(UTC))
