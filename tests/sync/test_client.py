"""Every way central can fail us is a :class:`SyncError` with a sentence."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from central.db.models import Role
from kiosk.config import SyncSettings
from kiosk.errors import SyncError
from kiosk.locale import LANGUAGES
from kiosk.sync.client import Client, device_token, enrol_device

TOKEN = "a-token-of-some-length"


@contextmanager
def answering(status: int, body: bytes, headers: dict[str, str]) -> Iterator[str]:
    """A server that gives one answer to everything; its address."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def fault(call: Callable[[], object]) -> str:
    with pytest.raises(SyncError) as raised:
        call()
    for language in LANGUAGES:
        assert raised.value.what(language)
        assert raised.value.do(language)
        assert TOKEN not in raised.value.both()
    return raised.value.key


@pytest.mark.parametrize(
    ("status", "body", "headers", "key"),
    [
        (200, b"<html>Please log in to the Wi-Fi</html>", {}, "sync_garbled"),
        (200, b"", {}, "sync_garbled"),
        (200, b'{"as_of": "soon"}', {}, "sync_garbled"),
        (200, b"\x1f\x8b garbage", {"Content-Encoding": "gzip"}, "sync_unreachable"),
        (200, b"cut off", {"Content-Length": "1000"}, "sync_unreachable"),
        (302, b"", {"Location": "http://elsewhere.invalid/"}, "sync_fault"),
        (401, b"", {}, "sync_refused"),
        (403, b"", {}, "sync_refused"),
        (500, b"", {}, "sync_fault"),
        (503, b"", {}, "sync_fault"),
    ],
)
def test_a_bad_answer(
    session: requests.Session, status: int, body: bytes, headers: dict[str, str], key: str
) -> None:
    with answering(status, body, headers) as url:
        client = Client(SyncSettings(url=url), session, lambda: TOKEN)
        assert fault(client.changes) == key


def test_nobody_there(session: requests.Session) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    client = Client(SyncSettings(url=f"http://127.0.0.1:{port}"), session, lambda: TOKEN)
    assert fault(client.changes) == "sync_unreachable"


def test_a_missing_authority_file(session: requests.Session, tmp_path: Path) -> None:
    settings = SyncSettings(url="https://127.0.0.1:9", ca_file=tmp_path / "missing.pem")
    assert fault(Client(settings, session, lambda: TOKEN).changes) == "sync_unreachable"


def test_another_devices_tokens_are_refused(
    server: Any, settings: SyncSettings, session: requests.Session
) -> None:
    office = server.token("Q1", Role.OFFICE)
    for token in (TOKEN, office):
        client = Client(settings, session, lambda token=token: token)
        assert fault(client.changes) == "sync_refused"


def test_the_environment_cannot_redirect_or_replace_the_token(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login thief password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert client.changes().last_seq == 0


def test_enrolling_keeps_a_token_that_works(server: Any, settings: SyncSettings) -> None:
    token = server.token("K2")
    enrol_device(settings, token)
    assert device_token(settings.token_file) == token
    assert settings.token_file.stat().st_mode & 0o777 == 0o600
    assert fault(lambda: enrol_device(settings, TOKEN)) == "sync_refused"
    assert device_token(settings.token_file) == token


@pytest.mark.parametrize("token", ["", "short", "two words are no token", "xin-chào-máy-chủ"])
def test_what_is_no_token_is_not_tried(settings: SyncSettings, token: str) -> None:
    assert fault(lambda: enrol_device(settings, token)) == "sync_token_malformed"


def test_enrolling_needs_a_server() -> None:
    assert fault(lambda: enrol_device(SyncSettings(), TOKEN)) == "sync_no_server"


def test_a_token_that_cannot_be_kept(server: Any, settings: SyncSettings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings = settings.model_copy(update={"token_file": tmp_path / "file" / "token"})
    token = server.token("K2")
    assert fault(lambda: enrol_device(settings, token)) == "sync_token_unwritable"


@pytest.mark.parametrize("content", [b"", b"two\nlines of it", b"\xff\xfe"])
def test_a_token_file_that_holds_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "token"
    assert fault(lambda: device_token(path)) == "sync_token_missing"
    path.write_bytes(content)
    assert fault(lambda: device_token(path)) == "sync_token_missing"


def test_a_systemd_credential_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "device-token").write_text(TOKEN)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert device_token(tmp_path / "missing") == TOKEN
