"""One kiosk: two processes over one database, a printer, a clock that jumps, a card that dies."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import numpy as np

from kiosk.config import SyncSettings
from kiosk.errors import StoreError, SyncError
from kiosk.idcard.synthetic import synthetic
from kiosk.store import backup, changes, durable
from kiosk.store.citizens import Citizens
from kiosk.store.clock import office_clock
from kiosk.store.database import Database
from kiosk.store.records import Records
from kiosk.store.templates import Template
from kiosk.store.tickets import IssuedTicket, PrintOutcome
from kiosk.sync.client import Client
from kiosk.sync.exchange import Exchanger
from kiosk.sync.identity import Identity
from tests.simulation.network import Network
from tests.store.numbering import (
    KEY,
    Crash,
    FragileConnection,
    Fuse,
    Machine,
    World,
    fresh_database,
    settings,
)
from wire import OfficeSecret

URL = "https://central"
PEOPLE = 5
MODEL = "m"


class Process:
    """The kiosk's own process, or the one that exchanges: what it has open, and when it dies."""

    def __init__(self) -> None:
        self.fuse = Fuse()

    def open(self, path: Path) -> Database:
        whole = Database.open(path, KEY)
        log = path.with_name(path.name + "-wal")
        self.fragile: Any = FragileConnection(whole._connection, self.fuse, log)
        self.db = Database(self.fragile, path, whole.sealing, whole.secrets)
        return self.db


class Kiosk:
    """One kiosk through several lives, cards and databases."""

    def __init__(self, world: World, name: str, lane: int, lanes: int, folder: Path) -> None:
        self.world, self.name, self._folder = world, name, folder
        office = settings().office.model_copy(update={"lane": lane, "lanes": lanes})
        self.settings = settings().model_copy(update={"office": office})
        self.machine = Machine(world)
        self.main, self.sync = Process(), Process()
        self.rng = Random(0)
        self.happened: Counter[str] = Counter()
        self.papers: list[str] = []
        """Ids of the tickets that came out of the printer."""
        self.events: dict[str, tuple[int, int]] = {}
        """What was committed here and must reach central: generation and seq, by id."""
        self.unsaid: set[str] = set()
        """Of these, what was about somebody who was forgotten before it was sent."""
        self.asked_to_forget: set[str] = set()
        """Citizens who asked here, and the asking was committed."""
        self.bodies: dict[str, str] = {}
        self.buried: set[str] = set()
        self.backups: list[Path] = []
        self._lives = 0
        self.card = 0
        self.generation = 0
        """Counts cards and copies put back: with each, ``seq`` may begin anew."""
        self._new_card()

    # ── lives ─────────────────────────────────────────────────────────────────────────────────

    def _new_card(self) -> None:
        self.folder = self._folder / f"card{self.card}"
        self.folder.mkdir(parents=True)
        path = self.folder / "0.db"
        path.write_bytes(fresh_database())
        self._open(path)

    def _open(self, path: Path) -> None:
        self.path = path
        db = self.main.open(path)
        clock = office_clock(db, self.machine.sight)
        self.records = Records(db, self.settings, clock)
        self.records.citizens.replay_tombstones()
        self._open_sync()

    def _open_sync(self) -> None:
        db = self.sync.open(self.path)
        self.clock = office_clock(db, self.machine.sight)
        self._citizens = Citizens(db, self.settings.privacy, self.clock)

    def connect(self, network: Network) -> None:
        """Speak to central through ``network`` from now on."""
        self._network = network
        self._exchanging()

    def admitted(self, identity: Identity, secrets: Sequence[OfficeSecret]) -> None:
        """What ``kiosk enrol-device`` does with the answer."""
        self.identity = identity
        for secret in secrets:
            self.sync.db.secrets.keep(secret)
        changes.hear_from_the_beginning(self.sync.db)

    def _exchanging(self) -> None:
        central = Client(SyncSettings(url=URL), lambda: self.clock(), lambda: self.identity)
        central._sessions = dict.fromkeys((True, False), self._network.session)  # pyright: ignore[reportPrivateUsage]
        self.exchanger = Exchanger(
            self.sync.db, self._citizens, central, lambda: self.clock().moment
        )

    def close(self) -> None:
        for process in (self.main, self.sync):
            with suppress(Exception):
                process.fragile.close()

    @contextmanager
    def may_crash(self, process: Process, within: int, *, power: bool = False) -> Iterator[None]:
        """Whatever is done inside dies at step ``within``, if it takes so many (0: never)."""
        process.fuse.left, process.fuse.dead = within, False
        before = _DISK.fuse
        _DISK.fuse = process.fuse if within else None
        try:
            yield
        except Crash:
            self.happened["crash"] += 1
            self.restart(power=power)
        finally:
            _DISK.fuse = before
        process.fuse.left = 0
        self.note()

    def restart(self, *, power: bool = False) -> None:
        """Both processes are killed, or the plug is pulled; what is on disk is what is left."""
        self._lives += 1
        after = self.folder / f"{self._lives}.db"
        shutil.copyfile(self.path, after)
        log = self.path.with_name(self.path.name + "-wal")
        if log.exists():
            data = log.read_bytes()
            safe = max(self.main.fragile.on_disk, self.sync.fragile.on_disk)
            kept = self.rng.randint(min(safe, len(data)), len(data)) if power else len(data)
            after.with_name(after.name + "-wal").write_bytes(data[:kept])
            self.happened["log torn"] += kept < len(data)
        self.close()
        for process in (self.main, self.sync):
            process.fuse.left, process.fuse.dead = 0, False
        if power:
            self.machine.start(timedelta(hours=self.rng.choice([0, 0, 5, 40])))
        self._open(after)
        self._exchanging()
        self.note()
        for ticket in self.records.resume():
            self.bring_to_paper(ticket)
        self.note()

    def note(self) -> None:
        """Take down what the database holds now that it did not hold before."""
        for row in self.main.db.rows("SELECT id, seq, body FROM outbox ORDER BY seq"):
            self.events.setdefault(row["id"], (self.generation, row["seq"]))
            self.bodies[row["id"]] = row["body"]
        for row in self.main.db.rows("SELECT citizen, reason FROM tombstone"):
            if row["citizen"] not in self.buried:
                self.buried.add(row["citizen"])
                about = {event for event, body in self.bodies.items() if row["citizen"] in body}
                self.unsaid |= about
            if row["reason"] == "asked":
                self.asked_to_forget.add(row["citizen"])
        if self.buried:
            assert not self.buried & self.recognised(), f"{self.name} greets who was erased here"

    # ── what people do ────────────────────────────────────────────────────────────────────────

    def visit(self, citizen: str | None) -> None:
        """Somebody takes a number."""
        field = self.rng.choice(["civil", "land"])
        try:
            ticket = self.records.tickets.issue(field, citizen, "hand")
        except StoreError as error:
            if error.key not in {"field_full", "office_closed", "store_full"}:
                raise
            return
        self.main.fuse.step()
        self.bring_to_paper(ticket)

    def bring_to_paper(self, ticket: IssuedTicket) -> None:
        """What attendant and spool do, with every step a place to die at."""
        outcome: PrintOutcome = self.rng.choice(["printed", "printed", "uncertain", "failed"])
        with self.unless_full():
            self.records.tickets.begin_print(ticket.id)
            self.main.fuse.step()
            if outcome == "printed":
                self.papers.append(ticket.id)
            self.main.fuse.step()
            self.records.tickets.record_print(ticket.id, outcome)

    def enrol(self) -> None:
        """Somebody shows their card and asks to be remembered."""
        vector = np.array([self.rng.gauss(0, 1) for _ in range(4)], "<f4")
        person = synthetic(self.rng.randrange(PEOPLE))
        with self.unless_full():
            citizen = self.records.citizens.enrol(
                person, "2026-01", Template(vector.tobytes(), MODEL, 0.9), self.known()[:1]
            )
            assert citizen

    def forget(self) -> None:
        """Somebody asks to be forgotten."""
        if known := self.known():
            with self.unless_full():
                self.records.citizens.erase(self.rng.choice(known))

    def leave(self) -> None:
        """Somebody walks away."""
        with self.unless_full():
            self.records.visit_ended("left", None, recognised=False)

    def tidy(self) -> None:
        """What the kiosk does while nobody is there."""
        with self.unless_full():
            while self.records.tidy_up():
                self.main.fuse.step()

    def known(self) -> list[str]:
        return [row["id"] for row in self.main.db.rows("SELECT id FROM citizen ORDER BY id")]

    def recognised(self) -> set[str]:
        """Whom this kiosk would greet."""
        return set(self.records.citizens.gallery(MODEL)[0])

    @contextmanager
    def unless_full(self) -> Iterator[None]:
        """A full disk is said, and nothing is half done."""
        try:
            yield
        except StoreError as error:
            if error.key != "store_full":
                raise
            self.happened["disk full"] += 1

    # ── what happens to it ────────────────────────────────────────────────────────────────────

    def exchange(self) -> bool:
        """What the sync process does again and again; whether it went well."""
        try:
            while self.exchanger.once().more:
                self.note()
        except SyncError as error:
            self.happened[error.key] += 1
            return False
        except StoreError as error:
            if error.key != "store_full":
                raise
            self.happened["disk full"] += 1
            return False
        return True

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """There is no room for one more page; small files cannot be written either."""
        for process in (self.main, self.sync):
            process.fragile._connection.execute("PRAGMA max_page_count = 1")
        before, _DISK.full = _DISK.full, True
        try:
            yield
        finally:
            _DISK.full = before
            for process in (self.main, self.sync):
                process.fragile._connection.execute("PRAGMA max_page_count = 1000000")

    def back_up(self) -> None:
        file = self.folder / f"copy{uuid4().hex}"
        with Database.open(self.path, KEY) as db:  # a process of its own
            backup.copy_to(db, KEY, file)
        self.backups.append(file)

    def put_back(self) -> set[str]:
        """The technician restores a copy; which events it lost that central has not got."""
        before = self._held()
        self.close()
        now = self.world.now
        backup.restore(self.rng.choice(self.backups), self.path, KEY, now)
        self._open(self.path)
        self._exchanging()
        self.generation += 1
        self.happened["copy put back"] += 1
        return before - self._held()

    def replace_card(self) -> set[str]:
        """The storage card is dead, a new one is put in; what was lost with it."""
        lost = self._held()
        self.close()
        self.card += 1
        self.generation += 1
        self.backups = []
        self.buried = set()  # what this card knew is gone with it; central tells the next one
        self._new_card()
        self._exchanging()
        self.happened["new card"] += 1
        return lost

    def _held(self) -> set[str]:
        return {row["id"] for row in self.main.db.rows("SELECT id FROM outbox")} | {
            row["id"] for row in self.main.db.rows("SELECT id FROM ticket")
        }


class Disk:
    """What small files meet: no room, and a process that dies in the middle of a line."""

    def __init__(self) -> None:
        self.full = False
        self.fuse: Fuse | None = None
        self._write: Callable[[Path, int, bytes], None] = durable._write  # pyright: ignore

    def write(self, path: Path, how: int, content: bytes) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        if self.fuse is not None:
            self._write(path, how, content[: len(content) // 2])
            self.fuse.step()
            content = content[len(content) // 2 :] if how & os.O_APPEND else content
        self._write(path, how, content)
        if self.fuse is not None:
            self.fuse.step()


_DISK = Disk()
DISK = _DISK
