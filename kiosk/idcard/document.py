"""The identity document, whatever it was read from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Sex = Literal["M", "F"]
Source = Literal["qr", "mrz", "chip", "ocr", "typed"]


@dataclass(frozen=True, slots=True, repr=False)
class IdentityDocument:
    """What a citizen's card says, verbatim (text in Unicode NFC).

    Addresses are kept as printed: cards go on carrying places that have been merged since.
    ``repr`` hides everything personal, so that a document may appear in a log or a traceback.
    """

    number: str
    """12 digits; 9 on the old CMND."""
    name: str
    date_of_birth: str
    """``YYYY-MM-DD``, or ``YYYY`` where the card knows no more."""
    sex: Sex | None
    address: str
    source: Source
    old_number: str | None = None
    """The 9 digits of an earlier CMND."""
    issued: str | None = None
    """``YYYY-MM-DD``."""
    warnings: tuple[str, ...] = ()
    """Keys of ``card.warning``: oddities a person may want to look at, never a refusal."""

    def __repr__(self) -> str:
        return f"IdentityDocument(source={self.source!r}, warnings={self.warnings!r})"

    @property
    def masked_name(self) -> str:
        """Enough for the holder to know themselves, too little for whoever reads over their
        shoulder: the family name, then initials (``NGUYỄN V** A**``)."""
        family, *given = self.name.upper().split() or [""]
        if not given:
            return f"{family[:1]}**"
        return " ".join([family, *(f"{word[0]}**" for word in given)])

    @property
    def birth_masked(self) -> str:
        """The century of birth: ``19**``."""
        return f"{self.date_of_birth[:2]}**"
