"""The ``kiosk-sync`` process: outbox up, changes down, for years.

It shares the database file with the kiosk, and nothing else. Whatever fails, the records wait
in the outbox and the next exchange tries again.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from contextlib import closing

from kiosk import systemd
from kiosk.config import Settings
from kiosk.errors import StoreError, SyncError
from kiosk.stopping import Wait, told_to_stop
from kiosk.store.citizens import Citizens
from kiosk.store.clock import office_clock
from kiosk.store.database import Database
from kiosk.store.keys import key_for
from kiosk.sync.client import Client
from kiosk.sync.exchange import Exchanger

_log = logging.getLogger(__name__)

LONGEST_WAIT_S = 60.0
"""The back-off's cap: an office whose network returns sees its records within a minute."""


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


def keep_exchanging(exchanger: Exchanger, pace: Pace, wait: Callable[[float], bool]) -> None:
    """Exchange until ``wait(seconds)`` says to stop. Each fault is logged when it begins.

    Raises :class:`StoreError` when the database is damaged: opened anew, what the kiosk has
    saved of it goes on.
    """
    fault: str | None = None
    while True:
        try:
            exchange = exchanger.once()
        except (SyncError, StoreError) as error:
            if error.key == "store_damaged":
                raise
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
    while _is_replaced_under(settings, wait):
        _log.info("Another database has taken this one's place: opening that")


def _is_replaced_under(settings: Settings, wait: Wait) -> bool:
    """Whether it ended because the file that was open is not the database any more."""
    with Database.open(settings.store.path, key_for(settings.store)) as db:
        systemd.notify("READY=1")
        if not settings.sync.url:
            _log.info("No central server is configured: records stay on this kiosk")
            still_wait = watched(wait)
            while not still_wait(LONGEST_WAIT_S):
                pass
            return False
        clock = office_clock(db)
        citizens = Citizens(db, settings.privacy, clock)
        with closing(Client(settings.sync, clock)) as central:
            limit = round(settings.sync.outbox_limit_mb * 1e6)
            exchanger = Exchanger(db, citizens, central, lambda: clock().moment, limit)
            pace = Pace(settings.sync.interval_s, random.Random())
            told, still_wait = False, watched(wait)

            def wait_or_move(seconds: float) -> bool:
                nonlocal told
                told = still_wait(seconds)
                return told or db.is_replaced()

            keep_exchanging(exchanger, pace, wait_or_move)
            return not told


def watched(wait: Wait) -> Wait:
    """``wait``, and tell systemd's watchdog each time that the loop has come round to it."""

    def telling(seconds: float | None) -> bool:
        systemd.notify("WATCHDOG=1")
        return wait(seconds)

    return telling
