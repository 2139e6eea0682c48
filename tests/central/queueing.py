"""An office with counters, officers and tickets, made through the services."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.db.engine import Database
from central.db.models import FIRST_OFFICE, Device, Role, Ticket
from central.db.queue import Counter
from central.services.counters import Desk, desk_of, open_counter
from central.services.devices import named
from central.services.ingest import Unread, ingest
from central.services.offices import settle
from wire import OfficeField, OfficePriority, OfficeSettings, Words

NOON = datetime(2026, 3, 2, 5, tzinfo=UTC)
TODAY = date(2026, 3, 2)
OFFICE = FIRST_OFFICE
FIELDS = {"civil": "A", "land": "B", "stamp": "C"}
NAMES = {
    "civil": Words(vi="Hộ tịch", en="Civil status"),
    "land": Words(vi="Đất đai", en="Land"),
    "stamp": Words(vi="Chứng thực", en="Certification"),
}


def settings(**more: object) -> OfficeSettings:
    return OfficeSettings.model_validate(
        {
            "fields": [
                OfficeField(
                    id=each,
                    prefix=prefix,
                    name=NAMES[each],
                    examples=NAMES[each],
                    minutes_each=5,
                )
                for each, prefix in FIELDS.items()
            ],
            "priorities": [
                OfficePriority(id="elderly", mark="U", name=Words(vi="Cao tuổi", en="Elderly"))
            ],
        }
        | more
    )


class Hall:
    """What happens at the office, one transaction each, at moments counted from noon."""

    def __init__(self, database: Database, day: date = TODAY, office: int = OFFICE) -> None:
        self.database, self.day, self.office = database, day, office
        self.seq, self._ids = 0, 100_000 * (office - 1)
        with database.writing() as session:
            settle(session, office, settings())
            session.add(
                Device(
                    uid=UUID(int=77 + self._ids), office_id=office, name="hall", role=Role.KIOSK,
                    created_at=NOON,
                )
            )  # fmt: skip

    def counter(self, label: str, fields: Sequence[str] = ()) -> int:
        with self.database.writing() as session:
            row = Counter(office_id=self.office, label=label, fields=list(fields))
            session.add(row)
            session.flush()
            return row.id

    def officer(self, officer: int, counter: int, *fields: str) -> None:
        with self.database.writing() as session:
            open_counter(session, self.office, officer, counter, fields or tuple(FIELDS), NOON)

    def ticket(
        self,
        field: str = "civil",
        at: float = 0,
        priority: str = "",
        citizen: UUID | None = None,
        **said: str,
    ) -> UUID:
        """Issued ``at`` minutes after noon; ``said``: what a kiosk may add."""
        self.seq += 1
        mark = "U" if priority else ""
        body = {
            "kind": "ticket_issued",
            "ticket": str(UUID(int=self._ids + 5000 + self.seq)),
            "number": f"{FIELDS[field]}{mark}{self.seq:03d}",
            "reference": "ABCD"[self.office] * 12
            + "".join("ABCDEFGHIJ"[int(digit)] for digit in f"{self.seq:04d}"),
            "sequence": self.seq,
            "field": field,
            "day": self.day.isoformat(),
            "priority": priority,
            "citizen": str(citizen) if citizen else None,
            "way": "hand",
        } | said
        event = {
            "id": str(UUID(int=self._ids + 90_000 + self.seq)),
            "seq": self.seq,
            "at": minute(at).isoformat(),
            "body": body,
        }
        with self.database.writing() as session:
            device = named(session, self.office, "hall")
            assert device is not None
            keys = self.database.keys
            answer = ingest(session, keys, device.id, [Unread.model_validate(event)], minute(at))
            assert not answer.refused
        return UUID(int=self._ids + 5000 + self.seq)

    def row(self, ticket: UUID) -> Ticket:
        with self.database.reading() as session:
            found = session.scalars(select(Ticket).where(Ticket.id == ticket)).one()
            session.expunge(found)
            return found


def minute(after_noon: float) -> datetime:
    return NOON + timedelta(minutes=after_noon)


def desk(session: Session, officer: int) -> Desk:
    found = desk_of(session, officer)
    assert found is not None
    return found
