"""Every way central can fail us is a :class:`SyncError` with a sentence."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.clock import Reading
from kiosk.config import SyncSettings
from kiosk.errors import KioskError
from kiosk.locale import LANGUAGES
from kiosk.store.changes import Cursor
from kiosk.sync.client import Client, enrol_device
from kiosk.sync.identity import Identity, load_identity
from tests.sync.conftest import NOON
from wire import EnrolDevice

TOKEN = "a-token-of-some-length"
NOBODY = Identity(UUID(int=1), "K1", Ed25519PrivateKey.generate())


def reading() -> Reading:
    return Reading(NOON)


@contextmanager
def asking(url: str, *, at: datetime = NOON, who: Identity = NOBODY) -> Iterator[Client]:
    """A kiosk whose clock shows ``at``."""
    with closing(Client(SyncSettings(url=url), lambda: Reading(at), lambda: who)) as client:
        yield client


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
    with pytest.raises(KioskError) as raised:
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
def test_a_bad_answer(status: int, body: bytes, headers: dict[str, str], key: str) -> None:
    with answering(status, body, headers) as url, asking(url) as client:
        assert fault(lambda: client.changes(Cursor())) == key


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with asking(f"http://127.0.0.1:{port}") as client:
        assert fault(lambda: client.changes(Cursor())) == "sync_unreachable"


def test_a_missing_authority_file(tmp_path: Path) -> None:
    settings = SyncSettings(url="https://127.0.0.1:9", ca_file=tmp_path / "missing.pem")
    with closing(Client(settings, reading, lambda: NOBODY)) as client:
        assert fault(lambda: client.changes(Cursor())) == "sync_authority"


def test_a_kiosk_central_does_not_know_is_refused(server: Any) -> None:
    known = server.kiosk("K1")
    for who in (NOBODY, Identity(known.device, "K1", NOBODY.key)):
        with asking(server.url, who=who) as client:
            assert fault(lambda: client.changes(Cursor())) == "sync_refused"


def test_a_revoked_kiosk_is_told_so_at_its_next_request(server: Any) -> None:
    with asking(server.url, who=server.kiosk("K1")) as client:
        client.changes(Cursor())
        server.revoke("K1")
        assert fault(lambda: client.changes(Cursor())) == "sync_revoked"


@pytest.mark.parametrize("off", [timedelta(days=-20_000), timedelta(hours=-3), timedelta(days=400)])
def test_a_wrong_clock_signs_by_centrals(server: Any, off: timedelta) -> None:
    with asking(server.url, at=NOON + off, who=server.kiosk("K1")) as client:
        for _ in range(3):
            assert client.changes(Cursor()).as_of == NOON


def test_the_environment_cannot_redirect_or_replace_the_signature(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login thief password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert client.changes(Cursor()).last_seq == 0


# ── becoming a device of the office ───────────────────────────────────────────────────────────


def test_enrolling_makes_a_device_that_central_knows(server: Any, settings: SyncSettings) -> None:
    answer = enrol_device(settings, server.invitation("K2"), reading)
    assert (answer.name, {secret.purpose for secret in answer.secrets}) == (
        "K2",
        {"template", "number"},
    )
    identity = load_identity(settings.device_file)
    assert (identity.device, identity.name) == (answer.device, "K2")
    assert settings.device_file.stat().st_mode & 0o777 == 0o600
    with asking(server.url, who=identity) as client:
        client.changes(Cursor())


def test_a_token_is_good_for_one_device(
    server: Any, settings: SyncSettings, tmp_path: Path
) -> None:
    token = server.invitation("K2")
    enrol_device(settings, token, reading)
    kept = settings.device_file.read_bytes()
    assert fault(lambda: enrol_device(settings, token, reading)) == "sync_token_refused"
    assert fault(lambda: enrol_device(settings, TOKEN, reading)) == "sync_token_refused"
    assert settings.device_file.read_bytes() == kept  # it stays who it was
    other = settings.model_copy(update={"device_file": tmp_path / "other.json"})
    assert fault(lambda: enrol_device(other, token, reading)) == "sync_token_refused"


def test_an_answer_that_was_lost_is_asked_for_again(
    server: Any, settings: SyncSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, enrol = server.invitation("K2"), Client.enrol

    def lose_the_answer(self: Client, asked: EnrolDevice) -> object:
        enrol(self, asked)
        raise self._fault("sync_unreachable", reason="lost")  # pyright: ignore[reportPrivateUsage]

    with monkeypatch.context() as patch:
        patch.setattr(Client, "enrol", lose_the_answer)
        assert fault(lambda: enrol_device(settings, token, reading)) == "sync_unreachable"
    assert fault(lambda: load_identity(settings.device_file)) == "sync_not_enrolled"
    assert enrol_device(settings, token, reading).name == "K2"
    assert load_identity(settings.device_file).name == "K2"


@pytest.mark.parametrize("token", ["", "short", "two words are no token", "xin-chào-máy-chủ"])
def test_what_is_no_token_is_not_tried(settings: SyncSettings, token: str) -> None:
    assert fault(lambda: enrol_device(settings, token, reading)) == "sync_token_malformed"


def test_enrolling_needs_a_server() -> None:
    assert fault(lambda: enrol_device(SyncSettings(), TOKEN, reading)) == "sync_no_server"


def test_without_a_place_for_the_key_the_token_is_not_used_up(
    server: Any, settings: SyncSettings, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    nowhere = settings.model_copy(update={"device_file": tmp_path / "file" / "device.json"})
    token = server.invitation("K2")
    assert fault(lambda: enrol_device(nowhere, token, reading)) == "store_io"
    assert enrol_device(settings, token, reading).name == "K2"


@pytest.mark.parametrize("content", [b"", b"{}", b"two\nlines of it", b"\xff\xfe"])
def test_a_device_file_that_holds_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "device.json"
    assert fault(lambda: load_identity(path)) == "sync_not_enrolled"
    path.write_bytes(content)
    path.chmod(0o600)
    assert fault(lambda: load_identity(path)) == "sync_not_enrolled"


def test_a_device_file_others_may_read_is_not_used(server: Any, settings: SyncSettings) -> None:
    enrol_device(settings, server.invitation("K2"), reading)
    settings.device_file.chmod(0o640)
    assert fault(lambda: load_identity(settings.device_file)) == "sync_key_mode"
