"""How devices found themselves, as their kiosks told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from central.db.engine import Database
from central.db.models import Device, StoredEvent
from central.services.health import health_by_device, parts_of

NOON = datetime(2026, 3, 2, 5, tzinfo=UTC)


def part(check: str, level: str) -> dict[str, Any]:
    said = {"vi": "Còn trống 40 MB.", "en": "Only 40 MB are free."}
    return {
        "check": check,
        "concern": "hardware",
        "level": level,
        "name": said,
        "what": said,
        "do": said,
        "figures": {"free_mb": 40},
    }


def examined(seq: int, worst: str, *checks: dict[str, Any], at: datetime = NOON) -> dict[str, Any]:
    body = {"kind": "device_examined", "release": "0.1.0", "worst": worst, "checks": list(checks)}
    return {
        "id": str(UUID(int=9000 + seq)),
        "seq": seq,
        "at": (at + timedelta(seconds=seq)).isoformat(),
        "body": body,
    }


def tell(kiosk: Any, *events: dict[str, Any]) -> None:
    answer = kiosk.post("events", json={"events": list(events)}).json()
    assert (len(answer["stored"]), answer["refused"]) == (len(events), [])


def test_the_newest_word_counts_whatever_the_order(kiosk: Any, database: Database) -> None:
    tell(kiosk, examined(5, "bad", part("light", "good"), part("space", "bad")))
    tell(kiosk, examined(4, "good"))
    with database.reading() as session:
        device = session.scalars(select(Device)).first()
        assert device is not None
        (health,) = health_by_device(session, device.office_id).values()
        assert (health.seq, health.worst, health.release) == (5, "bad", "0.1.0")
        assert [each.check for each in parts_of(health)] == ["space", "light"]
        assert parts_of(health)[0].figures == {"free_mb": 40}
        assert health_by_device(session, device.office_id + 1) == {}


def test_a_kiosk_with_a_new_database_is_heard(kiosk: Any, database: Database) -> None:
    tell(kiosk, examined(500, "bad"))
    tell(kiosk, examined(1, "good", at=NOON + timedelta(days=1)))
    with database.reading() as session:
        device = session.scalars(select(Device)).first()
        assert device is not None
        (health,) = health_by_device(session, device.office_id).values()
        assert health.worst == "good"


def test_the_journal_of_events_keeps_no_details(kiosk: Any, database: Database) -> None:
    tell(kiosk, examined(1, "watch", part("space", "watch")))
    with database.reading() as session:
        (stored,) = session.scalars(select(StoredEvent))
        assert stored.body == {"kind": "device_examined", "release": "0.1.0", "worst": "watch"}
