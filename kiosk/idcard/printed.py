"""The printed side of the card, as a reader of pictures sees it: lines of text with mistakes.

Nothing printed proves itself, so all of this is a suggestion: the citizen says whether it is right,
and officers see that it was read this way. Without a number, a name and a birthday nothing is
suggested at all.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from kiosk.idcard.document import IdentityDocument, Sex, plain
from kiosk.idcard.number import oddities
from kiosk.idcard.qr import calendar_day

LIMIT_LINES, LIMIT_CHARACTERS = 40, 200
"""More is not a card."""

_NUMBER = re.compile(r"(?<![0-9])([0-9]{12})(?![0-9])")
_DAY = re.compile(r"(?<![0-9])([0-9]{2}/[0-9]{2}/[0-9]{4})(?![0-9])")
_NAME = re.compile(r"[^\W\d_]{1,15}( [^\W\d_]{1,15}){1,6}")
_LABELS = ("ho va ten", "full name", "ho, chu dem", "ho va chu dem")
_BIRTH = ("ngay sinh", "date of birth", "sinh")
_EXPIRY = ("gia tri", "expiry", "het han")
_HOME = ("thuong tru", "cu tru", "residence")
_SEX = re.compile(r"\b(nam|nu)\b")
_NATIONALITY = re.compile(r"viet\s*nam")


@dataclass(frozen=True, slots=True, repr=False)
class Suggestion:
    """What may be on the card."""

    document: IdentityDocument

    def fields(self) -> tuple[tuple[str, str], ...]:
        """What the citizen is shown, in the order of the card: field and text."""
        said = self.document
        day = "/".join(reversed(said.date_of_birth.split("-")))
        shown = (
            ("number", said.number),
            ("name", said.name),
            ("date_of_birth", day),
            ("address", said.address),
        )
        return tuple((key, text) for key, text in shown if text)


def read(lines: Sequence[str]) -> Suggestion | None:
    """What the lines say, from top to bottom of the card; ``None`` when it is not enough."""
    if len(lines) > LIMIT_LINES:
        return None
    text = [_clean(line) for line in lines]
    said = [(line, plain(line).casefold()) for line in text if line]
    number, born = _first(_NUMBER, said), _birthday(said)
    name = _name(said)
    if number is None or born is None or name is None:
        return None
    sex = _sex(said)
    return Suggestion(
        IdentityDocument(
            number=number,
            name=name,
            date_of_birth=born,
            sex=sex,
            address=_address(said),
            source="ocr",
            warnings=("read_by_machine", *oddities(number, int(born[:4]), sex)),
        )
    )


_Line = tuple[str, str]
"""As read, and in small letters without marks."""


def _clean(line: str) -> str:
    visible = "".join(char for char in line if char.isprintable())
    return " ".join(unicodedata.normalize("NFC", visible[:LIMIT_CHARACTERS]).split())


def _first(pattern: re.Pattern[str], said: Sequence[_Line]) -> str | None:
    for line, _ in said:
        # A reader puts spaces between figures that stand wide apart.
        found = pattern.search(re.sub(r"(?<=[0-9]) (?=[0-9])", "", line))
        if found:
            return found[1]
    return None


def _birthday(said: Sequence[_Line]) -> str | None:
    """The day beside its label, else the first that is no expiry."""
    labelled = [line for line, bare in said if any(label in bare for label in _BIRTH)]
    others = [line for line, bare in said if not any(label in bare for label in _EXPIRY)]
    for line in (*labelled, *others):
        found = _DAY.search(line)
        day = calendar_day(found[1]) if found else None
        if day:
            return day
    return None


def _name(said: Sequence[_Line]) -> str | None:
    """In capitals, on the line after its label or beside it."""
    for at, (line, bare) in enumerate(said):
        if not any(label in bare for label in _LABELS):
            continue
        after = [text for text, _ in said[at + 1 : at + 3]]
        for text in (line.rpartition(":")[2], *after):
            name = text.strip(" .:;,|-'‘’\"")
            if _NAME.fullmatch(name) and name == name.upper():
                return name
    return None


def _sex(said: Sequence[_Line]) -> Sex | None:
    for _, bare in said:
        # "Nam" is also the second half of the country's name.
        found = _SEX.search(_NATIONALITY.sub("", bare))
        if found and ("tinh" in bare or "sex" in bare):
            return "M" if found[1] == "nam" else "F"
    return None


def _address(said: Sequence[_Line]) -> str:
    """What follows the label, to the end of the side or the next label."""
    for at, (line, bare) in enumerate(said):
        if not any(label in bare for label in _HOME):
            continue
        parts = [line.rpartition(":")[2] if ":" in line else ""]
        for text, below in said[at + 1 : at + 3]:
            if any(label in below for label in (*_EXPIRY, *_BIRTH, *_LABELS)):
                break
            parts.append(text)
        return " ".join(" ".join(part.strip(" .:;|") for part in parts).split())
    return ""
