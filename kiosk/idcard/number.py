"""The personal identification number.

Twelve digits: three for the place where the birth was registered, one for century and sex, two
for the year of birth, six at random; there is no check digit. The circular that described the
structure (59/2021/TT-BCA) expired on 2024-07-01 and the law now promises twelve digits only:
an odd number is worth a warning, never a refusal.
"""

from __future__ import annotations

import re

from kiosk.idcard.document import Sex

# fmt: off
_PROVINCES = frozenset([
    1, 2, 4, 6, 8, 10, 11, 12, 14, 15, 17, 19, 20, 22, 24, 25, 26, 27, 30, 31, 33, 34, 35, 36, 37,
    38, 40, 42, 44, 45, 46, 48, 49, 51, 52, 54, 56, 58, 60, 62, 64, 66, 67, 68, 70, 72, 74, 75, 77,
    79, 80, 82, 83, 84, 86, 87, 89, 91, 92, 93, 94, 95, 96,
])
# fmt: on
"""The 63 provinces before the mergers of 2025."""
_FIRST_COUNTRY = 101


def is_personal_number(text: str) -> bool:
    """Twelve digits."""
    return re.fullmatch(r"[0-9]{12}", text) is not None


def is_old_number(text: str) -> bool:
    """The nine digits of a CMND."""
    return re.fullmatch(r"[0-9]{9}", text) is not None


def first_year_of_birth(number: str) -> int:
    """First year of the century that the number's holder was born in."""
    return 1900 + int(number[3]) // 2 * 100


def oddities(number: str, year_of_birth: int, sex: Sex | None) -> tuple[str, ...]:
    """Keys of ``card.warning`` for what the twelve digits say differently from the card."""
    place, century_and_sex, year = int(number[:3]), int(number[3]), number[4:6]
    century = first_year_of_birth(number) // 100
    expected: Sex = "F" if century_and_sex % 2 else "M"
    found = {
        "number_place": place not in _PROVINCES and place < _FIRST_COUNTRY,
        "number_sex": sex is not None and sex != expected,
        "number_year": f"{century}{year}" != str(year_of_birth),
    }
    return tuple(key for key, odd in found.items() if odd)
