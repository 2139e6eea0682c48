"""The machine-readable zone on the back of the card: three lines of thirty characters.

Size TD1 of ICAO Doc 9303, parts 3 and 5 (8th edition), as Viet Nam fills it in::

    IDVNM1871234563001187123456<<4      digits 4–12 of the number, then the whole number
    8705046F2705044VNM<<<<<<<<<<<8      birth, sex, expiry
    NGUYEN<<THI<ANH<TUYET<<<<<<<<<      family name, given names, without marks

Five check digits, and the number printed twice, say whether the lines were read rightly. What
they do not prove is refused: the next picture will do. A name has no check digit; it is what it
looks like.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from itertools import cycle

from kiosk.errors import CardError
from kiosk.idcard.document import IdentityDocument, Sex
from kiosk.idcard.number import first_year_of_birth, oddities

LIMIT_CHARACTERS = 400
"""Longest text looked at; a zone has 90."""

_LINE = 30
_DIGITS = "0123456789"
_FIRST = ["I", "D<", "V", "N", "M", *[_DIGITS] * 22, "<", "<", _DIGITS]
_SECOND = [*[_DIGITS] * 7, "MF<", *[_DIGITS] * 7, "V", "N", "M", *["<"] * 11, _DIGITS]
_FORM = (*_FIRST, *_SECOND)
"""What may stand at each place of the first two lines."""
_THIRD = re.compile(r"[A-Z]+(<[A-Z]+)*(<<[A-Z]+(<[A-Z]+)*)?<*")
_CHECK_DIGITS = (14, 29, 36, 44, 59)
_FOR_LIFE = "991231"
"""Expiry of a card that is valid for life."""


@dataclass(frozen=True, slots=True, repr=False)
class MachineReadable:
    """What a zone says, proved by its check digits. ``repr`` tells nothing of it."""

    number: str
    """12 digits."""
    name: str
    """Upper case, without marks; a long one is cut off."""
    date_of_birth: date
    sex: Sex | None
    expires: date | None
    """``None``: valid for life."""
    mended: bool = False
    """One character could not be read; the check digits say which it was."""

    @property
    def document_number(self) -> str:
        """Nine digits: with birth and expiry the key to the chip (ICAO 9303-11, BAC)."""
        return self.number[3:]

    def document(self) -> IdentityDocument:
        """As an identity document: no address, and a name without its marks."""
        odd = oddities(self.number, self.date_of_birth.year, self.sex)
        found = {"mrz_mended": self.mended, "sex_unknown": self.sex is None}
        return IdentityDocument(
            number=self.number,
            name=self.name,
            date_of_birth=self.date_of_birth.isoformat(),
            sex=self.sex,
            address="",
            source="mrz",
            warnings=("name_without_marks", *(key for key, holds in found.items() if holds), *odd),
        )

    def __repr__(self) -> str:
        return f"MachineReadable(mended={self.mended})"


def parse(text: str) -> MachineReadable:
    """The zone that ``text`` holds: three lines, as a reader of pictures gives them.

    One character that cannot stand where it was read is replaced by the one all check digits
    agree on. Raises :class:`CardError` (``card_mrz``) when something does not add up.
    """
    if len(text) > LIMIT_CHARACTERS:
        raise CardError("card_mrz", reason="length")
    first, second, third = _lines(text)
    zone, mended = _proved(first + second)
    if not _THIRD.fullmatch(third):
        raise CardError("card_mrz", reason="name")
    number = zone[15:27]
    return MachineReadable(
        number=number,
        name=" ".join(third.replace("<", " ").split()),
        date_of_birth=_day(zone[30:36], first_year_of_birth(number)),
        sex=_sex(zone[37]),
        expires=None if zone[38:44] == _FOR_LIFE else _day(zone[38:44], 2000),
        mended=mended,
    )


def check_digit(characters: str) -> str:
    """ICAO 9303-3, section 4.9: weights 7, 3, 1; letters count from 10, a filler is 0."""
    values = (0 if char == "<" else int(char, 36) for char in characters)
    return str(sum(v * w for v, w in zip(values, cycle((7, 3, 1)))) % 10)


def _lines(text: str) -> tuple[str, str, str]:
    """Three lines of thirty. Fillers that a reader has left out or counted twice are no loss: the
    check digits count their places too."""
    lines = [line for line in ("".join(line.split()) for line in text.splitlines()) if line]
    if len(lines) != 3:
        raise CardError("card_mrz", reason="lines")
    first, second, third = lines
    filled = re.fullmatch(r"(.{15}VNM)<*([0-9])", second)
    if filled:
        second = f"{filled[1]:<<29}{filled[2]}"
    third = f"{third.rstrip('<'):<<{_LINE}}"
    if not all(len(line) == _LINE and line.isascii() for line in (first, second, third)):
        raise CardError("card_mrz", reason="length")
    return first, second, third


def _proved(zone: str) -> tuple[str, bool]:
    """The first two lines, and whether a character had to be mended."""
    wrong = [place for place, char in enumerate(zone) if char not in _FORM[place]]
    if not wrong and _adds_up(zone):
        return zone, False
    if len(wrong) == 1 and wrong[0] not in _CHECK_DIGITS:
        (place,) = wrong
        whole = [f"{zone[:place]}{char}{zone[place + 1 :]}" for char in _FORM[place]]
        possible = [each for each in whole if _adds_up(each)]
        if len(possible) == 1:
            return possible[0], True
    raise CardError("card_mrz", reason="check_digit")


def _adds_up(zone: str) -> bool:
    composite = zone[5:37] + zone[38:45] + zone[48:59]
    return (
        zone[5:14] == zone[18:27]
        and check_digit(zone[5:14]) == zone[14]
        and check_digit(zone[15:29]) == zone[29]
        and check_digit(zone[30:36]) == zone[36]
        and check_digit(zone[38:44]) == zone[44]
        and check_digit(composite) == zone[59]
    )


def _day(yymmdd: str, first_year: int) -> date:
    try:
        return date(first_year + int(yymmdd[:2]), int(yymmdd[2:4]), int(yymmdd[4:]))
    except ValueError as error:
        raise CardError("card_mrz", reason="date") from error


def _sex(char: str) -> Sex | None:
    return "M" if char == "M" else "F" if char == "F" else None
