"""What opens a chip: something printed on the card, so that only who holds it can read it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Literal

from kiosk.idcard.mrz import MachineReadable, check_digit

Reference = Literal[1, 2]
"""Which password: 1 the machine-readable zone, 2 the card access number (ICAO 9303-11, 4.4)."""


@dataclass(frozen=True, slots=True, repr=False)
class ZoneKey:
    """From the machine-readable zone. ``repr`` tells nothing."""

    document_number: str
    birth: str
    """YYMMDD."""
    expiry: str
    """YYMMDD, 991231 for a card that is valid for life."""

    @classmethod
    def of(cls, zone: MachineReadable) -> ZoneKey:
        """The key that ``zone`` spells out."""
        expiry = f"{zone.expires:%y%m%d}" if zone.expires else "991231"
        return cls(zone.document_number, f"{zone.date_of_birth:%y%m%d}", expiry)

    def secret(self) -> bytes:
        """SHA-1 of the three fields, each with its check digit (ICAO 9303-11, section 9.7.2)."""
        number = f"{self.document_number:<<9}"
        fields = (number, self.birth, self.expiry)
        text = "".join(field + check_digit(field) for field in fields)
        return hashlib.sha1(text.encode("ascii"), usedforsecurity=False).digest()

    @property
    def reference(self) -> Reference:
        """See :data:`Reference`."""
        return 1


@dataclass(frozen=True, slots=True, repr=False)
class AccessNumber:
    """The six digits on the front of a card (CAN)."""

    digits: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[0-9]{6}", self.digits):
            raise ValueError("a card access number has six digits")

    def secret(self) -> bytes:
        """The digits as they are."""
        return self.digits.encode("ascii")

    @property
    def reference(self) -> Reference:
        """See :data:`Reference`."""
        return 2


AccessKey = ZoneKey | AccessNumber
