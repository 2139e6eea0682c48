"""Central in this process: its real services and admission, and crashes at any statement."""

from __future__ import annotations

import json
import shutil
import sqlite3
import weakref
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import HTTPException
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

from central.api import kiosk
from central.api.access import Server
from central.db.engine import Database, _sqlite  # pyright: ignore[reportPrivateUsage]
from central.db.keys import Keys, key_file_of
from central.db.models import FIRST_OFFICE
from central.gate import Gate
from central.live import Live
from central.services import citizens, offices, rotation
from central.services.admission import Denial
from central.services.devices import revoke_device
from central.services.enrolment import enrol, invite
from kiosk.sync.identity import Identity
from tests.store.numbering import ZONE, Fuse, World
from wire import Denied, EnrolDevice, OfficeSecret, OfficeSettings


@cache
def fresh_central() -> dict[str, bytes]:
    """The files of a central right after its migrations, made once: Alembic takes its time."""
    with TemporaryDirectory() as folder:
        Database.open(f"sqlite:///{folder}/central.db").close()
        return {file.name: file.read_bytes() for file in Path(folder).iterdir()}


class Running:
    """Which central the one engine serves."""

    path: Path
    step: Callable[[bool], None]
    on_disk = 0
    """Bytes of the log that a power cut leaves whole."""

    def __init__(self) -> None:
        self.connections: weakref.WeakSet[Connection] = weakref.WeakSet()

    def log_size(self) -> int:
        log = Path(f"{self.path}-wal")
        return log.stat().st_size if log.exists() else 0


_RUNNING = Running()


class Connection(sqlite3.Connection):
    """One that can die before a commit, between writing it and having it on disk, and after."""

    def commit(self) -> None:
        if not self.in_transaction:
            return
        _RUNNING.step(True)
        super().commit()
        _RUNNING.step(False)
        if self.execute("PRAGMA synchronous").fetchone()[0] >= 2:  # FULL
            _RUNNING.on_disk = _RUNNING.log_size()
        _RUNNING.step(False)


def _connect(*_: object) -> Connection:
    connection = sqlite3.connect(_RUNNING.path, timeout=5, factory=Connection)
    _RUNNING.connections.add(connection)
    return connection


@cache
def the_engine() -> Engine:
    """One engine for every life of every central: what it has compiled is not compiled again."""
    folder = TemporaryDirectory()
    engine = _sqlite(f"sqlite:///{folder.name}/nothing.db")
    weakref.finalize(engine, folder.cleanup)
    event.listen(engine, "do_connect", _connect)
    event.listen(engine, "before_cursor_execute", lambda *_: _RUNNING.step(False))
    return engine


def laid_out(folder: Path) -> Path:
    """The database of a new central in ``folder``, its keys beside it."""
    for name, content in fresh_central().items():
        (folder / name).write_bytes(content)
    return folder / "central.db"


def opened(path: Path, step: Callable[[bool], None] = lambda _commits: None) -> Database:
    """What :func:`laid_out` made or a copy of it beside it, on the one engine: one at a time."""
    _RUNNING.path, _RUNNING.step = path, step
    _RUNNING.on_disk = _RUNNING.log_size()
    key_file = key_file_of(f"sqlite:///{path.with_name('central.db')}")
    assert key_file
    return Database(the_engine(), Keys(key_file))


class Central:
    """The server of one office, through several lives."""

    def __init__(self, world: World, rng: Random, folder: Path) -> None:
        self.world, self.rng, self._folder = world, rng, folder
        self.happened: Counter[str] = Counter()
        self.fuse = Fuse()
        self._at_commits = False
        self._lives = 0
        folder.mkdir()
        self._open(laid_out(folder))

    def _open(self, path: Path) -> None:
        self._path = path
        self.database = opened(path, self._step)
        with self.database.writing() as session:
            citizens.bury_again(session, self.database.tombstones.read())
        zone, now = ZoneInfo(str(ZONE)), lambda: self.world.now
        live, gate = Live(self.database, zone, now), Gate(self.database)
        self.server = Server(self.database, zone, now, gate, live, Path())

    def _step(self, commits: bool) -> None:
        if self.fuse.dead or (self.fuse.left and (commits or not self._at_commits)):
            self.fuse.step()

    # ── what it is asked ──────────────────────────────────────────────────────────────────────

    def serve(self, request: requests.PreparedRequest) -> tuple[int, bytes]:
        """Status and body; :class:`Crash` when it dies over it."""
        try:
            return 200, self._answer(request)
        except Denial as denial:
            answer = Denied(reason=denial.reason, now=self.world.now)
            return 403 if denial.reason == "revoked" else 401, answer.model_dump_json().encode()
        except HTTPException as refusal:
            return refusal.status_code, json.dumps({"detail": refusal.detail}).encode()
        except OperationalError:
            return 503, b"{}"

    def _answer(self, request: requests.PreparedRequest) -> bytes:
        bearer = str(request.headers["Authorization"]).removeprefix("Bearer ")
        device, url = self.server.gate.admit(bearer, self.world.now), urlsplit(request.url)
        asked = parse_qs(str(url.query))
        stream = UUID(asked["stream"][0]) if "stream" in asked else None
        after = int(asked["after"][0])
        if str(url.path).endswith("/events"):
            body = request.body
            raw = body if isinstance(body, bytes) else str(body).encode()
            answer = kiosk.deliver(self.server, device, raw, stream, after)
        else:
            answer = kiosk.get_changes(self.server, device, stream, after)
        return bytes(answer.body)

    # ── what happens to it ────────────────────────────────────────────────────────────────────

    def close(self) -> None:
        self.database.close()

    def restart(self, *, power: bool = False) -> None:
        """Killed or unplugged; what is on disk is what is left."""
        self._lives += 1
        after = self._folder / f"central{self._lives}.db"
        shutil.copyfile(self._path, after)
        log = Path(f"{self._path}-wal")
        if log.exists():
            data = log.read_bytes()
            kept = self.rng.randint(_RUNNING.on_disk, len(data)) if power else len(data)
            Path(f"{after}-wal").write_bytes(data[:kept])
            self.happened["central's log torn"] += kept < len(data)
        self.fuse.left, self.fuse.dead = 0, False
        the_engine().dispose()
        self._open(after)

    def admit(self, name: str) -> tuple[Identity, tuple[OfficeSecret, ...]]:
        """Enrol a kiosk, a new key for a known name; who it is and what it is told."""
        key = Ed25519PrivateKey.generate()
        public = b64encode(key.public_key().public_bytes_raw())
        with self.database.writing() as session:
            asked = EnrolDevice(
                token=invite(session, FIRST_OFFICE, name, self.world.now), public_key=public
            )
            answer = enrol(session, self.database.keys, asked, self.world.now)
        return Identity(answer.device, answer.name, key), answer.secrets

    def revoke(self, name: str) -> None:
        with self.database.writing() as session:
            revoke_device(session, FIRST_OFFICE, name, self.world.now)

    def desk_erases(self, citizen: str) -> None:
        with self.database.writing() as session:
            citizens.erase(session, 1, UUID(citizen), self.world.now, "asked")

    def new_secret(self) -> None:
        with self.database.writing() as session:
            rotation.renew_secret(session, self.database.keys, "template", self.world.now)

    def new_settings(self, settings: OfficeSettings) -> None:
        with self.database.writing() as session:
            offices.settle(session, FIRST_OFFICE, settings)

    def may_crash(self, within: int, *, at_commits: bool = False) -> None:
        """Die at statement ``within`` from now, or just before so manieth commit, if it comes to
        that (0: never)."""
        self.fuse.left, self.fuse.dead, self._at_commits = within, False, at_commits

    @contextmanager
    def full_disk(self) -> Generator[None]:
        """There is no room for one more page."""
        self._limit_pages(1)
        try:
            yield
        finally:
            self._limit_pages(1_000_000)

    def _limit_pages(self, most: int) -> None:
        for connection in _RUNNING.connections:
            with suppress(sqlite3.ProgrammingError):  # closed
                connection.execute(f"PRAGMA max_page_count = {most}")
