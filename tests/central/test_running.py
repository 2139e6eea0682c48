"""``central serve`` as systemd runs it: several workers, figures, a quiet log, a graceful end."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import requests
import trustme

from central.db.engine import Database
from central.db.models import FIRST_OFFICE, Role
from central.services.devices import add_device
from central.services.lifecycle import close
from central.settings import Settings
from tests.central.conftest import NOON, Listening, postgresql_only, sqlite_only
from tests.central.queueing import Hall

START_S = 120.0
COMMAND = (sys.executable, "-m", "central", "serve")
PERSONAL = "001190012345"


@dataclass(frozen=True, slots=True)
class Served:
    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


Serve = Callable[..., Served]


@pytest.fixture
def serve(settings: Settings, tmp_path: Path) -> Iterator[Serve]:
    begun: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str, ca: Path | None = None) -> Served:
        port = _free_port()
        environment = os.environ | settings.to_environment() | {"PYTHONUNBUFFERED": "1"}
        log = tmp_path / "log"
        with log.open("wb") as said:
            process = subprocess.Popen(
                [*COMMAND, "--port", str(port), "--log-format", "json", *arguments],
                env=environment,
                stderr=said,
                stdout=said,
            )
        begun.append(process)
        url = f"{'https' if ca else 'http'}://127.0.0.1:{port}"
        served = Served(process, url, log)
        give_up = time.monotonic() + START_S
        while not _answers(served, ca):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < give_up, log.read_text()
            time.sleep(0.1)  # of a process that starts: there is nothing to wait on
        return served

    yield start
    for process in begun:
        if process.poll() is None:
            process.terminate()  # not killed: its workers would stay
            process.wait(60)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _answers(served: Served, ca: Path | None) -> bool:
    verify = str(ca) if ca else True
    try:
        return requests.get(f"{served.url}/health/ready", timeout=5, verify=verify).ok
    except requests.RequestException:
        return False


def figure(text: str, pattern: str) -> float:
    return sum(float(value) for value in re.findall(rf"^{pattern} (\S+)$", text, re.MULTILINE))


@pytest.mark.slow
@postgresql_only
def test_workers_answer_for_each_other_and_end_in_peace(serve: Serve, database: Database) -> None:
    with database.writing() as session:
        token = add_device(session, FIRST_OFFICE, "Q1", Role.OFFICE, NOON)
    served = serve("--workers", "2")
    for _ in range(20):
        answer = requests.get(
            f"{served.url}/v1/citizens",
            {"number": PERSONAL},
            headers={"Authorization": f"Bearer {token}"},
            timeout=10,
        )
        assert answer.status_code == 200
    assert requests.get(f"{served.url}/v1/{PERSONAL}", timeout=10).status_code == 404
    text = requests.get(f"{served.url}/metrics", timeout=10).text
    of_citizens = r'central_requests_total\{method="GET",route="/v1/citizens",status="200"\}'
    assert figure(text, of_citizens) == 20, "whichever worker was asked"
    assert figure(text, "central_database_up") == 1
    assert PERSONAL not in text
    assert served.stop() == 0
    told = [line for line in served.lines() if line.get("route") == "/v1/citizens"]
    assert len(told) == 20
    assert {"at", "level", "logger", "message", "method", "route", "status", "ms"} == set(told[0])
    assert PERSONAL not in served.log.read_text()


@pytest.mark.slow
@sqlite_only
def test_sqlite_serves_one_worker_and_says_so(serve: Serve, settings: Settings) -> None:
    served = serve()
    assert requests.get(f"{served.url}/health/live", timeout=10).json() == {"ok": True}
    assert figure(requests.get(f"{served.url}/metrics", timeout=10).text, "central_kiosks") == 0
    assert served.stop() == 0
    refused = subprocess.run(
        [*COMMAND, "--workers", "2"],
        env=os.environ | settings.to_environment(),
        capture_output=True,
        check=False,
    )
    assert refused.returncode == 2
    assert len(refused.stderr.decode().strip().splitlines()) == 2


@pytest.mark.slow
@sqlite_only
def test_those_who_watch_do_not_hold_up_the_end(
    serve: Serve, database: Database, settings: Settings
) -> None:
    hall = Hall(database, datetime.now(ZoneInfo(settings.timezone)).date())
    reference = hall.row(hall.ticket()).reference
    served = serve()
    with requests.get(f"{served.url}/t/{reference}/events", stream=True, timeout=30) as stream:
        lines = stream.iter_lines()
        assert next(line for line in lines if line.startswith(b"event:")) == b"event: turn"
        assert served.stop() == 0
        assert list(lines)[-1:] in ([], [b""]), "it ended as a stream ends"
    assert "graceful shutdown exceeded" not in served.log.read_text()


@pytest.mark.slow
@sqlite_only
def test_it_serves_over_tls_by_itself(serve: Serve, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_pem.write_to_path(tmp_path / "server.key")
    for each in issued.cert_chain_pems:
        each.write_to_path(tmp_path / "server.pem", append=True)
    files = {"certificate": tmp_path / "server.pem", "key": tmp_path / "server.key"}
    served = serve(
        *(f"--tls-{name}={path}" for name, path in files.items()), ca=tmp_path / "ca.pem"
    )
    assert served.url.startswith("https:")
    answer = requests.get(f"{served.url}/login", timeout=10, verify=str(tmp_path / "ca.pem"))
    assert answer.status_code == 200
    assert "max-age" in answer.headers["Strict-Transport-Security"]
    with pytest.raises(requests.ConnectionError):
        requests.get(served.url.replace("https", "http"), timeout=10)
    assert served.stop() == 0


def test_figures_are_not_for_everybody(server: Listening, http: requests.Session) -> None:
    url = f"{server.url}/metrics"
    assert http.get(url, timeout=10).status_code == 200
    # As a proxy passes it on; uvicorn believes a proxy on this machine.
    from_afar = {"X-Forwarded-For": "203.0.113.7"}
    assert http.get(url, headers=from_afar, timeout=10).status_code == 403


def test_who_waits_is_told_by_office(
    server: Listening, database: Database, elsewhere: int, http: requests.Session
) -> None:
    for office, tickets in ((FIRST_OFFICE, 1), (elsewhere, 2)):
        hall = Hall(database, office=office)
        for _ in range(tickets):
            hall.ticket("land")
    with database.writing() as session:
        close(session, elsewhere, NOON)
    told = http.get(f"{server.url}/metrics", timeout=10).text
    for number, (waiting, is_open, name) in {"1": (1, 1, ""), "2": (2, 0, "Phường bên")}.items():
        of = rf'central_tickets_waiting\{{field="land",office="{number}"\}}'
        assert figure(told, of) == waiting
        of = rf'central_office_open\{{name="{name}",office="{number}"\}}'
        assert figure(told, of) == is_open
