"""One ticket through a spool of its own, for commands and scripts that print and go."""

from __future__ import annotations

from queue import SimpleQueue

from PIL import Image

from kiosk.config import PrinterSettings
from kiosk.printer.spool import Outcome, Spool


def print_single(settings: PrinterSettings, image: Image.Image) -> tuple[Outcome, str]:
    """Print ``image`` (mode ``1``, ``settings.dots`` wide) as every ticket is printed; wait.

    Returns the first outcome and its reason. What the printer still owes then is never printed.
    """
    done: SimpleQueue[tuple[Outcome, str]] = SimpleQueue()
    spool = Spool(
        settings,
        sending=lambda _: None,
        report=lambda _, outcome, reason, __: done.put((outcome, reason)),
        status_changed=lambda _: None,
    )
    spool.start()
    try:
        spool.print("single", lambda _: image)
        return done.get()
    finally:
        spool.stop()
