"""The virtual card: an invented citizen, for demonstrations, technicians and tests.

Names are drawn from common ones and the digits from a seeded generator; nobody is meant.
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from kiosk.idcard.document import IdentityDocument, Sex, plain
from kiosk.idcard.mrz import check_digit

_FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Ngô")
_MIDDLE: dict[Sex, tuple[str, ...]] = {
    "M": ("Văn", "Đức", "Minh", "Quang", "Hữu"),
    "F": ("Thị", "Ngọc", "Thu", "Kim", "Hồng"),
}
_GIVEN = ("An", "Bình", "Giang", "Hà", "Khánh", "Lân", "Ngân", "Quỳnh", "Thảo", "Vy", "Yến")
_PLACES = (
    ("001", "phường Hà Cầu, quận Hà Đông, Hà Nội"),
    ("036", "xã Mỹ Thắng, huyện Mỹ Lộc, Nam Định"),
    ("079", "phường Bến Nghé, quận 1, Thành phố Hồ Chí Minh"),
)
_STREETS = ("Tô Hiệu", "Quang Trung", "Trần Phú", "Bà Triệu", "Ngô Quyền")


def synthetic(seed: int) -> IdentityDocument:
    """An invented adult's document; the same seed, the same document."""
    draw = Random(seed)
    sex = draw.choice(("M", "F"))
    born = date(1950, 1, 1) + timedelta(days=draw.randrange(55 * 365))
    place, district = draw.choice(_PLACES)
    century_and_sex = (born.year // 100 - 19) * 2 + (sex == "F")
    return IdentityDocument(
        number=f"{place}{century_and_sex}{born:%y}{draw.randrange(10**6):06d}",
        old_number=f"{draw.randrange(10**9):09d}" if born.year < 2000 else None,
        name=" ".join((draw.choice(_FAMILY), draw.choice(_MIDDLE[sex]), draw.choice(_GIVEN))),
        date_of_birth=born.isoformat(),
        sex=sex,
        address=f"Số {draw.randint(1, 300)}, đường {draw.choice(_STREETS)}, {district}",
        issued=(date(2021, 4, 1) + timedelta(days=draw.randrange(1000))).isoformat(),
        source="qr",
    )


def payload(document: IdentityDocument) -> str:
    """What the QR code on the document's card says."""
    return "|".join(
        (
            document.number,
            document.old_number or "",
            document.name,
            _digits(document.date_of_birth),
            {"M": "Nam", "F": "Nữ", None: ""}[document.sex],
            document.address,
            _digits(document.issued or ""),
        )
    )


def zone(document: IdentityDocument, expires: date | None = None) -> str:
    """What the machine-readable zone on the document's card says; valid for life by default."""
    number, sex = document.number, document.sex or "<"
    born = date.fromisoformat(document.date_of_birth)
    first = f"IDVNM{number[3:]}{check_digit(number[3:])}{number}<<"
    first += check_digit(first[15:])
    until = f"{expires:%y%m%d}" if expires else "991231"
    second = f"{born:%y%m%d}{check_digit(f'{born:%y%m%d}')}{sex}{until}{check_digit(until)}VNM"
    second = f"{second:<<29}"
    second += check_digit(first[5:] + second[:7] + second[8:15] + second[18:])
    family, *given = plain(document.name).upper().split()
    third = f"{family}<<{'<'.join(given)}"[:30]
    return "\n".join((first, second, f"{third:<<30}"))


def _digits(day: str) -> str:
    return "".join(reversed(day.split("-")))
