"""HTTP to the central server: two calls, and every way they can fail as a :class:`SyncError`."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import requests
from pydantic import BaseModel, ValidationError

from kiosk.config import SyncSettings
from kiosk.errors import SyncError
from wire import Ack, Batch, Changes, Event

_CREDENTIAL = "device-token"
_TIMEOUT_S = (5.0, 20.0)
"""To connect, and between two bytes of the answer."""

_TOKEN = re.compile(r"[A-Za-z0-9_.-]{16,512}")

_Answer = TypeVar("_Answer", bound=BaseModel)


class Client:
    """Central, as this device sees it. The session is the caller's to close.

    The token is asked for at each call: whoever puts a new one in need not restart anything.
    """

    def __init__(
        self, settings: SyncSettings, session: requests.Session, token: Callable[[], str]
    ) -> None:
        self._settings = settings
        self._session = session
        self._token = token
        # Neither ~/.netrc nor a proxy variable may replace the token or see what travels.
        session.trust_env = False

    def push(self, events: Sequence[Event]) -> Ack:
        """Deliver events, oldest first, at most as many as a batch holds."""
        batch = Batch(events=tuple(events))
        return self._call("POST", "/v1/events", Ack, batch.model_dump_json())

    def changes(self) -> Changes:
        """What is new at the office."""
        return self._call("GET", "/v1/changes", Changes)

    def _call(
        self, method: str, path: str, answer: type[_Answer], body: str | None = None
    ) -> _Answer:
        headers = {
            "Authorization": f"Bearer {self._token()}",
            "Content-Type": "application/json",
        }
        try:
            # Streamed so that the connection is closed even when the answer breaks off.
            with self._session.request(
                method,
                self._settings.url.rstrip("/") + path,
                data=body,
                headers=headers,
                timeout=_TIMEOUT_S,
                verify=str(self._settings.ca_file) if self._settings.ca_file else True,
                allow_redirects=False,
                stream=True,
            ) as response:
                return self._parse(response, answer)
        except (requests.RequestException, OSError) as error:
            raise self._fault("sync_unreachable", reason=type(error).__name__) from error

    def _parse(self, response: requests.Response, answer: type[_Answer]) -> _Answer:
        if response.status_code in (401, 403):
            raise self._fault("sync_refused")
        if response.status_code != requests.codes.ok:
            raise self._fault("sync_fault", status=response.status_code)
        try:
            return answer.model_validate_json(response.content)
        except ValidationError as error:
            raise self._fault("sync_garbled") from error

    def _fault(self, key: str, **fields: object) -> SyncError:
        return SyncError(key, url=self._settings.url, **fields)


def device_token(token_file: Path) -> str:
    """The token in ``$CREDENTIALS_DIRECTORY/device-token``, else in ``token_file``.

    Raises :class:`SyncError`.
    """
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    credential = Path(folder, _CREDENTIAL) if folder else None
    source = credential if credential and credential.exists() else token_file
    try:
        token = source.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SyncError("sync_token_missing", file=source) from error
    if not _TOKEN.fullmatch(token):
        raise SyncError("sync_token_missing", file=source)
    return token


def enrol_device(settings: SyncSettings, token: str) -> None:
    """Try ``token`` on the central server and, when it is taken, keep it (mode 0600).

    Raises :class:`SyncError`; an earlier token is then left as it was.
    """
    if not settings.url:
        raise SyncError("sync_no_server")
    if not _TOKEN.fullmatch(token):
        raise SyncError("sync_token_malformed")
    with requests.Session() as session:
        Client(settings, session, lambda: token).changes()
    try:
        _replace(settings.token_file, token)
    except OSError as error:
        raise SyncError("sync_token_unwritable", file=settings.token_file) from error


def _replace(path: Path, content: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(content + "\n")
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
