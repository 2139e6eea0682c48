"""An office of one to four kiosks under everything that can happen to its numbers.

One seed is one history: people come, clocks are late, set, or jump, networks go and come, nights
pass, machines restart, and processes die at any statement of the database and at any step of
printing. What is true about it at the end is checked in ``verdict``.

Two assumptions of the product hold here too: a machine starts with a clock that is late or
right, and the office serves for less than twelve hours a day.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from kiosk import config
from kiosk.clock import Sight
from kiosk.config import Settings
from kiosk.errors import StoreError
from kiosk.store.clock import office_clock
from kiosk.store.database import Database
from kiosk.store.records import Records
from kiosk.store.tickets import IssuedTicket, PrintOutcome

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
KEY = "5a" * 32
MEMORY = Path("/dev/shm")  # noqa: S108 -- the disk's speed is not what is tested
OPENS, CLOSES = time(7, 30), time(17, 0)
FIELDS = ("civil", "land")
LIMIT = 16  # a day, of "land"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Crash(BaseException):
    """The process is dead: nothing may happen in it after this."""


@cache
def settings() -> Settings:
    word = {"vi": "chữ"}
    shipped = config.load(Path(__file__).parents[2] / "config.toml").model_dump()
    fields = [
        {"id": "civil", "prefix": "C", "name": word, "examples": word},
        {"id": "land", "prefix": "D", "name": word, "examples": word, "daily_limit": LIMIT},
    ]
    classes = [{"id": "elderly", "mark": "U", "name": word}]
    return Settings.model_validate(shipped | {"fields": fields, "priorities": classes})


@cache
def fresh_database() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder, "kiosk.db")
        Database.open(path, KEY).close()
        return path.read_bytes()


class World:
    """True time, which no kiosk can see."""

    def __init__(self) -> None:
        self.now = datetime.combine(date(2026, 3, 2), OPENS, ZONE)

    def day(self) -> date:
        return self.now.astimezone(ZONE).date()


class Fuse:
    """Burns down by one at each step; the process dies where it ends."""

    def __init__(self) -> None:
        self.left = 0
        self.dead = False

    def step(self) -> None:
        if self.dead:
            raise Crash
        self.left -= 1
        if self.left == 0:
            self.dead = True
            raise Crash


class FragileConnection:
    """A connection that a crash may cut before and after every statement."""

    def __init__(self, connection: Any, fuse: Fuse, log: Path) -> None:
        self._connection, self._fuse, self._log = connection, fuse, log
        self.on_disk = self._size()
        """Bytes of the log that a power cut leaves whole."""

    def execute(self, statement: str, parameters: Any = ()) -> Any:
        self._fuse.step()
        cursor = self._connection.execute(statement, parameters)
        if not self._connection.in_transaction:
            self._fuse.step()  # in the middle of a commit: written, not yet on disk
            self.on_disk = self._size()
        self._fuse.step()
        return cursor

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

    def rollback(self) -> None:
        if not self._fuse.dead:
            self._connection.rollback()

    def close(self) -> None:
        self._connection.close()

    def _size(self) -> int:
        try:
            return os.stat(self._log).st_size  # noqa: PTH116 -- after each statement
        except FileNotFoundError:
            return 0


class Machine:
    """The computer of one kiosk: its clocks are wrong in every way that happens."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._boots = 0
        self.start(timedelta())

    def start(self, late: timedelta) -> None:
        self._boots += 1
        self._started = self._world.now
        self.off = -late
        self.trusted = False

    def sight(self) -> Sight:
        up = (self._world.now - self._started).total_seconds()
        wall = (self._world.now + self.off).astimezone(UTC)
        return Sight(wall, up, f"boot {self._boots}", self.trusted)

    def synchronise(self) -> None:
        self.off, self.trusted = timedelta(), True

    def jump(self, by: timedelta) -> None:
        self.off, self.trusted = self.off + by, False


@dataclass(frozen=True, slots=True)
class Paper:
    """What came out of a printer."""

    ticket: str
    number: str
    again: bool
    at: datetime


class Kiosk:
    """One kiosk: its machine, its database, its printer, and what it will have to answer for."""

    def __init__(self, world: World, rng: Random, folder: Path, lane: int, lanes: int) -> None:
        self.world, self.rng, self._folder = world, rng, folder
        office = settings().office.model_copy(update={"lane": lane, "lanes": lanes})
        self.settings = settings().model_copy(update={"office": office})
        self.machine = Machine(world)
        self.fuse = Fuse()
        self.issued: dict[str, IssuedTicket] = {}
        self.papers: list[Paper] = []
        self.truth: dict[str, datetime] = {}
        self.requests: dict[str, str] = {}
        self.happened: Counter[str] = Counter()
        self._lives = 0
        path = folder / f"{lane}.0.db"
        path.write_bytes(fresh_database())
        self._open(path)

    def _open(self, path: Path) -> None:
        self.path = path
        whole = Database.open(path, KEY)
        log = path.with_name(path.name + "-wal")
        self._fragile = FragileConnection(whole._connection, self.fuse, log)
        fragile: Any = self._fragile
        self.db = Database(fragile, path, whole.sealing, whole.secrets)
        clock = office_clock(self.db, self.machine.sight)
        self.records = Records(self.db, self.settings, clock)

    def close(self) -> None:
        self._fragile.close()

    @contextmanager
    def may_crash(self, within: int, *, power: bool = False) -> Iterator[None]:
        """Whatever is done inside dies at step ``within``, if it takes so many (0: never)."""
        self.fuse.left, self.fuse.dead = within, False
        try:
            yield
        except Crash:
            self.happened["crash"] += 1
            self.restart(power=power)
        self.fuse.left = 0
        self.note()

    def restart(self, *, power: bool = False) -> None:
        """The process is killed, or the plug pulled; what is on disk is what is left."""
        self._lives += 1
        before, after = self.path, self._folder / f"{self.path.stem.split('.')[0]}.{self._lives}.db"
        log, new_log = (path.with_name(path.name + "-wal") for path in (before, after))
        shutil.copyfile(before, after)
        if log.exists():
            data = log.read_bytes()
            kept = self.rng.randint(self._fragile.on_disk, len(data)) if power else len(data)
            new_log.write_bytes(data[:kept])
            self.happened["log torn"] += kept < len(data)
        self.close()
        self.fuse.left, self.fuse.dead = 0, False
        if power:
            self.machine.start(self._late())
        self._open(after)
        self.note()
        for ticket in self.records.resume():
            self.happened["printed after a crash"] += 1
            self.bring_to_paper(ticket)
        self.reprint()

    def _late(self) -> timedelta:
        minute, hour = timedelta(minutes=1), timedelta(hours=1)
        return self.rng.choice(
            [timedelta(), 3 * minute, 5 * hour, 14 * hour, 40 * hour, self.world.now - EPOCH]
        )

    def note(self) -> None:
        """Take down what the database holds now that it did not hold before: the true time."""
        for row in self.db.rows("SELECT id FROM ticket ORDER BY seq"):
            self.truth.setdefault(row["id"], self.world.now)

    def visit(self, field: str, priority: str) -> None:
        """Somebody takes a number."""
        try:
            ticket = self.records.tickets.issue(field, None, "hand", priority=priority)
        except StoreError as error:
            if error.key != "field_full":
                raise
            self.happened["field full"] += 1
            return
        self.issued[ticket.id] = ticket
        self.fuse.step()
        self.bring_to_paper(ticket)

    def bring_to_paper(self, ticket: IssuedTicket, *, again: bool = False) -> None:
        """What attendant and spool do, with every step a place to die at."""
        self.fuse.step()
        self.records.tickets.begin_print(ticket.id)
        self.fuse.step()
        outcome: PrintOutcome = self.rng.choice(["printed", "printed", "uncertain", "failed"])
        if outcome == "printed" or (outcome == "uncertain" and self.rng.random() < 0.5):
            self.papers.append(Paper(ticket.id, ticket.number, again, self.world.now))
        self.fuse.step()
        self.records.tickets.record_print(ticket.id, outcome, again=again)

    def ask_reprint(self) -> None:
        """Staff want a paper again, and ask twice because they are in a hurry."""
        if self.issued:
            ticket = self.rng.choice(sorted(self.issued))
            request = f"request {len(self.requests)}"
            self.requests[request] = ticket
            for _ in range(2):
                self.records.tickets.ask_reprint(ticket, request)

    def reprint(self) -> None:
        """Print what is due."""
        for ticket in self.records.tickets.reprints_due():
            self.happened["reprint"] += 1
            self.bring_to_paper(ticket, again=True)


Act = Callable[["Office", Kiosk], None]


class Office:
    """The history of one seed."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.rng = Random(seed)
        self.world = World()
        count = self.rng.choice([1, 1, 2, 3, 4])
        self.kiosks = [Kiosk(self.world, self.rng, folder, lane, count) for lane in range(count)]
        for kiosk in self.kiosks:
            if self.rng.random() < 0.7:
                kiosk.machine.synchronise()

    def live(self, acts: int) -> None:
        names, weights = zip(*ACTS.items(), strict=True)
        for act in self.rng.choices(names, weights, k=acts):
            act(self, self.rng.choice(self.kiosks))
        for kiosk in self.kiosks:
            kiosk.restart()

    def close(self) -> None:
        for kiosk in self.kiosks:
            kiosk.close()

    def people_come(self, kiosk: Kiosk) -> None:
        for _ in range(self.rng.randint(1, 4)):
            within = self.rng.randint(1, 60) if self.rng.random() < 0.3 else 0
            with kiosk.may_crash(within, power=self.rng.random() < 0.3):
                kiosk.visit(self.rng.choice(FIELDS), self.rng.choice(["", "", "elderly"]))
            self.time_passes(kiosk, most_s=120)

    def staff_ask(self, kiosk: Kiosk) -> None:
        within = self.rng.randint(1, 60) if self.rng.random() < 0.4 else 0
        with kiosk.may_crash(within, power=self.rng.random() < 0.3):
            kiosk.ask_reprint()
            kiosk.reprint()

    def time_passes(self, _kiosk: Kiosk, most_s: int = 3 * 3600) -> None:
        self.world.now += timedelta(seconds=self.rng.randint(1, most_s))
        if self.world.now.timetz().replace(tzinfo=None) >= CLOSES:
            self.night(_kiosk)

    def night(self, _kiosk: Kiosk) -> None:
        """Some kiosks are switched off, some run through."""
        days = self.rng.choice([1, 1, 1, 3])
        opening = datetime.combine(self.world.day() + timedelta(days=days), OPENS, ZONE)
        off = [kiosk for kiosk in self.kiosks if self.rng.random() < 0.5]
        self.world.now = opening
        for kiosk in off:
            kiosk.restart(power=True)

    def clock_set(self, kiosk: Kiosk) -> None:
        kiosk.machine.synchronise()

    def network_gone(self, kiosk: Kiosk) -> None:
        kiosk.machine.trusted = False

    def clock_jumps(self, kiosk: Kiosk) -> None:
        hours = self.rng.choice([-300 * 24, -24, -8, -1, 1, 8, 24, 300 * 24])
        kiosk.machine.jump(timedelta(hours=hours))

    def killed(self, kiosk: Kiosk) -> None:
        kiosk.restart()

    def unplugged(self, kiosk: Kiosk) -> None:
        kiosk.restart(power=True)


ACTS: dict[Act, float] = {
    Office.people_come: 12,
    Office.time_passes: 6,
    Office.night: 2,
    Office.staff_ask: 3,
    Office.clock_set: 3,
    Office.network_gone: 2,
    Office.clock_jumps: 3,
    Office.killed: 1,
    Office.unplugged: 2,
}
