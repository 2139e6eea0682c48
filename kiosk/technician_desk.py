"""Carries out what the technician asks for on the kiosk's screen, off the main thread."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

from kiosk.config import Settings
from kiosk.errors import KioskError, PrinterError
from kiosk.health.doctor import Examination, examine
from kiosk.health.export import export
from kiosk.health.parts import Parts
from kiosk.health.place import Place
from kiosk.locale import Language, text
from kiosk.sync.enrolment import enrol_here
from kiosk.technician import Technician
from kiosk.technician_pin import TechnicianPin
from kiosk.ui.bridge import Bridge

_log = logging.getLogger(__name__)

TEST_TICKET = "technician's test"
"""In place of a ticket's id: no number is given and nothing written down."""
_STICKS = Path("/media")


class Desk:
    """The technician's screen of one kiosk. ``parts`` tells how camera and printer are,
    ``print_test`` has a specimen printed, ``look_for_codes`` has codes before the camera read,
    ``call`` runs something on the main thread."""

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        bridge: Bridge,
        now: Callable[[], float],
        parts: Callable[[], Parts],
        print_test: Callable[[], None],
        look_for_codes: Callable[[bool], None],
        call: Callable[[Callable[[], None]], None],
    ) -> None:
        self._settings = settings
        self._folder = folder
        self._bridge = bridge
        self._parts = parts
        self._print_test = print_test
        self._look_for_codes = look_for_codes
        self._call = call
        self._language: Language = settings.screen.language
        self._busy = False
        pin = TechnicianPin(settings.health.pin_file, lambda: datetime.now(UTC))
        self.technician = Technician(pin, self, settings.pointer, now, parts, self._language)
        bridge.technician_knocked.connect(self._knocked)
        bridge.technician_pressed.connect(self._pressed)

    def refresh(self) -> None:
        """Time went by."""
        self.technician.tick()
        self._bridge.show_technician(self.technician.screen())

    def test_printed(self, outcome: str, reason: str) -> None:
        """What became of the test ticket."""
        told = text(self._language, "technician.printed")
        if outcome != "printed":
            error = PrinterError(reason)
            told = f"{error.what(self._language)} {error.do(self._language)}"
        self.technician.said(told)

    # ── what the technician asks for ──────────────────────────────────────────────────────────

    def examine(self) -> None:
        """See :class:`kiosk.technician.Hands`."""
        self._aside(lambda examination: self.technician.examined(examination))

    def export(self) -> None:
        """See :class:`kiosk.technician.Hands`."""

        def write(examination: Examination) -> None:
            self.technician.examined(examination)
            try:
                file = export(self._where(), self._place(), examination)
            except OSError as error:
                self.technician.said(KioskError("system", reason=error.strerror).what("vi"))
            else:
                told = text(self._language, "technician.exported", file=file)
                self.technician.said(told)

        self._aside(write)

    def print_test(self) -> None:
        """See :class:`kiosk.technician.Hands`."""
        self._print_test()

    def look_for_codes(self, on: bool) -> None:
        """See :class:`kiosk.technician.Hands`."""
        self._look_for_codes(on)

    def enrol(self, token: str) -> None:
        """See :class:`kiosk.technician.Hands`."""

        def work() -> None:
            try:
                answer = enrol_here(self._settings, token)
            except KioskError as error:
                told = f"{error.what(self._language)} {error.do(self._language)}"
            else:
                told = text(self._language, "technician.enrolled", name=answer.name)
            self._call(lambda: self.technician.said(told))

        Thread(target=work, name="enrolment", daemon=True).start()

    # ── how ───────────────────────────────────────────────────────────────────────────────────

    def _knocked(self) -> None:
        self.technician.knock()
        self.refresh()

    def _pressed(self, button: str) -> None:
        self.technician.press(button)
        self.refresh()

    def _aside(self, then: Callable[[Examination], None]) -> None:
        """Examine in a thread, which may take seconds, and go on on the main one."""
        if self._busy:
            return
        self._busy = True
        place = self._place()

        def work() -> None:
            try:
                examination = examine(place)
            finally:
                self._call(self._free)
            self._call(lambda: then(examination))

        Thread(target=work, name="examination", daemon=True).start()

    def _free(self) -> None:
        self._busy = False

    def _place(self) -> Place:
        return Place(self._settings, self._folder, self._parts())

    def _where(self) -> Path:
        """A USB stick, if one is mounted and can be written."""
        mounted = (each for each in _STICKS.glob("*") if each.is_mount())
        return next(mounted, self._settings.health.export_folder)
