"""``[printer]`` and ``[ticket]``: what prints, and what is on the paper."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from kiosk.config_office import Bilingual, Section


class PrinterSettings(Section):
    """The ticket printer."""

    device: str = Field(
        default="network:127.0.0.1:9100",
        description="network:HOST:PORT, usb:VENDOR:PRODUCT[:SERIAL] (hex, hex, text), "
        "serial:/dev/serial/by-id/…:115200, file:/dev/usb/lp0, or none",
    )
    dots: int = Field(
        default=576,
        ge=256,
        le=1024,
        multiple_of=8,
        description="printable width, dots (80 mm paper: 576)",
    )
    dpi: PositiveInt = Field(default=203, description="dots per inch")
    cut: bool = Field(default=True, description="the printer has a cutter")
    timeout_s: PositiveFloat = Field(default=2.0, description="longest wait for the printer")
    silent_ok: bool = Field(
        default=False,
        description="this printer never answers about its state (most Star printers): count a "
        "ticket as printed although it said nothing",
    )
    fence: bool = Field(
        default=True,
        description="make the printer confirm each ticket (ESC/POS GS r); false only for a model "
        "that tells its state and never confirms: then a ticket counts as printed when the "
        "printer was well after taking it",
    )
    reprint_within_s: float = Field(
        default=600.0,
        ge=0,
        description="a ticket over which the printer broke down is printed once more, marked, if "
        "the printer is well again within so many seconds; 0: never",
    )
    resume_within_s: float = Field(
        default=600.0,
        ge=0,
        description="a ticket that a crash kept from the printer is printed after the restart if "
        "it is no older than so many seconds; later the citizen has gone to the staff",
    )


TicketBlock = Literal["logo", "office", "rule", "number", "field", "name", "facts", "qr", "message"]


class TicketSettings(Section):
    """What is on the paper."""

    blocks: tuple[TicketBlock, ...] = Field(
        default=(
            "logo",
            "office",
            "rule",
            "number",
            "field",
            "name",
            "facts",
            "rule",
            "qr",
            "message",
        ),
        description="the parts of a ticket from top to bottom; left out: not printed. name: "
        "masked, of the recognised; facts: counter, people ahead, wait; qr: reference, time",
    )
    logo: Path | None = Field(
        default=None, description="PNG, black on white, printed at most 20 mm high"
    )
    message: Bilingual | None = Field(
        default=None,
        description="last line of the ticket; left out: take a seat, wait to be called",
    )
    phone_url: str = Field(
        default="",
        pattern=r"^(https://[^\s/?#]+|http://(127\.0\.0\.1|localhost)(:\d+)?)?/?$",
        description="https://… at which citizens' phones reach the central server: the QR code "
        "opens the ticket's page there; empty: the code is the reference alone",
    )

    def code(self, reference: str) -> str:
        """What the QR code of a ticket says."""
        return f"{self.phone_url.rstrip('/')}/t/{reference}" if self.phone_url else reference

    @model_validator(mode="after")
    def _one_number(self) -> TicketSettings:
        if "number" not in self.blocks:
            raise ValueError("blocks: a ticket needs its number")
        doubled = {name for name in self.blocks if self.blocks.count(name) > 1} - {"rule"}
        if doubled:
            raise ValueError(f"blocks: more than once: {', '.join(sorted(doubled))}")
        return self
