"""A kiosk's database in a folder of its own, and a clock that only moves when told to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from kiosk.clock import Reading
from kiosk.config import Bilingual, FieldOfBusiness, Office, PrivacySettings
from kiosk.idcard.document import IdentityDocument
from kiosk.store.citizens import Citizens
from kiosk.store.database import Database
from kiosk.store.templates import Template
from kiosk.store.tickets import Tickets

WORD = Bilingual(vi="chữ")


class Clock:
    def __init__(self) -> None:
        self.time = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
        self.certain = True
        self.boot = "first"

    def __call__(self) -> datetime:
        return self.time

    def read(self) -> Reading:
        return Reading(self.time, self.certain, self.boot)

    def advance(self, **step: float) -> None:
        self.time += timedelta(**step)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def key() -> str:
    return "5a" * 32


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kiosk.db"


@pytest.fixture
def db(path: Path, key: str) -> Iterator[Database]:
    with Database.open(path, key) as database:
        yield database


@pytest.fixture
def office() -> Office:
    return Office(name=WORD, unit=WORD)


@pytest.fixture
def fields() -> tuple[FieldOfBusiness, ...]:
    return (
        FieldOfBusiness(id="civil", prefix="C", name=WORD, examples=WORD, minutes_each=4),
        FieldOfBusiness(id="land", prefix="D", name=WORD, examples=WORD),
    )


@pytest.fixture
def tickets(
    db: Database, office: Office, fields: tuple[FieldOfBusiness, ...], clock: Clock
) -> Tickets:
    return Tickets(db, office, fields, clock.read)


@pytest.fixture
def citizens(db: Database, clock: Clock) -> Citizens:
    return Citizens(db, PrivacySettings(template_days=180), clock.read)


@pytest.fixture
def document() -> IdentityDocument:
    return IdentityDocument(
        number="001190012345",
        name="Trần Thị Thử Nghiệm",
        date_of_birth="1990-05-17",
        sex="F",
        address="Số 12 Phố Giả Định, Hà Nội",
        source="qr",
        issued="2022-08-01",
    )


@pytest.fixture
def template() -> Template:
    vector = np.full(4, 0.5, "<f4")
    return Template(vector.tobytes(), "test-model", 0.8)
