"""A real server on a free port, its database in a folder of its own."""

from __future__ import annotations

import itertools
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
from central.db.engine import Database
from central.db.models import Role
from central.services.devices import add_device
from central.services.enrolment import enrol, invite
from central.settings import Settings
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
        return self._session.request(method, url, headers=headers, timeout=10, **more)

    def items(self, path: str) -> list[dict[str, Any]]:
        return self.get(path, limit=1000).json()["items"]


class DeviceKey:
    """A kiosk's key, and what a kiosk signs with it."""

    def __init__(self) -> None:
        self.private = Ed25519PrivateKey.generate()
        self.public = self.private.public_key().public_bytes_raw()
        self.device = uuid4()

    def enrol(self, database: Database, name: str) -> DeviceEnrolled:
        with database.writing() as rows:
            token = invite(rows, name, NOON)
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


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'central.db'}"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = Database.open(url)
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
def server(listening: Listening, url: str) -> Iterator[Listening]:
    listening.app = create_app(Settings(database=url), now=lambda: NOON)
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
            token = add_device(rows, next(names), role, NOON)
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
