from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import create_server
from threading import Thread

import pytest
import trustme

from kiosk.health.checks.certificate import CHECK, Certificate, judge
from kiosk.health.finding import Level
from tests.health.kiosks import NOW, place


@pytest.mark.parametrize(
    ("seen", "key", "level"),
    [
        (None, "none", Level.ABSENT),
        (Certificate(), "unseen", Level.UNKNOWN),
        (Certificate(refused="certificate has expired"), "refused", Level.BAD),
        (Certificate(timedelta(days=30)), "good", Level.GOOD),
        (Certificate(timedelta(days=29, hours=23)), "ending", Level.WATCH),
        (Certificate(timedelta(days=7)), "ending", Level.WATCH),
        (Certificate(timedelta(days=6, hours=23)), "ending", Level.BAD),
        (Certificate(timedelta(days=-1)), "ending", Level.BAD),
    ],
)
def test_edges(seen: Certificate | None, key: str, level: Level) -> None:
    finding = judge(seen)
    assert (finding.key, finding.level) == (f"health.certificate.{key}", level)


class Server:
    """Shakes hands, and no more."""

    def __init__(self, authority: trustme.CA, ends: datetime) -> None:
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("127.0.0.1", not_after=ends).configure_cert(self._context)
        self._socket = create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        with suppress(OSError), self._socket.accept()[0] as client:
            self._context.wrap_socket(client, server_side=True).close()

    def stop(self) -> None:
        self._socket.close()
        self._thread.join(5)


@pytest.fixture
def authority(tmp_path: Path) -> trustme.CA:
    made = trustme.CA()
    made.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return made


@pytest.fixture
def server(authority: trustme.CA) -> Iterator[Server]:
    running = Server(authority, datetime.now(UTC) + timedelta(days=400))
    yield running
    running.stop()


def test_the_end_of_a_real_certificate_is_read(tmp_path: Path, server: Server) -> None:
    here = place(tmp_path, sync={"url": server.url, "ca_file": tmp_path / "ca.pem"})
    expected = (datetime.now(UTC) + timedelta(days=400) - NOW).days
    days = CHECK(here).figures["days"]
    assert isinstance(days, int)
    assert abs(days - expected) <= 1


def test_another_authority_is_not_believed(tmp_path: Path, server: Server) -> None:
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "other.pem"))
    here = place(tmp_path, sync={"url": server.url, "ca_file": tmp_path / "other.pem"})
    assert CHECK(here).key == "health.certificate.refused"


def test_nobody_there(tmp_path: Path) -> None:
    here = place(tmp_path, sync={"url": "https://127.0.0.1:9"})
    assert CHECK(here).key == "health.certificate.unseen"
