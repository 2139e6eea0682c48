"""A kiosk's database and a real central server on a free port."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
import uvicorn

from central.app import create_app
from central.db.engine import Database as CentralDatabase
from central.db.models import Role
from central.services.devices import add_device
from central.services.listing import Stats, stats
from central.settings import Settings
from kiosk.clock import Reading
from kiosk.config import Bilingual, FieldOfBusiness, Office, SyncSettings
from kiosk.store.database import Database
from kiosk.store.tickets import Tickets
from kiosk.sync.client import Client

NOON = datetime(2026, 3, 2, 5, tzinfo=UTC)
WORD = Bilingual(vi="chữ")


class Server:
    """Central, served by uvicorn in a thread, and a look into its database."""

    def __init__(self, folder: Path, now: Callable[[], datetime] = lambda: NOON) -> None:
        url = f"sqlite:///{folder / 'central.db'}"
        self.database = CentralDatabase.open(url)
        app = create_app(Settings(database=url), now=now)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._server = uvicorn.Server(uvicorn.Config(app, log_config=None, ws="none"))
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def token(self, name: str, role: Role = Role.KIOSK) -> str:
        with self.database.writing() as session:
            return add_device(session, name, role, NOON)

    def stats(self) -> Stats:
        with self.database.reading() as session:
            return stats(session)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()
        self.database.close()


@pytest.fixture(autouse=True)
def _no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    running = Server(tmp_path)
    yield running
    running.stop()


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with Database.open(tmp_path / "kiosk.db", "5a" * 32) as database:
        yield database


@pytest.fixture
def tickets(db: Database) -> Tickets:
    field = FieldOfBusiness(id="civil", prefix="C", name=WORD, examples=WORD)
    return Tickets(db, Office(name=WORD, unit=WORD), [field], lambda: Reading(NOON))


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as opened:
        yield opened


@pytest.fixture
def settings(server: Server, tmp_path: Path) -> SyncSettings:
    return SyncSettings(url=server.url, token_file=tmp_path / "device.token")


@pytest.fixture
def client(server: Server, settings: SyncSettings, session: requests.Session) -> Client:
    token = server.token("K1")
    return Client(settings, session, lambda: token)
