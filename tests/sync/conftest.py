"""A kiosk's database and a real central server on a free port."""

from __future__ import annotations

import socket
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from central.app import create_app
from central.db.engine import Database as CentralDatabase
from central.db.models import FIRST_OFFICE, Role
from central.services.devices import add_device, revoke_device
from central.services.enrolment import enrol, invite
from central.services.listing import Stats, stats
from central.settings import Settings
from kiosk.clock import Reading
from kiosk.config import Bilingual, FieldOfBusiness, Office, PrivacySettings, SyncSettings
from kiosk.store.citizens import Citizens
from kiosk.store.database import Database
from kiosk.store.tickets import Tickets
from kiosk.sync.client import Client
from kiosk.sync.exchange import Exchanger
from kiosk.sync.identity import Identity
from wire import EnrolDevice

NOON = datetime(2026, 3, 2, 5, tzinfo=UTC)
WORD = Bilingual(vi="chữ")


class Server:
    """Central, served by uvicorn in a thread, and a look into its database."""

    def __init__(self, folder: Path, now: Callable[[], datetime] = lambda: NOON) -> None:
        self._now = now
        url = f"sqlite:///{folder / 'central.db'}"
        self.database = CentralDatabase.open(url)
        app = create_app(Settings(database=url, releases=folder / "releases"), now=now)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._server = uvicorn.Server(uvicorn.Config(app, log_config=None, ws="none"))
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def desk(self, name: str) -> str:
        """The token of software of the office."""
        with self.database.writing() as session:
            return add_device(session, FIRST_OFFICE, name, Role.OFFICE, NOON)

    def invitation(self, name: str, office: int = FIRST_OFFICE) -> str:
        """What one kiosk can be enrolled with."""
        with self.database.writing() as session:
            return invite(session, office, name, self._now())

    def kiosk(self, name: str) -> Identity:
        """A kiosk that is enrolled."""
        key = Ed25519PrivateKey.generate()
        public = b64encode(key.public_key().public_bytes_raw())
        with self.database.writing() as session:
            token = invite(session, FIRST_OFFICE, name, self._now())
            asked = EnrolDevice(token=token, public_key=public)
            answer = enrol(session, self.database.keys, asked, self._now())
        return Identity(answer.device, answer.name, key)

    def client(self, name: str) -> Client:
        """Central, as a kiosk sees it that is enrolled now. To be closed."""
        kiosk = self.kiosk(name)
        settings = SyncSettings(url=self.url)
        return Client(settings, lambda: Reading(self._now()), lambda: kiosk)

    def revoke(self, name: str) -> None:
        with self.database.writing() as session:
            revoke_device(session, FIRST_OFFICE, name, self._now())

    def stats(self) -> Stats:
        with self.database.reading() as session:
            return stats(session, 1)

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
def citizens(db: Database) -> Citizens:
    return Citizens(db, PrivacySettings(), lambda: Reading(NOON))


@pytest.fixture
def settings(server: Server, tmp_path: Path) -> SyncSettings:
    return SyncSettings(url=server.url, device_file=tmp_path / "device.json")


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    opened = server.client("K1")
    yield opened
    opened.close()


@pytest.fixture
def exchanger(db: Database, citizens: Citizens, client: Client) -> Exchanger:
    return Exchanger(db, citizens, client, lambda: NOON)
