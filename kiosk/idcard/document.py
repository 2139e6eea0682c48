"""The identity document, whatever it was read from."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from kiosk.errors import CardError
from wire import MaskedPerson

Sex = Literal["M", "F"]
Source = Literal["qr", "mrz", "chip", "ocr", "typed"]
Field = Literal["number", "old_number", "name", "date_of_birth", "sex", "address", "issued"]

CERTAINTY: dict[Source, int] = {"chip": 5, "qr": 4, "mrz": 3, "ocr": 2, "typed": 1}
"""How far a source is believed: what the chip signs, what a code repeats with error correction,
what check digits prove, what a machine thinks it reads, what somebody types."""

FIELDS: tuple[Field, ...] = (
    "number",
    "old_number",
    "name",
    "date_of_birth",
    "sex",
    "address",
    "issued",
)


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
    """Where it was read from; of several, the one believed most."""
    old_number: str | None = None
    """The 9 digits of an earlier CMND."""
    issued: str | None = None
    """``YYYY-MM-DD``."""
    warnings: tuple[str, ...] = ()
    """Keys of ``card.warning``: oddities a person may want to look at, never a refusal."""
    elsewhere: tuple[tuple[Field, Source], ...] = ()
    """Fields that were read from another source than :attr:`source`."""

    def __repr__(self) -> str:
        return f"IdentityDocument(source={self.source!r}, warnings={self.warnings!r})"

    def source_of(self, field: Field) -> Source | None:
        """Where ``field`` was read from; ``None`` when it is not known."""
        return dict(self.elsewhere).get(field, self.source) if getattr(self, field) else None

    def certainty_of(self, field: Field) -> int:
        """How far ``field`` is believed: see :data:`CERTAINTY`; 0 when it is not known."""
        source = self.source_of(field)
        return CERTAINTY[source] if source else 0

    def age(self, today: date) -> int:
        """Full years; of whoever knows their year of birth only, those they surely have."""
        born = self.date_of_birth if len(self.date_of_birth) > 4 else f"{self.date_of_birth}-12-31"
        year, month, day = map(int, born.split("-"))
        return today.year - year - ((today.month, today.day) < (month, day))

    @property
    def masked_name(self) -> str:
        """As ``NGUYỄN V** A**``; see :meth:`wire.MaskedPerson.of`."""
        return MaskedPerson.of(self.name, self.date_of_birth).name

    @property
    def masked_number(self) -> str:
        """The last three digits."""
        return f"{'•' * (len(self.number) - 3)}{self.number[-3:]}"

    @property
    def birth_masked(self) -> str:
        """The century of birth: ``19**``."""
        return MaskedPerson.of(self.name, self.date_of_birth).birth


def merged(*read: IdentityDocument) -> IdentityDocument:
    """One document of what was read of one card by several means: each field from whoever is
    believed most, and a warning (``differs_…``) where they say different things.

    A name without its marks is believed for its letters only: the marks come from another
    source that spells it the same. Raises :class:`CardError` (``card_two``) when the numbers
    differ: that is not one card.
    """
    if len({each.number for each in read}) != 1:
        raise CardError("card_two")
    ranked = sorted(read, key=lambda each: -CERTAINTY[each.source])
    best = ranked[0]
    values: dict[Field, object] = {}
    elsewhere: list[tuple[Field, Source]] = []
    differ: list[str] = []
    for field in FIELDS:
        said = [each for each in ranked if getattr(each, field)]
        if not said:
            continue
        chosen = _with_marks(said) if field == "name" else said[0]
        values[field] = getattr(chosen, field)
        source = chosen.source_of(field)
        if source is not None and source != best.source:
            elsewhere.append((field, source))
        if any(not _agree(field, getattr(chosen, field), getattr(each, field)) for each in said):
            differ.append(f"differs_{field}")
    known = (key for each in ranked for key in each.warnings)
    warnings = dict.fromkeys([*known, *differ])
    if dict(elsewhere).get("name", best.source) != "mrz":
        warnings.pop("name_without_marks", None)
    return replace(best, **values, warnings=tuple(warnings), elsewhere=tuple(elsewhere))  # type: ignore[arg-type]


def plain(text: str) -> str:
    """``text`` without marks, as the machine-readable zone is written (ICAO 9303-3, section 6)."""
    letters = unicodedata.normalize("NFD", text.replace("Đ", "D").replace("đ", "d"))
    return "".join(char for char in letters if not unicodedata.combining(char))


def _with_marks(said: list[IdentityDocument]) -> IdentityDocument:
    first = said[0]
    if first.source_of("name") != "mrz":
        return first
    letters = plain(first.name).upper()
    return next((each for each in said[1:] if plain(each.name).upper() == letters), first)


def _agree(field: Field, one: object, other: object) -> bool:
    if field == "name":
        # The zone cuts a long name off.
        first, second = (plain(str(name)).upper() for name in (one, other))
        return first.startswith(second) or second.startswith(first)
    if field == "date_of_birth":
        return str(one).startswith(str(other)) or str(other).startswith(str(one))
    return str(one).casefold() == str(other).casefold()
