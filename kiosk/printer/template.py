"""How this office's tickets look: ``[ticket]`` and ``[printer]`` as one value, the logo loaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from PIL import Image

from kiosk.config import Bilingual, Settings, TicketBlock
from kiosk.errors import ConfigError
from kiosk.locale import Language, text


@dataclass(frozen=True, slots=True)
class TicketTemplate:
    """Everything about a ticket that is the same for everybody."""

    dots: int
    """Printable width: 576 on 80 mm paper, 384 on 58 mm."""
    dpi: int
    """Resolution of the print head, dots per inch."""
    blocks: tuple[TicketBlock, ...]
    """From the top of the paper to the bottom."""
    logo: Image.Image | None = None
    """Grey (mode ``L``) on white."""
    message: Bilingual | None = None
    """The office's closing line; ``None``: what to do next."""

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Raises :class:`ConfigError` ``ticket_logo`` when the logo cannot be read."""
        ticket, printer = settings.ticket, settings.printer
        logo = _load(ticket.logo) if ticket.logo and "logo" in ticket.blocks else None
        return cls(printer.dots, printer.dpi, ticket.blocks, logo, ticket.message)

    def message_in(self, language: Language) -> str:
        """The closing line in ``language``."""
        if self.message is None:
            return text(language, "ticket.line.wait_here")
        return self.message.in_(language)


def _load(path: Path) -> Image.Image:
    """What is transparent becomes paper."""
    try:
        with Image.open(path, formats=["PNG"]) as png:
            picture = png.convert("RGBA")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ConfigError("ticket_logo", file=path, reason=error) from error
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("L")
