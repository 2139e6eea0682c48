"""``[reader]``: how identity cards are read."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import Field, model_validator

from kiosk.config_office import Section


class ReaderSettings(Section):
    """How identity cards are read, besides by the camera."""

    scanner: str = Field(
        default="none",
        description="a scanner for codes: keyboard:/dev/input/by-id/…-event-kbd (USB, types like "
        "a keyboard), serial:/dev/serial/by-id/…:9600, or none",
    )
    chip: str = Field(
        default="none",
        description="a reader of chips: pcsc (the first one), pcsc:NAME (part of its name), or "
        "none",
    )
    trust: Path | None = Field(
        default=None,
        description="folder of the issuing authorities' certificates (.pem .cer) and what they "
        "revoked (.crl); left out: no chip is ever called verified",
    )
    printed_side: bool = Field(
        default=True,
        description="read the card's print, where neither code nor chip can be: needs Debian's "
        "tesseract-ocr and tesseract-ocr-vie",
    )

    @model_validator(mode="after")
    def _known(self) -> ReaderSettings:
        if not re.fullmatch(r"none|(keyboard|serial):.+", self.scanner):
            raise ValueError("scanner: keyboard:…, serial:… or none")
        if not re.fullmatch(r"none|pcsc(:.+)?", self.chip):
            raise ValueError("chip: pcsc, pcsc:NAME or none")
        return self
