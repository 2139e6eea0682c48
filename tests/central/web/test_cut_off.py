"""The board when the server stops and comes back: it says so, goes on by itself, and misses no
call."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import requests
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from central.db.accounts import User, UserRole
from central.db.engine import Database
from central.db.models import Ticket
from central.db.queue import Outcome
from central.services import serving
from central.services.signing_in import begin_anew
from central.settings import Settings
from tests.central.conftest import sqlite_only
from tests.central.queueing import Hall, desk

START_S = 120.0
pytestmark = [pytest.mark.slow, sqlite_only]


@contextmanager
def running(settings: Settings, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """``central serve`` as a process of its own, ready."""
    program = str(Path(sys.executable).with_name("central"))
    command = [program, "serve", "--port", str(port), "--database", settings.database]
    process = subprocess.Popen([*command, "--key-file", str(settings.key_file)])
    try:
        give_up = time.monotonic() + START_S
        while not answers(port):
            assert process.poll() is None
            assert time.monotonic() < give_up
            time.sleep(0.1)  # of a process that starts: there is nothing to wait on
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/v1/health", timeout=5).ok
    except requests.ConnectionError:
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def calls(hall: Hall, ticket: Callable[[Session], Ticket | None]) -> str:
    with hall.database.writing() as session:
        called = ticket(session)
        assert called is not None
        number = called.number
        today = called.day
        done = (Outcome.SERVED, today, datetime.now(UTC))
        serving.finish(session, desk(session, 9), called.id, *done)
    return number


def wall_of(chromium: Browser, url: str, token: str) -> Page:
    context = chromium.new_context(base_url=url)
    context.add_cookies([{"name": "central", "value": token, "url": url}])
    page = context.new_page()
    page.goto("/display")
    return page


def test_a_restart_is_seen_and_nothing_is_missed(
    chromium: Browser,
    database: Database,
    settings: Settings,
    user: Callable[..., int],
) -> None:
    today = datetime.now(ZoneInfo(settings.timezone)).date()
    hall = Hall(database, today)
    hall.officer(9, hall.counter("1"))
    for _ in range(3):
        hall.ticket("civil")
    screen = user(UserRole.DISPLAY)
    with database.writing() as session:
        token = begin_anew(session, session.get_one(User, screen), datetime.now(UTC))

    def following(session: Session) -> Ticket | None:
        return serving.call_next(session, desk(session, 9), today, datetime.now(UTC))

    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with running(settings, port) as server:
        page = wall_of(chromium, url, token)
        first = calls(hall, following)
        expect(page.locator(".newest")).to_contain_text(first)
        os.kill(server.pid, signal.SIGKILL)
        expect(page.locator("#lost")).to_be_visible(timeout=15_000)
        expect(page.locator(".newest")).to_contain_text(first)
        missed = calls(hall, following)
    with running(settings, port):
        expect(page.locator(".newest")).to_contain_text(missed, timeout=20_000)
        expect(page.locator("#lost")).to_be_hidden()
        expect(page.locator("body")).to_have_attribute("data-calls", "2", timeout=30_000)
        third = calls(hall, following)
        expect(page.locator(".newest")).to_contain_text(third)
        expect(page.locator("body")).to_have_attribute("data-calls", "3", timeout=30_000)
    page.context.close()
