"""Where checks look: the settings, the running kiosk, and the machine."""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kiosk.config import Settings
from kiosk.health.parts import Parts, parts_path, read_parts
from kiosk.health.trying import try_parts

_log = logging.getLogger(__name__)

_PROGRAM_S = 20.0


def run_program(*arguments: str) -> str | None:
    """What a program prints; ``None`` when there is none of that name, or it fails or hangs."""
    try:
        done = subprocess.run(
            arguments, capture_output=True, text=True, timeout=_PROGRAM_S, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        _log.info("%s: %s", arguments[0], error)
        return None
    return done.stdout


@dataclass(frozen=True, slots=True)
class Place:
    """One kiosk, as seen from a check."""

    settings: Settings
    folder: Path
    """Relative file names in the settings start here."""
    parts: Parts
    """Camera and printer, which only one program can have."""
    root: Path = Path("/")
    """``/proc``, ``/sys`` and ``/run`` are below it."""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    run: Callable[..., str | None] = run_program

    @classmethod
    def here(cls, settings: Settings, folder: Path) -> Place:
        """This machine, now."""
        now = datetime.now(UTC)
        parts = read_parts(parts_path(settings.health), now) or try_parts(settings, folder, now)
        return cls(settings, folder, parts)

    def line(self, path: str) -> str | None:
        """The text of a file of the machine, stripped; ``None`` when it is not there or does
        not like to be read."""
        with suppress(OSError, UnicodeDecodeError):
            return (self.root / path).read_text(encoding="ascii").strip()
        return None

    def number(self, path: str) -> int | None:
        """A whole number such a file holds, decimal or ``0x…``."""
        with suppress(ValueError):
            return int(self.line(path) or "", 0)
        return None

    def data_folder(self) -> Path:
        """A folder on the disk that holds the database: its nearest that exists."""
        folder = self.settings.store.path.absolute().parent
        while not folder.exists():
            folder = folder.parent
        return folder
