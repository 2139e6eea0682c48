"""HTTP to the central server: its calls, and every way they can fail as a :class:`SyncError`."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import requests
from pydantic import BaseModel, ValidationError

from kiosk.clock import Reading
from kiosk.config import SyncSettings
from kiosk.errors import SyncError
from kiosk.store.changes import Cursor
from kiosk.sync.identity import Identity, keep_identity, load_identity, prepare_key
from kiosk.sync.transport import outside_its_dates, session_to
from wire import Ack, Batch, Changes, Denied, DeviceEnrolled, EnrolDevice, Event, Releases

_TIMEOUT_S = (5.0, 20.0)
"""To connect, and between two bytes of the answer."""
LONGEST_ANSWER_S = 60.0
LONGEST_ANSWER = 4 << 20
"""Bytes, unpacked; the longest honest one, a page of changes, has under 2 MiB."""

_Answer = TypeVar("_Answer", bound=BaseModel)


class BatchRefused(SyncError):
    """Central does not take this batch as it is, or broke over it: a smaller one may do.
    ``lasting``: asking the same again will not help."""

    def __init__(self, key: str, /, *, lasting: bool, **fields: object) -> None:
        super().__init__(key, **fields)
        self.lasting = lasting


class Client:
    """Central, as this device sees it. To be closed.

    The identity is asked for at each call: whoever enrols the device need not restart anything.
    """

    def __init__(
        self,
        settings: SyncSettings,
        clock: Callable[[], Reading],
        identity: Callable[[], Identity] | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._identity = identity or (lambda: load_identity(settings.device_file))
        self._ahead = timedelta(0)
        """By how much central's clock is ahead of ours, as far as it mattered."""
        self._sessions: dict[bool, requests.Session] = {}

    def push(self, events: Sequence[Event], cursor: Cursor) -> Ack:
        """Deliver events, oldest first, at most as many as a batch holds, and ask what is new
        since ``cursor``. Raises :class:`BatchRefused` when fewer might be taken."""
        body = Batch(events=tuple(events)).model_dump_json()
        return self._signed("POST", "/v1/events", Ack, body=body, asked=_asked(cursor))

    def changes(self, cursor: Cursor) -> Changes:
        """What is new at the office since ``cursor``."""
        return self._signed("GET", "/v1/changes", Changes, asked=_asked(cursor))

    def releases(self, arch: str) -> Releases:
        """Which releases there are for machines of ``arch``."""
        return self._signed("GET", "/v1/releases", Releases, asked={"arch": arch})

    @contextmanager
    def bundle(self, sha256: str, start: int) -> Iterator[tuple[int, Iterator[bytes]]]:
        """A release's bundle from byte ``start`` on: where what comes begins, and what comes. It
        begins at 0 where the rest alone cannot be had."""
        path, asked = f"/v1/releases/{sha256}", {"Range": f"bytes={start}-"} if start else {}
        with self._admitted("GET", path, headers=asked) as response:
            self._trust(response)
            if response.status_code == requests.codes.partial_content:
                said = response.headers.get("Content-Range", "")
                if not said.startswith(f"bytes {start}-"):
                    raise self._fault("sync_garbled")
                yield start, self._parts(response)
            elif response.status_code == requests.codes.ok:
                yield 0, self._parts(response)
            elif response.status_code == requests.codes.requested_range_not_satisfiable:
                yield 0, iter(())
            else:
                raise self._fault("sync_fault", status=response.status_code)

    def enrol(self, asked: EnrolDevice) -> DeviceEnrolled:
        """Become a device of the office."""
        body = asked.model_dump_json()
        with self._request("POST", "/v1/enrolment", "", body=body) as response:
            if response.status_code in (401, 422):
                raise self._fault("sync_token_refused")
            return self._parsed(response, DeviceEnrolled)

    def close(self) -> None:
        """Close the connections."""
        for session in self._sessions.values():
            session.close()

    # ── one request ───────────────────────────────────────────────────────────────────────────

    def _signed(
        self,
        method: str,
        path: str,
        answer: type[_Answer],
        *,
        body: str | None = None,
        asked: dict[str, str] | None = None,
    ) -> _Answer:
        with self._admitted(method, path, body=body, asked=asked) as response:
            return self._parsed(response, answer)

    def _admitted(
        self,
        method: str,
        path: str,
        *,
        body: str | None = None,
        asked: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> requests.Response:
        """Signed by our clock; and once more by central's, when it says that ours is wrong. To be
        closed."""
        identity = self._identity()
        for attempt in (1, 2):
            signature = identity.signature(self._clock().moment + self._ahead)
            response = self._request(
                method, path, signature, body=body, asked=asked, headers=headers
            )
            if response.status_code not in (401, 403):
                return response
            with response:
                denied = self._denied(response)
            if denied is None or denied.reason != "stale" or attempt == 2:
                raise self._refusal(denied)
            self._ahead = denied.now - self._clock().moment
        raise AssertionError  # the loop returns or raises

    def _request(
        self,
        method: str,
        path: str,
        signature: str,
        *,
        body: str | None = None,
        asked: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> requests.Response:
        headers = {"Content-Type": "application/json"} | (headers or {})
        if signature:
            headers["Authorization"] = f"Bearer {signature}"
        try:
            # Streamed, so that no more is read than is wanted.
            return self._session().request(
                method,
                self._settings.url.rstrip("/") + path,
                params=asked,
                data=body,
                headers=headers,
                timeout=_TIMEOUT_S,
                allow_redirects=False,
                stream=True,
            )
        except requests.exceptions.SSLError as error:
            raise self._fault("sync_not_trusted") from error
        except (requests.RequestException, OSError) as error:
            raise self._fault("sync_unreachable", reason=type(error).__name__) from error

    def _session(self) -> requests.Session:
        dated = self._clock().certain
        if dated not in self._sessions:
            self._sessions[dated] = session_to(self._settings, dated=dated)
        return self._sessions[dated]

    def _parsed(self, response: requests.Response, answer: type[_Answer]) -> _Answer:
        status = response.status_code
        if status in (400, 413, 422) or status == requests.codes.server_error:
            raise BatchRefused(
                "sync_fault", lasting=status < 500, url=self._settings.url, status=status
            )
        if status != requests.codes.ok:
            raise self._fault("sync_fault", status=status)
        self._trust(response)
        try:
            return answer.model_validate_json(self._content(response))
        except ValidationError as error:
            raise self._fault("sync_garbled") from error

    def _trust(self, response: requests.Response) -> None:
        if not self._clock().certain and outside_its_dates(response, self._told_at(response)):
            raise self._fault("sync_not_trusted")

    @staticmethod
    def _told_at(response: requests.Response) -> datetime | None:
        """Central's time, by the head of its answer."""
        try:
            told = datetime.strptime(response.headers["Date"], "%a, %d %b %Y %H:%M:%S GMT")
        except (KeyError, ValueError):
            return None
        return told.replace(tzinfo=UTC)

    def _content(self, response: requests.Response) -> bytes:
        """The whole answer, if it ends in time and is not too long."""
        content, until = bytearray(), time.monotonic() + LONGEST_ANSWER_S
        for part in self._parts(response):
            content += part
            if len(content) > LONGEST_ANSWER or time.monotonic() > until:
                raise self._fault("sync_garbled")
        return bytes(content)

    def _parts(self, response: requests.Response) -> Iterator[bytes]:
        try:
            yield from response.iter_content(1 << 16)
        except (requests.RequestException, OSError) as error:
            raise self._fault("sync_unreachable", reason=type(error).__name__) from error

    def _denied(self, response: requests.Response) -> Denied | None:
        try:
            return Denied.model_validate_json(self._content(response))
        except ValidationError:
            return None  # somebody else's 401: a proxy, a portal

    def _refusal(self, denied: Denied | None) -> SyncError:
        if denied is not None and denied.reason == "revoked":
            return self._fault("sync_revoked")
        return self._fault("sync_refused", reason=denied.reason if denied else "401")

    def _fault(self, key: str, **fields: object) -> SyncError:
        return SyncError(key, url=self._settings.url, **fields)


def _asked(cursor: Cursor) -> dict[str, str]:
    """What is new since then, as a query."""
    after = {"after": str(cursor.after)}
    return after if cursor.stream is None else after | {"stream": str(cursor.stream)}


def enrol_device(
    settings: SyncSettings,
    token: str,
    clock: Callable[[], Reading],
    keep: Callable[[DeviceEnrolled], None] = lambda _answer: None,
) -> DeviceEnrolled:
    """Make this device one of the office's, with a ``token`` that is good once.

    ``keep`` is given the answer with the office's secrets before this device believes that it
    is enrolled: central tells them once. An answer that was lost is asked for again with the same
    token. Raises :class:`SyncError`, and :class:`~kiosk.errors.StoreError` when the key cannot be
    written; an earlier identity is then left as it was.
    """
    if not settings.url:
        raise SyncError("sync_no_server")
    key = prepare_key(settings.device_file)
    try:
        asked = EnrolDevice(token=token, public_key=b64encode(key.public_key().public_bytes_raw()))
    except ValidationError as error:
        raise SyncError("sync_token_malformed") from error
    client = Client(settings, clock)
    try:
        answer = client.enrol(asked)
    finally:
        client.close()
    keep(answer)
    keep_identity(settings.device_file, Identity(answer.device, answer.name, key))
    return answer
