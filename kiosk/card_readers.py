"""The readers of cards besides the camera, opened as the settings say. What they read is carried to
the main thread and goes to the attendant."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from importlib.util import find_spec

from kiosk.attendant import Attendant
from kiosk.config_reader import ReaderSettings
from kiosk.errors import CardError, ConfigError
from kiosk.idcard.chip.passive import TrustStore
from kiosk.idcard.chip.pcsc import inserted_card
from kiosk.idcard.chip.reader import WaitingReader
from kiosk.idcard.chip.reading import ChipReading
from kiosk.idcard.imager import Imager
from kiosk.parts import ChipReader, NoChipReader

_log = logging.getLogger(__name__)

Call = Callable[[], object]


class CardReaders:
    """A reader that cannot be had is said so in the log; the camera and the others go on."""

    def __init__(self, settings: ReaderSettings, on_main_thread: Callable[[Call], object]) -> None:
        self._on_main_thread = on_main_thread
        self._attendant: Attendant | None = None
        self._imager: Imager | None = None
        if settings.scanner != "none":
            self._imager = Imager(settings.scanner, self._scanned)
        self._chip: WaitingReader | None = None
        if settings.chip != "none":
            self._chip = self._open_chip(settings)
        self.chips: ChipReader = self._chip or NoChipReader()

    def answer_to(self, attendant: Attendant) -> None:
        """Who hears what is read."""
        self._attendant = attendant

    def start(self) -> None:
        """Listen to the scanner."""
        if self._imager is not None:
            self._imager.start()

    def stop(self) -> None:
        """End both threads."""
        if self._imager is not None:
            self._imager.stop()
        if self._chip is not None:
            self._chip.close()

    def _open_chip(self, settings: ReaderSettings) -> WaitingReader | None:
        name = settings.chip.partition(":")[2]
        if find_spec("smartcard") is None:
            _log.error("%s", CardError("pyscard_missing").both())
            return None
        try:
            trust = TrustStore.load(settings.trust) if settings.trust else TrustStore()
        except (ConfigError, OSError) as error:
            fault = error if isinstance(error, ConfigError) else None
            _log.error("%s", fault.both() if fault else type(error).__name__)
            return None
        return WaitingReader(
            partial(inserted_card, name),
            trust,
            lambda: datetime.now(UTC),
            progress=self._progressed,
            read=self._read,
            refused=self._refused,
        )

    def _tell(self, what: Callable[[Attendant], None]) -> None:
        attendant = self._attendant
        if attendant is not None:
            self._on_main_thread(lambda: what(attendant))

    def _scanned(self, payload: bytes) -> None:
        self._tell(lambda attendant: attendant.scanned(payload))

    def _progressed(self, share: float) -> None:
        self._tell(lambda attendant: attendant.cards.chip_moved(share))

    def _read(self, reading: ChipReading) -> None:
        self._tell(lambda attendant: attendant.cards.chip_read(reading))

    def _refused(self, error: CardError, final: bool) -> None:
        self._tell(lambda attendant: attendant.cards.chip_refused(error, final=final))
