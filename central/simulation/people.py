"""Those a simulated office knows: its officers, and citizens who agreed to be remembered.

All of them are made up. Identity numbers begin with 000, which is no province's code.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from central.db.accounts import UserRole
from central.db.models import FIRST_OFFICE
from central.services.accounts import add_user, user_named
from central.simulation.kiosk import SimulatedKiosk

KNOWN = 30
_FAMILIES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Ngô")
_MIDDLE = {"M": ("Văn", "Đức", "Quang", "Hữu"), "F": ("Thị", "Thu", "Ngọc", "Minh")}
_GIVEN = {
    "M": ("Thử", "Mẫu", "An", "Bình", "Cường", "Dũng", "Hải", "Long"),
    "F": ("Thử", "Mẫu", "Hoa", "Lan", "Mai", "Nga", "Yến", "Xuân"),
}


def users(
    session: Session, office_id: int, labels: list[str], password: str, now: datetime
) -> dict[str, int]:
    """Ids of an officer for each counter, by its label; also a manager and a screen. Those that
    are new sign in with ``password``, and need not change it."""
    end = ending(office_id)
    officers = {label: f"canbo{label.lower()}{end}" for label in labels}
    made = dict.fromkeys(officers.values(), UserRole.OFFICER)
    made |= {f"quanly{end}": UserRole.MANAGER, f"manhinh{end}": UserRole.DISPLAY}
    for name, role in made.items():
        if user_named(session, name) is None:
            user = add_user(session, office_id, name, f"{name} (thử)", role, password, now)
            user.must_change = False
    found = {label: user_named(session, name) for label, name in officers.items()}
    return {label: user.id for label, user in found.items() if user}


def ending(office_id: int) -> str:
    """What the names of an office's users end in: no two of a server sign in with one name."""
    return "" if office_id == FIRST_OFFICE else f".{office_id}"


def citizens(
    session: Session, kiosk: SimulatedKiosk, random: Random, count: int, now: datetime
) -> list[UUID]:
    """Have the kiosk enrol people who agreed to be remembered some weeks before ``now``."""
    known: list[UUID] = []
    for _ in range(count):
        body = _enrolled(random, now - timedelta(days=random.uniform(7, 120)))
        kiosk.tell(session, body, now)
        known.append(UUID(body["citizen"]))
    return known


def _enrolled(random: Random, at: datetime) -> dict[str, Any]:
    sex = random.choice(("M", "F"))
    family = random.choice(_FAMILIES)
    name = f"{family} {random.choice(_MIDDLE[sex])} {random.choice(_GIVEN[sex])}"
    born = date(random.randint(1940, 2004), random.randint(1, 12), random.randint(1, 28))
    century = (0 if born.year < 2000 else 2) + (sex == "F")
    masked = " ".join([family.upper(), *(f"{each[0]}**" for each in name.split()[1:])])
    return {
        "kind": "citizen_enrolled",
        "citizen": str(_uuid(random)),
        "identity": {
            "number": f"000{century}{born:%y}{random.randrange(10**6):06d}",
            "name": name,
            "date_of_birth": born.isoformat(),
            "sex": sex,
            "address": f"Tổ {random.randint(1, 30)}, phường Giả Định",
            "source": "chip",
        },
        "consents": [
            {
                "consent": str(_uuid(random)),
                "purpose": purpose,
                "version": "2026-01",
                "given_at": at.isoformat(),
            }
            for purpose in ("recognise", "keep_identity")
        ],
        "masked": {"name": masked, "birth": f"{born.year // 100}**"},
    }


def _uuid(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128), version=4)
