"""Whatever happens between kiosk and central, in any order: nothing is lost, doubled or reordered.

Real databases on both sides and the real exchange; only the wire between them is a fake that
loses requests, loses answers after central has committed, and delivers old batches again.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal
from uuid import uuid4
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import select

from central.api import kiosk as api
from central.api.access import Server
from central.db.engine import Database as CentralDatabase
from central.db.models import FIRST_OFFICE, Citizen, StoredEvent, Ticket, TicketPrint, Visit
from central.gate import Gate
from central.live import Live
from central.services.admission import Signer
from central.services.devices import named
from central.services.enrolment import enrol, invite
from central.services.queue import call_for_office
from kiosk.clock import Reading
from kiosk.config import Bilingual, FieldOfBusiness, Office, PrivacySettings
from kiosk.errors import SyncError
from kiosk.idcard.synthetic import synthetic
from kiosk.store import outbox
from kiosk.store.changes import Cursor
from kiosk.store.citizens import Citizens
from kiosk.store.database import Database
from kiosk.store.templates import Template
from kiosk.store.tickets import PrintOutcome, Tickets
from kiosk.sync.exchange import Exchanger
from tests.simulation.central import laid_out, opened
from tests.store.numbering import KEY, MEMORY, fresh_database
from wire import Ack, Batch, Changes, EnrolDevice, Event, VisitEnded

WORD = Bilingual(vi="chữ")
OFFICE = Office(name=WORD, unit=WORD)
FIELDS = tuple(
    FieldOfBusiness(id=name, prefix=prefix, name=WORD, examples=WORD)
    for name, prefix in (("civil", "C"), ("land", "D"))
)
VECTOR = np.full(4, 0.5, "<f4").tobytes()
Fate = Literal["arrives", "request lost", "answer lost", "count lost"]
field_ids = st.sampled_from([field.id for field in FIELDS])


class Wire:
    """Both calls as JSON, straight into central's services, with the fate of the next one."""

    def __init__(self, database: CentralDatabase, clock: Clock) -> None:
        zone = ZoneInfo("UTC")
        live, gate = Live(database, zone, clock), Gate(database)
        self._server = Server(database, zone, clock, gate, live, Path())
        with database.writing() as session:
            asked = EnrolDevice(
                token=invite(session, FIRST_OFFICE, "K1", clock()), public_key=b"A" * 43 + b"="
            )
            enrol(session, database.keys, asked, clock())
            device = named(session, FIRST_OFFICE, "K1")
            assert device is not None
            self._kiosk = Signer(device.id, device.office_id, b"A" * 32, is_revoked=False)
        self.fate: Fate = "arrives"
        self.delivered: list[bytes] = []

    def push(self, events: Sequence[Event], cursor: Cursor) -> Ack:
        if self.fate == "request lost":
            raise SyncError("sync_unreachable", url="", reason="lost")
        body = Batch(events=tuple(events)).model_dump_json().encode()
        self.delivered.append(body)
        # count lost: as from a central that says nothing of what is new
        after = None if self.fate == "count lost" else cursor.after
        answer = api.take(self._server, self._kiosk, body, cursor.stream, after)
        if self.fate == "answer lost":
            raise SyncError("sync_unreachable", url="", reason="lost")
        return Ack.model_validate_json(answer.model_dump_json())

    def deliver(self, body: bytes) -> Ack:
        return api.take(self._server, self._kiosk, body)

    def changes(self, cursor: Cursor) -> Changes:
        if self.fate == "count lost":
            raise SyncError("sync_unreachable", url="", reason="lost")
        answer = api.news(self._server, self._kiosk, cursor.stream, cursor.after)
        return Changes.model_validate_json(answer.model_dump_json())


class Clock:
    def __init__(self) -> None:
        self.time = datetime(2026, 3, 2, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.time += timedelta(milliseconds=1)
        return self.time


class KioskAndCentral(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
        self.central = opened(laid_out(self.folder))
        self.clock = Clock()
        self.wire = Wire(self.central, self.clock)
        self.happened: list[str] = []  # kinds of events, in the order they were committed
        self.issued: list[tuple[str, str]] = []  # field, ticket id
        self.paper: dict[str, PrintOutcome] = {}
        self.people: dict[int, str] = {}
        self.called = 0
        path = self.folder / "kiosk.db"
        path.write_bytes(fresh_database())
        self.open_kiosk(path)

    def open_kiosk(self, path: Path) -> None:
        self.path = path
        self.db = Database.open(path, KEY)
        self.tickets = Tickets(self.db, OFFICE, FIELDS, lambda: Reading(self.clock()))
        self.citizens = Citizens(self.db, PrivacySettings(), lambda: Reading(self.clock()))

    @rule(field=field_ids, person=st.none() | st.integers(0, 2))
    def issue(self, field: str, person: int | None) -> None:
        citizen = None if person is None else self.people.get(person)
        ticket = self.tickets.issue(field, citizen, "hand")
        self.issued.append((field, ticket.id))
        self.happened.append("ticket_issued")

    @precondition(lambda self: self.issued)
    @rule(
        which=st.integers(0, 1000),
        outcome=st.sampled_from(["printed", "uncertain", "failed"]),
    )
    def paper_moves(self, which: int, outcome: PrintOutcome) -> None:
        _, ticket = self.issued[which % len(self.issued)]
        self.tickets.record_print(ticket, outcome)
        self.paper[ticket] = outcome
        self.happened.append("ticket_printed")

    @rule(person=st.integers(0, 2))
    def enrol(self, person: int) -> None:
        template = Template(VECTOR, "m", 0.5)
        citizen = self.citizens.enrol(synthetic(person), "2026-01", template)
        assert self.people.setdefault(person, citizen) == citizen
        self.happened.append("citizen_enrolled")

    @rule()
    def visit_ends(self) -> None:
        visit = VisitEnded(visit=uuid4(), outcome="left", recognised=False)
        outbox.append(self.db, visit, self.clock())
        self.happened.append("visit_ended")

    @rule(fate=st.sampled_from(["arrives", "request lost", "answer lost", "count lost"]))
    def exchange(self, fate: Fate) -> None:
        self.wire.fate = fate
        try:
            Exchanger(self.db, self.citizens, self.wire, self.clock).once()
        except SyncError:
            assert fate != "arrives"

    @precondition(lambda self: self.wire.delivered)
    @rule(which=st.integers(0, 1000))
    def an_old_batch_arrives_again(self, which: int) -> None:
        delivered = self.wire.delivered
        ack = self.wire.deliver(delivered[which % len(delivered)])
        assert ack.duplicates == len(ack.stored)
        assert not ack.refused

    @rule()
    def the_plug_is_pulled(self) -> None:
        after = Path(tempfile.mkdtemp(dir=self.folder)) / "kiosk.db"
        for file in (*self.path.parent.glob("kiosk.db*"), self.path.with_name("office.secrets")):
            if file.exists():
                shutil.copy(file, after.parent / file.name)
        self.db.close()
        self.open_kiosk(after)

    @rule(field=field_ids)
    def a_counter_calls(self, field: str) -> None:
        with self.central.writing() as session:
            ticket = call_for_office(session, 1, field, self.clock().date(), self.clock())
            self.called += ticket is not None

    @invariant()
    def every_event_is_somewhere(self) -> None:
        here = {row["id"] for row in self.db.rows("SELECT id FROM outbox WHERE parked IS NULL")}
        with self.central.reading() as session:
            there = [str(event) for event in session.scalars(select(StoredEvent.id))]
        assert len(there) == len(set(there))
        assert len(here | set(there)) == len(self.happened)

    @invariant()
    def numbers_have_no_gap(self) -> None:
        for field in FIELDS:
            rows = self.db.rows(
                "SELECT sequence FROM ticket WHERE field = ? ORDER BY seq", (field.id,)
            )
            count = sum(name == field.id for name, _ in self.issued)
            assert [row["sequence"] for row in rows] == list(range(1, count + 1))

    def teardown(self) -> None:
        try:
            self.exchange("arrives")
            self.settled()
        finally:
            self.db.close()
            self.central.close()
            shutil.rmtree(self.folder)

    def settled(self) -> None:
        """After one good exchange both sides agree on everything."""
        assert self.db.rows("SELECT * FROM outbox") == []
        with self.central.reading() as session:
            events = list(session.scalars(select(StoredEvent).order_by(StoredEvent.position)))
            assert [event.body["kind"] for event in events] == self.happened
            assert [event.seq for event in events] == sorted(event.seq for event in events)
            tickets = list(session.scalars(select(Ticket).order_by(Ticket.position)))
            assert [(t.field, str(t.id)) for t in tickets] == self.issued
            prints = {str(p.ticket): p.outcome for p in session.scalars(select(TicketPrint))}
            assert prints == self.paper
            citizens = {str(citizen) for citizen in session.scalars(select(Citizen.id))}
            assert citizens == set(self.people.values())
            visits = len(list(session.scalars(select(Visit.id))))
            assert visits == self.happened.count("visit_ended")
        waits = [self.tickets.queue(field.id) for field in FIELDS]
        assert sum(queue.ahead for queue in waits if queue) == len(self.issued) - self.called


TestKioskAndCentral = KioskAndCentral.TestCase
# Crashes are tests.simulation's: here fewer histories do.
TestKioskAndCentral.settings = settings(
    max_examples=settings().max_examples // 2, stateful_step_count=25
)
