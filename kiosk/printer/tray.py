"""Where the virtual printer's tickets fall."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from PIL import Image

log = logging.getLogger(__name__)


class Tray:
    """Tickets as ``folder/ticket-0001.png``, ``-0002`` … from 1. Not thread-safe."""

    def __init__(self, folder: Path, on_ticket: Callable[[Path], None] | None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.count = 0
        self._folder = folder
        self._on_ticket = on_ticket

    def file(self, n: int) -> Path:
        """Where the ``n``-th ticket (from 1) is, or will be."""
        return self._folder / f"ticket-{n:04}.png"

    def add(self, ticket: Image.Image) -> None:
        """Another one. A file that cannot be written is logged."""
        self.count += 1
        path = self.file(self.count)
        part = path.with_suffix(".part")
        try:
            ticket.save(part, format="PNG")
            part.replace(path)  # whoever watches the folder never sees half a picture
        except OSError:
            log.exception("the ticket could not be written to %s", path)
        if self._on_ticket:
            self._on_ticket(path)
