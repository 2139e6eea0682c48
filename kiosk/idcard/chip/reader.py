"""A reader of chips that waits for a card, in a thread of its own, and says what became of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from queue import Queue
from threading import Event, Thread
from time import monotonic
from typing import Protocol

from kiosk.errors import CardError
from kiosk.idcard.chip.access import ZoneKey
from kiosk.idcard.chip.passive import TrustStore
from kiosk.idcard.chip.reading import LONGEST_S, ChipReading, Progress, read_chip

_log = logging.getLogger(__name__)

_LOOK_S = 0.3
_HOPELESS = frozenset({"chip_copied", "chip_key", "chip_needs_zone"})
"""Laying the card down anew does not help against these."""


class InsertedCard(Protocol):
    """A card on a reader."""

    def transmit(self, command: bytes) -> bytes:
        """See :class:`~kiosk.idcard.chip.apdu.Card`."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class WaitingReader:
    """Reads one chip at a time. All callbacks come in its thread."""

    def __init__(
        self,
        inserted: Callable[[], InsertedCard | None],
        trust: TrustStore,
        now: Callable[[], datetime],
        *,
        progress: Progress,
        read: Callable[[ChipReading], None],
        refused: Callable[[CardError, bool], None],
    ) -> None:
        """``inserted`` gives the card that lies there, if any; ``now`` is aware. ``refused`` is
        told why a chip could not be read, and whether another try is of no use: if not, the
        next card laid down is tried."""
        self._inserted, self._trust, self._now = inserted, trust, now
        self._progress, self._done, self._refused = progress, read, refused
        self._wanted: Queue[tuple[ZoneKey, ...] | None] = Queue()
        self._stop = Event()
        self._thread = Thread(target=self._run, name="chip", daemon=True)
        self._thread.start()

    def read(self, keys: Sequence[ZoneKey]) -> None:
        """Read the next chip that one of ``keys`` opens."""
        self._stop.clear()
        self._wanted.put(tuple(keys))

    def stop(self) -> None:
        """Read none any more."""
        self._stop.set()

    def close(self) -> None:
        """End the thread; one that its reader holds up is left behind."""
        self._stop.set()
        self._wanted.put(None)
        self._thread.join(LONGEST_S)

    def _run(self) -> None:
        while (keys := self._wanted.get()) is not None:
            while not self._stop.is_set() and not self._attempt(keys):
                self._stop.wait(_LOOK_S)

    def _attempt(self, keys: tuple[ZoneKey, ...]) -> bool:
        """Whether there is nothing more to be done."""
        try:
            reading = self._opened(keys)
        except CardError as error:
            if self._stop.is_set():
                return True
            _log.info("the chip was not read: %s", error.key)
            final = error.key in _HOPELESS
            self._refused(error, final)
            return final or self._stop.wait(1.0)
        if reading is None:
            return False
        if not self._stop.is_set():
            self._done(reading)
        return True

    def _opened(self, keys: tuple[ZoneKey, ...]) -> ChipReading | None:
        """With the first key that opens; ``None`` while no card lies there."""
        if not keys:
            raise CardError("chip_needs_zone")
        for key in keys:
            card = self._inserted()
            if card is None:
                return None
            try:
                return read_chip(card, key, self._trust, self._now(), monotonic, self._progress)
            except CardError as error:
                if error.key != "chip_key" or key is keys[-1]:
                    raise
            finally:
                card.close()
        return None
