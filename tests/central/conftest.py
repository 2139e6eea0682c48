"""A real server on a free port, its database in a folder of its own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import requests
import uvicorn
from fastapi import FastAPI

from central.app import create_app
from central.db.engine import Database
from central.db.models import Role
from central.services.devices import add_device
from central.settings import Settings

NOON = datetime(2026, 3, 2, 5, tzinfo=UTC)


class Running:
    """``app`` served by uvicorn in a thread. A connection made before it accepts just waits."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._server = uvicorn.Server(uvicorn.Config(app, log_config=None, ws="none"))
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()


class Api:
    """Calls with one token."""

    def __init__(self, session: requests.Session, url: str, token: str | None) -> None:
        self._session, self._url = session, url
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str, **params: int) -> requests.Response:
        return self._session.get(
            f"{self._url}/v1/{path}", params=params, headers=self._headers, timeout=10
        )

    def post(self, path: str, **kwargs: Any) -> requests.Response:
        headers = self._headers | kwargs.pop("headers", {})
        return self._session.post(f"{self._url}/v1/{path}", headers=headers, timeout=10, **kwargs)

    def items(self, path: str) -> list[dict[str, Any]]:
        return self.get(path, limit=1000).json()["items"]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'central.db'}"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = Database.open(url)
    yield opened
    opened.close()


@pytest.fixture
def server(url: str) -> Iterator[Running]:
    running = Running(create_app(Settings(database=url), now=lambda: NOON))
    yield running
    running.stop()


@pytest.fixture
def call(server: Running, database: Database) -> Iterator[Callable[[Role | None], Api]]:
    """Make an :class:`Api` with a new token of a role, or with none."""
    with requests.Session() as session:

        def register(role: Role | None) -> Api:
            if role is None:
                return Api(session, server.url, None)
            with database.writing() as rows:
                token = add_device(rows, f"{role} {datetime.now(UTC)}", role, NOON)
            return Api(session, server.url, token)

        yield register


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
