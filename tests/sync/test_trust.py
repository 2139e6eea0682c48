"""TLS to central: whose certificate is believed, and when, also by a kiosk that knows no date."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from uuid import UUID

import pytest
import trustme
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.clock import Reading
from kiosk.config import SyncSettings
from kiosk.errors import SyncError
from kiosk.store.changes import Cursor
from kiosk.sync.client import Client
from kiosk.sync.identity import Identity
from wire import Changes

NOW = datetime.now(UTC).replace(microsecond=0)
NEVER_SET = datetime(1970, 1, 1, 0, 5, tzinfo=UTC)
ME = Identity(UUID(int=1), "K1", Ed25519PrivateKey.generate())


@contextmanager
def central(certificate: trustme.LeafCert, *, keeps: bool = False) -> Iterator[str]:
    """Answers one question over TLS, and says what time it is; ``keeps`` the connection."""

    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1" if keeps else "HTTP/1.0"

        def do_GET(self) -> None:
            body = Changes(as_of=NOW, last_seq=0, fields=()).model_dump_json().encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def date_time_string(self, timestamp: float | None = None) -> str:
            return super().date_time_string(NOW.timestamp())

        def log_message(self, *_: object) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
            """Nobody reads it."""

    class Server(HTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """A client that does not trust us hangs up."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    with Server(("127.0.0.1", 0), Answers) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"https://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def ask(url: str, authority: trustme.CA | None, folder: Path, clock: Reading) -> Changes:
    pem = folder / "ca.pem"
    if authority is not None:
        authority.cert_pem.write_to_path(str(pem))
    settings = SyncSettings(url=url, ca_file=pem if authority else None)
    with closing(Client(settings, lambda: clock, lambda: ME)) as client:
        return client.changes(Cursor())


def refusal(url: str, authority: trustme.CA | None, folder: Path, clock: Reading) -> str:
    with pytest.raises(SyncError) as error:
        ask(url, authority, folder, clock)
    return error.value.key


@pytest.fixture(scope="module")
def office() -> trustme.CA:
    return trustme.CA()


def test_the_offices_own_authority_is_believed(office: trustme.CA, tmp_path: Path) -> None:
    with central(office.issue_cert("127.0.0.1")) as url:
        assert ask(url, office, tmp_path, Reading(NOW)).as_of == NOW


def test_no_other_authority_is(office: trustme.CA, tmp_path: Path) -> None:
    with central(trustme.CA().issue_cert("127.0.0.1")) as url:
        assert refusal(url, office, tmp_path, Reading(NOW)) == "sync_not_trusted"
        assert refusal(url, None, tmp_path, Reading(NOW)) == "sync_not_trusted"


def test_nor_a_certificate_for_somebody_else(office: trustme.CA, tmp_path: Path) -> None:
    with central(office.issue_cert("portal.example")) as url:
        assert refusal(url, office, tmp_path, Reading(NOW)) == "sync_not_trusted"


def test_a_kiosk_without_a_date_goes_by_centrals(office: trustme.CA, tmp_path: Path) -> None:
    undated = Reading(NEVER_SET, certain=False)
    with central(office.issue_cert("127.0.0.1")) as url:
        assert ask(url, office, tmp_path, undated).as_of == NOW


@pytest.mark.parametrize("keeps", [True, False])
@pytest.mark.parametrize("certain", [True, False])
def test_an_old_certificate_helps_nobody(
    office: trustme.CA, tmp_path: Path, certain: bool, keeps: bool
) -> None:
    old = office.issue_cert("127.0.0.1", not_after=NOW - timedelta(days=1))
    clock = Reading(NOW if certain else NEVER_SET, certain=certain)
    with central(old, keeps=keeps) as url:
        assert refusal(url, office, tmp_path, clock) == "sync_not_trusted"
