"""Real processes over real files and a real socket, killed with SIGKILL at any statement."""

from __future__ import annotations

import os
import socket
from collections import Counter, defaultdict
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from central.db.engine import Database as Central
from central.db.models import FIRST_OFFICE, Citizen, FaceTemplate, StoredEvent, Ticket
from central.services.enrolment import invite
from kiosk.clock import Reading
from kiosk.config import StoreSettings, SyncSettings
from kiosk.store.database import Database
from kiosk.store.keys import key_for
from kiosk.sync.client import enrol_device
from tests.simulation import victims
from tests.simulation.central import fresh_central
from tests.store.numbering import settings as office_settings
from wire import DeviceEnrolled

KILLS = int(os.environ.get("SIMULATION_KILLS", "6"))
STEPS = {"kiosk": 900, "sync": 160, "central": 250}
"""About as many as a life has."""
PATIENCE_S = 300.0
_PROCESSES = get_context("forkserver")
_PROCESSES.set_forkserver_preload(["pytest", "tests.simulation.victims"])  # imported once

pytestmark = pytest.mark.slow


class Victim:
    """One process, and what it said before it ended."""

    def __init__(self, run: Callable[..., None], *words: Any) -> None:
        self._ear, mouth = _PROCESSES.Pipe(duplex=False)
        self._process = _PROCESSES.Process(target=run, args=(*words, mouth), daemon=True)
        self._process.start()
        mouth.close()

    def hears(self) -> tuple[str, str] | None:
        """The next thing it says; ``None`` when it says no more."""
        if not self._ear.poll(PATIENCE_S):
            pytest.fail(f"{self._process} says nothing")
        with suppress(EOFError):
            kind, what = self._ear.recv_bytes().decode().split()
            return kind, what
        return None

    def ended(self) -> bool:
        """Wait for it; whether it was killed."""
        self._process.join(PATIENCE_S)
        assert self._process.exitcode in (0, -9), f"{self._process} broke"
        return self._process.exitcode == -9

    def is_dead(self) -> bool:
        return not self._process.is_alive()

    def end(self) -> None:
        self._process.kill()
        self._process.join()


class Office:
    """One kiosk and its central server, as files; what citizens were told."""

    def __init__(self, folder: Path, rng: Random) -> None:
        self.rng = rng
        self.told: dict[str, set[str]] = defaultdict(set)
        self.killed: Counter[str] = Counter()
        for name, content in fresh_central().items():
            (folder / name).write_bytes(content)
        self.there = folder / "central.db"
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        url = f"http://127.0.0.1:{self.port}"
        self.settings = office_settings().model_copy(
            update={
                "store": StoreSettings(path=folder / "kiosk.db", key_file=folder / "kiosk.key"),
                "sync": SyncSettings(url=url, device_file=folder / "device.json"),
            }
        )

    def enrol(self) -> None:
        """Make the kiosk one of the office's."""
        database = Central.open(f"sqlite:///{self.there}")
        with database.writing() as session:
            token = invite(session, FIRST_OFFICE, "K1", datetime.now(UTC))
        database.close()
        with self.kiosk() as db, self.central(0):

            def keep(answer: DeviceEnrolled) -> None:
                for secret in answer.secrets:
                    db.secrets.keep(secret)

            enrol_device(self.settings.sync, token, lambda: Reading(datetime.now(UTC)), keep)

    def kiosk(self) -> Database:
        return Database.open(self.settings.store.path, key_for(self.settings.store))

    @contextmanager
    def central(self, step: int) -> Generator[None]:
        """The server, ready or killed while it started; killed for good at the end."""
        server = Victim(victims.central, self.there, self.port, step)
        try:
            server.hears()
            yield
        finally:
            self.killed["central"] += server.is_dead()
            server.end()

    def live(self, seed: int) -> None:
        """Kiosk, sync and central at once; any of them may die."""
        with self.central(self._step("central")):
            kiosk = Victim(victims.kiosk, self.settings, seed, self._step("kiosk"))
            for step in (self._step("sync"), self._step("sync")):
                sync = Victim(victims.sync, self.settings, step)
                self.killed["sync"] += sync.ended()
            while said := kiosk.hears():
                self.told[said[0]].add(said[1])
            self.killed["kiosk"] += kiosk.ended()

    def heal(self) -> None:
        """All is well again, until all is said."""
        with self.central(0):
            for _ in range(2):
                assert not Victim(victims.sync, self.settings, 0).ended()

    def _step(self, victim: str) -> int:
        return self.rng.randint(1, STEPS[victim]) if self.rng.random() < 0.8 else 0


def test_killed_processes_lose_nothing_and_bring_nobody_back(tmp_path: Path) -> None:
    office = Office(tmp_path, Random(KILLS))
    office.enrol()
    lives = 0
    while office.killed.total() < KILLS:
        lives += 1
        office.live(lives)
    office.heal()
    print(f"{dict(office.killed)} killed in {lives} lives")  # noqa: T201 -- shown with -s
    _judge(office)


def _judge(office: Office) -> None:
    with office.kiosk() as db:
        stored = {row["id"] for row in db.rows("SELECT id FROM ticket")}
        known = {row["id"] for row in db.rows("SELECT id FROM citizen")}
        buried = {row["citizen"] for row in db.rows("SELECT citizen FROM tombstone")}
        assert db.rows("SELECT * FROM outbox") == []
        assert db.faults() == []
    there = Central.open(f"sqlite:///{office.there}")
    with there.reading() as session:
        tickets = {str(each) for each in session.scalars(select(Ticket.id))}
        living = {str(each) for each in session.scalars(select(Citizen.id))}
        faces = {str(each) for each in session.scalars(select(FaceTemplate.citizen))}
        seqs = list(session.scalars(select(StoredEvent.seq).order_by(StoredEvent.position)))
    there.close()
    assert office.told["issued"] <= stored == tickets
    assert office.told["erased"] <= buried
    assert office.told["enrolled"] <= known | buried
    assert living == faces == known
    assert not buried & known
    assert seqs == sorted(set(seqs))
