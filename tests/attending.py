"""An attendant with a real database, and the world around it made of notes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from kiosk import config
from kiosk.attendant import Attendant
from kiosk.clock import Reading, SceneClock
from kiosk.config import Settings
from kiosk.idcard.chip.access import ZoneKey
from kiosk.idcard.synthetic import payload, synthetic
from kiosk.locale import Language
from kiosk.parts import Parts
from kiosk.printer.slip import SlipFace
from kiosk.stages import VisitRecord
from kiosk.store.database import Database
from kiosk.store.records import Records
from kiosk.store.tickets import IssuedTicket
from kiosk.vision.percepts import BarcodePercept, Candidate, Enrolment, FacePercept, Percept
from kiosk.vision.templates import Embedding
from kiosk.visit.events import Way
from kiosk.visit.state import Phase, Visit

KEY = "11" * 32
SETTINGS = config.load(Path(__file__).parent.parent / "config.toml")
CARD = synthetic(1)
TEMPLATE = (np.ones(192, np.float32) / np.sqrt(192)).astype("<f4").tobytes()
MORNING = datetime(2026, 11, 24, 2, tzinfo=UTC)
"""Nine o'clock at the office."""


@dataclass(frozen=True)
class Paper:
    """What the printer was asked for."""

    ticket: IssuedTicket
    name: str | None
    again: bool


@dataclass
class World:
    """Eyes, paper, mouth and observer that only remember what they were asked."""

    cards: list[bool] = field(default_factory=list[bool])
    tracks: list[int] = field(default_factory=list[int])
    portraits: list[bytes] = field(default_factory=list[bytes])
    slips: list[SlipFace] = field(default_factory=list[SlipFace])
    keys: list[Sequence[ZoneKey]] = field(default_factory=list[Sequence[ZoneKey]])
    enrolled: dict[str, Embedding | None] = field(default_factory=dict[str, "Embedding | None"])
    alike: list[str] = field(default_factory=list[str])
    papers: list[Paper] = field(default_factory=list[Paper])
    said: list[str] = field(default_factory=list[str])
    records: list[VisitRecord] = field(default_factory=list[VisitRecord])

    def look_for_card(self, on: bool) -> None:
        self.cards.append(on)

    def start_enrolment(self, track_id: int, portrait: bytes = b"") -> None:
        self.tracks.append(track_id)
        self.portraits.append(portrait)

    def set_gallery(self, ids: Sequence[str], matrix: object) -> None:
        self.enrolled = dict.fromkeys(ids, None)

    def enrol(self, citizen_id: str, template: Embedding) -> None:
        self.enrolled[citizen_id] = template

    def forget(self, citizen_id: str) -> None:
        self.enrolled.pop(citizen_id, None)

    def lookalikes(self, template: Embedding, limit: Callable[[int], float]) -> list[str]:
        assert limit(1) == pytest.approx(1e-3)
        return self.alike

    def print(self, ticket: IssuedTicket, *, name: str | None = None, again: bool = False) -> None:
        self.papers.append(Paper(ticket, name, again))

    def print_slip(self, slip: str, face: SlipFace) -> None:
        self.slips.append(face)

    def read(self, keys: Sequence[ZoneKey]) -> None:
        self.keys.append(keys)

    def stop(self) -> None:
        pass

    def say(self, key: str, language: Language) -> None:
        self.said.append(key)

    def changed(self, before: Visit, after: Visit, at: float) -> None:
        pass

    def ended(self, record: VisitRecord) -> None:
        self.records.append(record)


class Scene:
    """An attendant and what stands in front of it."""

    def __init__(self, db: Database | None, settings: Settings = SETTINGS) -> None:
        self.world = World()
        self.moment = MORNING
        self.records = records = db and Records(db, settings, lambda: Reading(self.moment))
        self.attendant = Attendant(
            settings,
            Parts(records, self.world, self.world, self.world, self.world),
            SceneClock(),
            [self.world],
        )
        self.attendant.show_gallery("model")
        self.at = 0.0

    def shows(
        self,
        seconds: float,
        *,
        track: int | None = 1,
        candidate: Candidate | None = None,
        code: str | None = None,
    ) -> None:
        faces = ()
        if track is not None:
            box = (600.0, 200.0, 100.0, 100.0)
            faces = (FacePercept(track, box, 0.9, 0, 0, 0, 45, 0.8, None, candidate),)
        barcodes = (BarcodePercept(code, "QRCode"),) if code else ()
        for _ in range(round(seconds * 10)):
            self.at += 0.1
            self.attendant.saw(Percept(0, self.at, (1280, 720), faces, (), barcodes, track))

    def takes_a_ticket(
        self, field_id: str, *, track: int = 1, candidate: Candidate | None = None
    ) -> IssuedTicket:
        self.shows(0.5, track=track, candidate=candidate)
        self.attendant.picked(f"field:{field_id}", Way.HAND)
        self.shows(1.7, track=track, candidate=candidate)
        ticket = self.world.papers[-1].ticket
        self.attendant.sending(ticket.id)
        self.attendant.printed(ticket.id, "printed", "")
        return ticket

    def is_remembered(self) -> None:
        self.attendant.picked("remember", Way.HAND)
        self.shows(0.1, code=payload(CARD))
        self.attendant.picked("agree:keep_identity", Way.HAND)
        self.attendant.picked("agree:recognise", Way.HAND)
        self.attendant.collected(Enrolment(1, TEMPLATE, "model", 0.9, 5))

    @property
    def phase(self) -> Phase:
        return self.attendant.visit.phase
