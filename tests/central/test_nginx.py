"""The example of nginx in front of central, as it stands in docs/examples, in a real nginx."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import trustme

from tests.central.conftest import DeviceKey, Listening, sqlite_only

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "nginx-central.conf"
AROUND = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  {site}
}}
"""


class Front:
    def __init__(self, plain: int, tls: int, ca: Path) -> None:
        self.plain, self.tls = f"http://127.0.0.1:{plain}", f"https://127.0.0.1:{tls}"
        self.session = requests.Session()
        self.session.trust_env = False  # else a bundle in the environment counts
        self.session.verify = str(ca)

    def get(self, path: str, **more: Any) -> requests.Response:
        return self.session.get(self.tls + path, timeout=20, **more)


@pytest.fixture
def front(server: Listening, tmp_path: Path) -> Iterator[Front]:
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin")
    assert nginx, "apt-get install nginx-light (scripts/setup.sh does)"
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1", "central.example.vn")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    issued.private_key_and_cert_chain_pem.write_to_path(tmp_path / "server.pem")
    plain, tls = _free_port(), _free_port()
    site = EXAMPLE.read_text()
    for said, meant in (
        ("/etc/central/tls/server.pem", str(tmp_path / "server.pem")),
        ("/etc/central/tls/server.key", str(tmp_path / "server.pem")),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("listen 443 ssl", f"listen 127.0.0.1:{tls} ssl"),
        ("http://127.0.0.1:8080", server.url),
    ):
        assert said in site
        site = site.replace(said, meant)
    conf = tmp_path / "nginx.conf"
    conf.write_text(AROUND.format(folder=tmp_path, site=site))
    process = subprocess.Popen([nginx, "-c", str(conf), "-p", str(tmp_path)])
    made = Front(plain, tls, tmp_path / "ca.pem")
    give_up = time.monotonic() + 30
    while not _listens(tls):
        assert process.poll() is None, (tmp_path / "error.log").read_text()
        assert time.monotonic() < give_up
        time.sleep(0.05)  # of a process that starts: there is nothing to wait on
    yield made
    made.session.close()
    process.terminate()
    process.wait(20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.slow
@sqlite_only
def test_the_example_serves_central_as_it_should(
    front: Front, key: DeviceKey, issued: Callable[..., dict[str, Any]]
) -> None:
    sent_on = front.session.get(f"{front.plain}/login", timeout=20, allow_redirects=False)
    assert (sent_on.status_code, sent_on.headers["Location"][:8]) == (301, "https://")
    health = front.get("/v1/health")
    assert health.json() == {"ok": True}
    assert "max-age" in health.headers["Strict-Transport-Security"], "central knows it is TLS"
    assert front.get("/metrics").status_code == 404
    event = issued(1)
    signed = {"Authorization": f"Bearer {key.sign()}"}
    sent = {"json": {"events": [event]}, "headers": signed, "timeout": 20}
    assert front.session.post(f"{front.tls}/v1/events", **sent).json()["stored"] == [event["id"]]
    path = f"/t/{event['body']['reference']}/events"
    with front.get(path, stream=True) as stream:
        assert stream.status_code == 200
        first = next(line for line in stream.iter_lines() if line)
    assert first, "what happens is shown at once, not when a buffer is full"
