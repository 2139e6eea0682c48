"""HTTP to the central server: two calls, and every way they can fail as a :class:`SyncError`."""

from __future__ import annotations

import os
from collections.abc import Sequence
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

_Answer = TypeVar("_Answer", bound=BaseModel)


class Client:
    """Central, as this device sees it. The session is the caller's to close."""

    def __init__(self, settings: SyncSettings, session: requests.Session) -> None:
        self._settings = settings
        self._session = session
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
        # The token is read each time: a technician who puts a new one in need not restart us.
        headers = {
            "Authorization": f"Bearer {_token(self._settings.token_file)}",
            "Content-Type": "application/json",
        }
        try:
            response = self._session.request(
                method,
                self._settings.url.rstrip("/") + path,
                data=body,
                headers=headers,
                timeout=_TIMEOUT_S,
                verify=str(self._settings.ca_file) if self._settings.ca_file else True,
                allow_redirects=False,
            )
        except (requests.RequestException, OSError) as error:
            raise self._fault("sync_unreachable", reason=type(error).__name__) from error
        return self._parse(response, answer)

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


def _token(token_file: Path) -> str:
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    credential = Path(folder, _CREDENTIAL) if folder else None
    source = credential if credential and credential.exists() else token_file
    try:
        token = source.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SyncError("sync_token_missing", file=source) from error
    if not token.isprintable() or not token:
        raise SyncError("sync_token_missing", file=source)
    return token
