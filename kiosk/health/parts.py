"""What the running kiosk says of the parts that only one program can have.

A camera or a printer that is in use cannot be tried by anybody else, so the kiosk keeps a small
file about them, by default beside the database; on a device it lies in memory (``/run``), since
it is written every few seconds. It holds no picture and nothing about people.
"""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from kiosk.config import HealthSettings
from kiosk.vision.percepts import View

_log = logging.getLogger(__name__)

IN_MEMORY = Path("/run/kiosk-screen")
"""``RuntimeDirectory`` of kiosk.service."""
EVERY_S = 5.0
"""How often the kiosk writes."""
_STALE = timedelta(seconds=4 * EVERY_S)


class Parts(BaseModel):
    """A moment of the running kiosk."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    camera: str
    """``working``, ``stalled``, ``starting``, ``ended`` or ``none``."""
    camera_reason: str = ""
    frames_per_s: float = 0.0
    view: View | None = None
    printer: str
    """``ok``, ``bad`` or ``unknown``."""
    printer_reason: str = ""
    running: bool = True
    """False: no kiosk runs, and whoever asked tried the parts itself."""


def parts_path(settings: HealthSettings) -> Path:
    """Where the file lies: in memory on a device, whose service has a folder there, since a card
    wears out; else where the settings say."""
    return (IN_MEMORY if IN_MEMORY.is_dir() else settings.parts_file.parent) / (
        settings.parts_file.name
    )


def write_parts(path: Path, parts: Parts) -> None:
    """Replace the file as a whole. A kiosk that cannot write it goes on without."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside.write_text(parts.model_dump_json(), encoding="ascii")
        aside.replace(path)
    except OSError as error:
        _log.info("%s cannot be written: %s", path, error.strerror)
        with suppress(OSError):
            aside.unlink()


def read_parts(path: Path, now: datetime) -> Parts | None:
    """What the kiosk wrote lately; ``None`` when it does not run."""
    try:
        parts = Parts.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None
    return parts if abs(now - parts.at) <= _STALE else None
