"""A kiosk as central hears of it: events of tickets, paper and visits."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import date, datetime
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from central.db.engine import Database
from central.db.models import Device
from central.services.ingest import Unread, ingest
from central.simulation.crowd import Person
from wire import OfficeSettings

_MATCHES = ("card", *["face_clear"] * 16, *["face_enough"] * 3)
"""One in twenty by card."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a day is played."""

    database: Database
    office_id: int
    device_id: int
    zone: ZoneInfo
    settings: OfficeSettings
    day: date


class SimulatedKiosk:
    """Gives numbers, and tells central of them at once."""

    def __init__(self, place: Place, random: Random) -> None:
        self._place, self._random = place, random
        self._numbers: dict[str, itertools.count[int]] = {}

    def gives(self, session: Session, person: Person, citizen: UUID | None, now: datetime) -> UUID:
        """A number to ``person``, who was recognised as ``citizen``; the ticket's id."""
        ticket = self._uuid()
        approach_s = self._random.gauss(5.0, 0.8) if citizen else self._random.gauss(9.0, 1.8)
        visit = {
            "kind": "visit_ended",
            "visit": str(self._uuid()),
            "outcome": "ticket",
            "recognised": citizen is not None,
            "approach_to_ticket_s": max(approach_s, 2.0),
        }
        printed = {"kind": "ticket_printed", "ticket": str(ticket), "outcome": "printed"}
        self._tell(session, [self._issued(ticket, person, citizen), printed, visit], now)
        return ticket

    def tell(self, session: Session, body: dict[str, Any], now: datetime) -> None:
        """Central of one thing that happened."""
        self._tell(session, [body], now)

    def _issued(self, ticket: UUID, person: Person, citizen: UUID | None) -> dict[str, Any]:
        [of] = [each for each in self._place.settings.fields if each.id == person.field]
        marks = {each.id: each.mark for each in self._place.settings.priorities}
        series = of.prefix + marks.get(person.priority, "")
        sequence = next(self._numbers.setdefault(series, itertools.count(1)))
        return {
            "kind": "ticket_issued",
            "ticket": str(ticket),
            "number": f"{series}{sequence:03d}",
            "reference": "".join(self._random.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=16)),
            "sequence": sequence,
            "field": person.field,
            "day": self._place.day.isoformat(),
            "priority": person.priority,
            "citizen": str(citizen) if citizen else None,
            "match": _MATCHES[ticket.int % len(_MATCHES)] if citizen else "",
            "way": self._random.choices(("hand", "fingers", "touch", "keypad"), (70, 12, 12, 6))[0],
        }

    def _tell(self, session: Session, bodies: list[dict[str, Any]], now: datetime) -> None:
        device = session.get_one(Device, self._place.device_id)
        events = [
            Unread.model_validate(
                {
                    "id": str(self._uuid()),
                    "seq": device.last_seq + place,
                    "at": now.isoformat(),
                    "body": body,
                }
            )
            for place, body in enumerate(bodies, start=1)
        ]
        answer = ingest(session, self._place.database.keys, device.id, events, now)
        if answer.refused or answer.duplicates:
            raise RuntimeError(f"central refuses the simulated day: {answer}")

    def _uuid(self) -> UUID:
        return UUID(int=self._random.getrandbits(128), version=4)
