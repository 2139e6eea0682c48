"""A city to be measured: offices, kiosks with keys of their own, officers who are signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from central.db.accounts import User, UserRole, WebSession
from central.db.engine import Database
from central.db.models import FIRST_OFFICE, Device, Office, Role, Ticket, TicketState
from central.db.queue import Counter, OfficeQueue
from central.services.counters import open_counter
from central.services.offices import settle
from central.services.signing_in import begin_anew
from wire import AUDIENCE, LIFETIME_S, OfficeField, OfficeSettings, Words

FIELDS = ("ho_tich", "dat_dai", "chung_thuc", "kinh_doanh")


@dataclass(frozen=True, slots=True)
class BenchKiosk:
    """A kiosk as the load knows it. ``secret``: its private key, raw."""

    device: UUID
    secret: bytes
    place: int

    def signature(self) -> str:
        """A new one for each request."""
        now = int(datetime.now(UTC).timestamp())
        claims = {"iss": str(self.device), "aud": AUDIENCE, "iat": now, "exp": now + LIFETIME_S}
        key = Ed25519PrivateKey.from_private_bytes(self.secret)
        return jwt.encode(claims | {"jti": uuid4().hex}, key, algorithm="EdDSA")


@dataclass(frozen=True, slots=True)
class Browser:
    """Somebody who is signed in: the session's token, and what its forms must hold."""

    token: str
    csrf: str


def office_settings() -> OfficeSettings:
    """Four fields, as most wards have."""
    return OfficeSettings(
        fields=tuple(
            OfficeField(
                id=each,
                prefix="ABCD"[place],
                name=Words(vi=each, en=each),
                examples=Words(vi=each, en=each),
                minutes_each=6,
            )
            for place, each in enumerate(FIELDS)
        )
    )


def build(database: Database, offices: int, kiosks: int) -> list[BenchKiosk]:
    """The offices of a city, its kiosks dealt out among them."""
    now, settings = datetime.now(UTC), office_settings()
    made: list[BenchKiosk] = []
    with database.writing() as session:
        settle(session, FIRST_OFFICE, settings)
        for number in range(2, offices + 1):
            said = settings.model_dump(mode="json")
            session.add(Office(id=number, settings=said, stream=uuid4(), position=0))
        session.flush()
        # Each has counters, and so a queue; the first always has one.
        session.add_all(
            OfficeQueue(office_id=number, position=0) for number in range(2, offices + 1)
        )
        for place in range(kiosks):
            private = Ed25519PrivateKey.generate()
            kiosk = BenchKiosk(uuid4(), private.private_bytes_raw(), place)
            session.add(
                Device(
                    uid=kiosk.device,
                    office_id=place % offices + 1,
                    name=f"K{place:04d}",
                    role=Role.KIOSK,
                    public_key=private.public_key().public_bytes_raw(),
                    created_at=now,
                )
            )
            made.append(kiosk)
    return made


def sign_in(session: Session, office_id: int, name: str, role: UserRole) -> tuple[int, Browser]:
    """A user's id, and their browser. Their password is nothing anybody could give."""
    now = datetime.now(UTC)
    user = User(
        uid=uuid4(),
        office_id=office_id,
        name=name,
        full_name=name,
        role=role,
        # No hash: nobody signs in with it.
        password="!",  # noqa: S106  # nosec B106
        must_change=False,
        created_at=now,
    )
    session.add(user)
    session.flush()
    token = begin_anew(session, user, now)
    session.flush()
    row = session.scalars(select(WebSession).where(WebSession.user_id == user.id)).one()
    return user.id, Browser(token, row.csrf)


def officers(database: Database, count: int, office_id: int = 1) -> list[Browser]:
    """So many officers of an office, each at an open counter for every field."""
    found: list[Browser] = []
    with database.writing() as session:
        for number in range(1, count + 1):
            name = f"officer{number}.{office_id}"
            user, browser = sign_in(session, office_id, name, UserRole.OFFICER)
            counter = Counter(office_id=office_id, label=str(number), fields=[])
            session.add(counter)
            session.flush()
            open_counter(session, office_id, user, counter.id, FIELDS, datetime.now(UTC))
            found.append(browser)
    return found


def add_tickets(
    database: Database, count: int, day: date, office_id: int = 1, first: int = 0
) -> list[str]:
    """So many people wait there, numbered from ``first``; their references."""
    begun = datetime.now(UTC) - timedelta(hours=1)
    references = [_reference(office_id, first + number) for number in range(count)]
    rows = [
        {
            "id": uuid4(),
            "device_id": 1,
            "number": f"A{number % 1000:03d}",
            "reference": reference,
            "sequence": number + 1,
            "field": FIELDS[number % len(FIELDS)],
            "priority": "",
            "day": day,
            "citizen": None,
            "way": "hand",
            "issued_at": begun + timedelta(seconds=number),
            "called_at": None,
            "office_id": office_id,
            "state": TicketState.WAITING,
            "queued_at": begun + timedelta(seconds=number),
            "rank_at": begun + timedelta(seconds=number),
            "counter_id": None,
        }
        for number, reference in enumerate(references)
    ]
    with database.writing() as session:
        session.execute(insert(Ticket), rows)
    return references


def _reference(office_id: int, number: int) -> str:
    digits = f"{office_id:04d}{number:08d}"
    return "BNCH" + "".join("ABCDEFGHIJ"[int(each)] for each in digits)
