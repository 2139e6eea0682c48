"""The running kiosk tells how its camera and printer are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from kiosk.health.parts import EVERY_S, Parts, write_parts
from kiosk.printer.status import PrinterStatus
from kiosk.vision.link import VisionLink
from kiosk.vision.percepts import Percept, View


class Pulse:
    """Collects what is known and writes it now and then. ``now`` tells seconds, ``moment`` the
    date."""

    def __init__(
        self,
        path: Path,
        link: VisionLink | None,
        now: Callable[[], float],
        moment: Callable[[], datetime],
    ) -> None:
        self._path = path
        self._link = link
        self._now = now
        self._moment = moment
        self._printer = PrinterStatus("unknown")
        self._view: View | None = None
        self._frames = 0
        self._rate = 0.0
        self._since = now()

    def saw(self, percept: Percept) -> None:
        """A frame was looked at."""
        self._frames += 1
        self._view = percept.view or self._view

    def printer(self, status: PrinterStatus) -> None:
        """The printer's state changed."""
        self._printer = status

    def beat(self) -> None:
        """Write, if it is time to."""
        passed = self._now() - self._since
        if passed >= EVERY_S:
            self._rate = self._frames / passed
            self._frames, self._since = 0, self._now()
            write_parts(self._path, self.parts())

    def parts(self) -> Parts:
        """What is known, with the frames of the last few seconds."""
        trouble = self._link and self._link.trouble
        state = self._link.state if self._link else "none"
        return Parts(
            at=self._moment(),
            camera=state,
            camera_reason=trouble.key if trouble else "",
            frames_per_s=round(self._rate, 1),
            view=self._view if state == "working" else None,
            printer=self._printer.state,
            printer_reason=self._printer.reason,
        )
