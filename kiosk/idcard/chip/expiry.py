"""The chip's key from the front of the card: when it expires follows from birth and issue.

A citizen renews the card at 14, 25, 40 and 60, and one issued within two years before such a
birthday is good until the next (Law on Identity 26/2023/QH15, article 21): the last day printed
is that birthday, and none after 60. With it the QR code's number and birth make the key that is
otherwise printed on the back only (ICAO 9303-11, section 9.7.2). The rule could not be tried on a
card of the state: where it does not open the chip, the three lines on the back do.
"""

from __future__ import annotations

from datetime import date

from kiosk.idcard.chip.access import ZoneKey
from kiosk.idcard.document import IdentityDocument

_RENEWED_AT = (14, 25, 40, 60)
_GRACE_YEARS = 2
_FOR_LIFE = "991231"


def zone_keys(document: IdentityDocument, today: date) -> tuple[ZoneKey, ...]:
    """Keys that may open the chip of ``document``'s card, the likeliest first; none when its
    day of birth is not known."""
    if len(document.date_of_birth) != len("YYYY-MM-DD") or len(document.number) != 12:
        return ()
    born = date.fromisoformat(document.date_of_birth)
    issued = date.fromisoformat(document.issued) if document.issued else None
    return tuple(
        ZoneKey(document.number[3:], f"{born:%y%m%d}", expiry)
        for expiry in _expiries(born, issued, today)
    )


def _expiries(born: date, issued: date | None, today: date) -> list[str]:
    since = issued or today
    later = [day for age in _RENEWED_AT if (day := _birthday(born, age)) > since]
    ends = [f"{day:%y%m%d}" for day in later[:2]] + [_FOR_LIFE]
    in_grace = bool(later) and issued is not None and _birthday(issued, _GRACE_YEARS) >= later[0]
    return ends[1:] + ends[:1] if in_grace else ends


def _birthday(born: date, age: int) -> date:
    try:
        return born.replace(year=born.year + age)
    except ValueError:  # born on 29 February
        return born.replace(year=born.year + age, month=3, day=1)
