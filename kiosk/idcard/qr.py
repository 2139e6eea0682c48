"""The QR code on the citizen's identity card.

``number|old CMND|full name|DDMMYYYY|Nam/Nữ|address|issue date DDMMYYYY``, UTF-8 without an ECI
designator. Cards and readers vary: what can be understood without guessing is accepted and
flagged, everything else is refused with the reason.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from kiosk.errors import CardError
from kiosk.idcard.document import IdentityDocument, Sex
from kiosk.idcard.number import is_old_number, is_personal_number, oddities

LIMIT_BYTES = 600
"""Longest payload looked at; a card's is under 300."""

_SEXES: dict[str, Sex] = {"nam": "M", "nữ": "F", "nu": "F"}
_YEARS = range(1900, 2100)
_LONGEST_NAME = 100
_LONGEST_ADDRESS = 300


def parse(payload: str | bytes) -> IdentityDocument:
    """The document a card's QR code holds.

    Raises :class:`CardError`, key ``card_*``, when this is another kind of code or a field that
    cannot be done without is missing or damaged.
    """
    text, repaired = _mended(_text(payload))
    fields = [_clean(field) for field in text.split("|")]
    _refuse_other_codes(fields)
    old_number, rest, shape = _arranged(fields)
    name, birth, sex_word, address, *more = rest
    date_of_birth = _birth(birth)
    sex = _SEXES.get(sex_word.casefold())
    issued = calendar_day(more[0]) if more else None
    warnings = {
        "encoding_repaired": repaired,
        "birth_year_only": len(date_of_birth) == 4,
        "sex_unknown": sex is None,
        "no_issue_date": issued is None,
        "extra_fields": any(more[1:]),
    }
    return IdentityDocument(
        number=fields[0],
        old_number=old_number,
        name=_checked(name, r"[^\W\d_][^\d_<>|]*", _LONGEST_NAME, "name"),
        date_of_birth=date_of_birth,
        sex=sex,
        address=_checked(address, r".*", _LONGEST_ADDRESS, "address"),
        issued=issued,
        source="qr",
        warnings=(
            *shape,
            *(key for key, found in warnings.items() if found),
            *oddities(fields[0], int(date_of_birth[:4]), sex),
        ),
    )


def _text(payload: str | bytes) -> str:
    size = len(payload if isinstance(payload, bytes) else payload.encode("utf-8", "replace"))
    if size > LIMIT_BYTES:
        raise CardError("card_too_long", limit=LIMIT_BYTES)
    if isinstance(payload, str):
        return payload
    try:
        return payload.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CardError("card_not_identity") from error


def _mended(text: str) -> tuple[str, bool]:
    """Undo a reader that took UTF-8 for Windows-1252 or Shift-JIS.

    Safe to try on sound text: Vietnamese does not survive the way back, so it is left alone.
    """
    if text.isascii():
        return text, False
    for encode in (_as_windows_1252, _as_shift_jis):
        try:
            return encode(text).decode("utf-8"), True
        except UnicodeError:
            continue
    return text, False


def _as_windows_1252(text: str) -> bytes:
    """Latin-1 too: the five codes Windows-1252 leaves open are C1 controls in both."""
    return b"".join(
        char.encode("latin-1") if "\x80" <= char <= "\x9f" else char.encode("cp1252")
        for char in text
    )


def _as_shift_jis(text: str) -> bytes:
    return text.encode("cp932")


def _clean(field: str) -> str:
    """NFC, one line, single spaces, nothing invisible."""
    spaced = "".join(" " if char.isspace() else char for char in field)
    visible = "".join(char for char in spaced if not unicodedata.category(char).startswith("C"))
    return " ".join(unicodedata.normalize("NFC", visible).split())


def _refuse_other_codes(fields: list[str]) -> None:
    """Say what the code is, where that is plain: a citizen holds up what they have."""
    first, second = fields[0], fields[1] if len(fields) > 1 else ""
    if re.match(r"[a-z][a-z0-9+.-]*://|www\.", first, re.IGNORECASE):
        raise CardError("card_web_address")
    if first.startswith("000201"):  # EMVCo payload format indicator: VietQR and other payments
        raise CardError("card_payment")
    if _is_hexadecimal(second):  # how health-insurance cards write the name
        raise CardError("card_health_insurance")
    if not is_personal_number(first):
        raise CardError("card_not_identity")


def _is_hexadecimal(text: str) -> bool:
    return re.fullmatch(r"(?=.*[0-9])(?=.*[a-fA-F])([0-9a-fA-F]{2})+", text) is not None


def _arranged(fields: list[str]) -> tuple[str | None, list[str], tuple[str, ...]]:
    """Old number, then the fields from the name on, and what was unusual about the shape."""
    second = fields[1] if len(fields) > 1 else ""
    has_old = not second or second.isdecimal()
    rest = fields[2:] if has_old else fields[1:]
    if len(rest) < 4:
        raise CardError("card_incomplete")
    if not has_old:
        return None, rest, ("no_old_number",)
    if second and not is_old_number(second):
        return None, rest, ("old_number",)
    return second or None, rest, ()


def _birth(text: str) -> str:
    """``DDMMYYYY``, or the year alone: ``YYYY``, ``0000YYYY``, ``YYYY0000``."""
    whole = calendar_day(text)
    if whole:
        return whole
    digits = re.sub(r"[/.\- ]", "", text)
    partial = re.fullmatch(r"(?:0000)?([0-9]{4})|([0-9]{4})0000|00[0-9]{2}([0-9]{4})", digits)
    year = next((group for group in partial.groups() if group), "0") if partial else "0"
    if int(year) not in _YEARS:
        raise CardError("card_field", field="date_of_birth")
    return year


def calendar_day(text: str) -> str | None:
    """``DDMMYYYY`` or ``DD/MM/YYYY`` as an ISO date; ``None`` when it is not one."""
    found = re.fullmatch(r"([0-9]{2})[/.\-]?([0-9]{2})[/.\-]?([0-9]{4})", text)
    if not found or int(found[3]) not in _YEARS:
        return None
    try:
        return date(int(found[3]), int(found[2]), int(found[1])).isoformat()
    except ValueError:
        return None


def _checked(text: str, pattern: str, longest: int, field: str) -> str:
    if len(text) > longest or not re.fullmatch(pattern, text):
        raise CardError("card_field", field=field)
    return text
