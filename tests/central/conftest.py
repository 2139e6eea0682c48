"""A real server on a free port, on SQLite in a folder of its own and on a real PostgreSQL.

Every test that needs a database runs on both, unless it is marked ``sqlite_only`` or
``postgresql_only`` (below).
"""

from __future__ import annotations

import itertools
import shutil
import socket
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest
import requests
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from central.app import create_app
from central.db.cluster import Cluster
from central.db.engine import Database
from central.db.models import FIRST_OFFICE, Role
from central.services.devices import add_device
from central.services.enrolment import enrol, invite
from central.services.lifecycle import make
from central.settings import Settings
from tests.central.postgresql import Migrated
from wire import AUDIENCE, LIFETIME_S, DeviceEnrolled, EnrolDevice

NOON = datetime(2026, 3, 2, 5, tzinfo=UTC)


class Listening:
    """uvicorn in a thread, serving ``app``, which each test sets. A connection made before it
    accepts just waits."""

    def __init__(self) -> None:
        self.app: FastAPI
        # Named TCP, so that asyncio turns Nagle's algorithm off: else each answer takes 40 ms.
        self._socket = socket.socket(proto=socket.IPPROTO_TCP)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen()
        config = uvicorn.Config(
            self._serve, log_config=None, ws="none", lifespan="off", interface="asgi3"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()


class Api:
    """Calls with one kind of credentials, made anew for each."""

    def __init__(self, session: requests.Session, url: str, sign: Callable[[], str | None]) -> None:
        self._session, self._url, self._sign = session, url, sign

    def get(self, path: str, **params: Any) -> requests.Response:
        return self.call("GET", path, params=params)

    def post(self, path: str, **more: Any) -> requests.Response:
        return self.call("POST", path, **more)

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        token = self._sign()
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        headers |= more.pop("headers", {})
        url = f"{self._url}/v1/{path}"
        return self._session.request(method, url, headers=headers, timeout=60, **more)

    def items(self, path: str) -> list[dict[str, Any]]:
        return self.get(path, limit=1000).json()["items"]


class DeviceKey:
    """A kiosk's key, and what a kiosk signs with it."""

    def __init__(self) -> None:
        self.private = Ed25519PrivateKey.generate()
        self.public = self.private.public_key().public_bytes_raw()
        self.device = uuid4()

    def enrol(self, database: Database, name: str, office: int = FIRST_OFFICE) -> DeviceEnrolled:
        with database.writing() as rows:
            token = invite(rows, office, name, NOON)
            answer = enrol(rows, database.keys, self.asking(token), NOON)
        self.device = answer.device
        return answer

    def asking(self, token: str) -> EnrolDevice:
        return EnrolDevice(token=token, public_key=b64encode(self.public))

    def claims(self, **more: Any) -> dict[str, Any]:
        now = int(NOON.timestamp())
        times = {"iat": now, "exp": now + LIFETIME_S}
        return {"iss": str(self.device), "aud": AUDIENCE, "jti": str(uuid4())} | times | more

    def sign(self, **more: Any) -> str:
        return jwt.encode(self.claims(**more), self.private, algorithm="EdDSA")


sqlite_only = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
postgresql_only = pytest.mark.parametrize("backend", ["postgresql"], indirect=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL of this process alone."""
    with Cluster({"deadlock_timeout": "20ms"}, safe=False) as running:
        yield running


@pytest.fixture(scope="session")
def migrated_postgresql(
    cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Migrated]:
    made = Migrated(cluster, tmp_path_factory.mktemp("postgresql") / "migrated.keys")
    yield made
    made.close()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file to copy: making one anew for each test costs most of its time."""
    path = tmp_path_factory.mktemp("sqlite") / "central.db"
    Database.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """Of an empty database, its schema up to date."""
    if backend == "postgresql":
        migrated: Migrated = request.getfixturevalue("migrated_postgresql")
        return migrated.begin_again()
    file = tmp_path / "central.db"
    shutil.copy(request.getfixturevalue("migrated_sqlite"), file)
    return f"sqlite:///{file}"


@pytest.fixture
def begun_anew(
    backend: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Callable[[], Database]:
    """Open an empty database, again and again: for each example of a property."""

    def begin() -> Database:
        if backend == "postgresql":
            url = request.getfixturevalue("migrated_postgresql").begin_again()
        else:
            for old in tmp_path.glob("central.db*"):
                old.unlink()
            shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "central.db")
            url = f"sqlite:///{tmp_path / 'central.db'}"
        (tmp_path / "central.tombstones").unlink(missing_ok=True)
        return Database.open(url, tmp_path / "central.keys")

    return begin


@pytest.fixture
def empty(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Settings]:
    """A database without any schema: for the tests of migrations."""
    key_file = tmp_path / "central.keys"
    if backend == "sqlite":
        yield Settings(database=f"sqlite:///{tmp_path / 'central.db'}", key_file=key_file)
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    cluster.create("empty")
    yield Settings(database=cluster.url("empty"), key_file=key_file)
    cluster.drop("empty")


@pytest.fixture
def settings(url: str, tmp_path: Path) -> Settings:
    """Which database, and where its keys are."""
    return Settings(
        database=url, key_file=tmp_path / "central.keys", releases=tmp_path / "releases"
    )


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    opened = Database.open(settings.database, settings.key_file)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def listening() -> Iterator[Listening]:
    running = Listening()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


@pytest.fixture
def server(listening: Listening, settings: Settings) -> Iterator[Listening]:
    listening.app = create_app(settings, now=lambda: NOON)
    yield listening
    listening.app.state.server.database.close()


@pytest.fixture
def call(
    server: Listening, database: Database, http: requests.Session
) -> Callable[[Role | None], Api]:
    """Make an :class:`Api` as a new device of a role, or as nobody."""
    names = (f"device {count}" for count in itertools.count(1))

    def register(role: Role | None) -> Api:
        if role is None:
            return Api(http, server.url, lambda: None)
        if role is Role.KIOSK:
            key = DeviceKey()
            key.enrol(database, next(names))
            return Api(http, server.url, key.sign)
        with database.writing() as rows:
            token = add_device(rows, FIRST_OFFICE, next(names), role, NOON)
        return Api(http, server.url, lambda: token)

    return register


@pytest.fixture
def key(database: Database) -> DeviceKey:
    """Of a kiosk that is enrolled."""
    made = DeviceKey()
    made.enrol(database, "K1")
    return made


@pytest.fixture
def kiosk(call: Callable[[Role | None], Api]) -> Api:
    return call(Role.KIOSK)


@pytest.fixture
def desk(call: Callable[[Role | None], Api]) -> Api:
    return call(Role.OFFICE)


@pytest.fixture
def elsewhere(database: Database) -> int:
    """Id of a second office."""
    with database.writing() as session:
        return make(session, "Phường bên").id


@pytest.fixture
def issued() -> Callable[..., dict[str, Any]]:
    """Make the event of an issued ticket, as JSON."""

    def make(seq: int, field: str = "civil", **body: object) -> dict[str, Any]:
        return {
            "id": str(UUID(int=seq)),
            "seq": seq,
            "at": (NOON + timedelta(seconds=seq)).isoformat(),
            "body": {
                "kind": "ticket_issued",
                "ticket": str(UUID(int=1000 + seq)),
                "number": f"C{seq:03d}",
                "reference": "A" * 13 + "".join("ABCDEFGHIJ"[int(digit)] for digit in f"{seq:03d}"),
                "sequence": seq,
                "field": field,
                "day": "2026-03-02",
                "way": "hand",
            }
            | body,
        }

    return make
