"""Papers that come later: after a crash, and because the staff asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from kiosk import app, config, eventloop
from kiosk.clock import Reading
from kiosk.config import Settings
from kiosk.printer.virtual import Fault, VirtualPrinter
from kiosk.store.citizens import Citizens
from kiosk.store.clock import office_clock
from kiosk.store.database import Database
from kiosk.store.keys import key_for
from kiosk.store.records import Records
from kiosk.sync.exchange import Exchanger
from kiosk.visit.state import Phase
from tests.e2e.door import Door, Steps, run_kiosk
from tests.e2e.test_trouble import QUICK, REPOSITORY, but
from tests.sync.conftest import Server

pytestmark = pytest.mark.slow


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[VirtualPrinter]:
    with VirtualPrinter("127.0.0.1", 0, tmp_path / "paper") as printer:
        yield printer


@pytest.fixture
def settings(tmp_path: Path, printer: VirtualPrinter, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    monkeypatch.setattr(eventloop, "_CONSULT_S", 0.1)
    return but(
        config.load(REPOSITORY / "config.toml"),
        camera={"source": "none"},
        printer={"device": f"network:127.0.0.1:{printer.port}"},
        screen={"fullscreen": False, "reduced_motion": True},
        visit=QUICK,
        store={"path": tmp_path / "kiosk.db", "key_file": tmp_path / "kiosk.key"},
    )


class Office:
    """Central as the kiosk's sync and the staff's software see it."""

    def __init__(self, folder: Path, settings: Settings, session: requests.Session) -> None:
        self._server = Server(folder, now=lambda: datetime.now(UTC))
        self._desk = {"Authorization": f"Bearer {self._server.desk('Q1')}"}
        self._settings, self._session = settings, session
        self._client = self._server.client("K1")

    def exchange(self) -> None:
        """What the sync service does every few seconds."""
        with Database.open(self._settings.store.path, key_for(self._settings.store)) as db:
            citizens = Citizens(db, self._settings.privacy, lambda: Reading(datetime.now(UTC)))
            Exchanger(db, citizens, self._client, lambda: datetime.now(UTC)).once()

    def ask(self, method: str, path: str) -> Any:
        url = f"{self._server.url}/v1/{path}"
        return self._session.request(method, url, headers=self._desk, timeout=10).json()

    def stop(self) -> None:
        self._client.close()
        self._server.stop()


@pytest.fixture
def office(tmp_path: Path, settings: Settings) -> Iterator[Office]:
    with requests.Session() as session:
        opened = Office(tmp_path, settings, session)
        yield opened
        opened.stop()


def _takes_a_ticket(door: Door) -> Steps:
    yield lambda: door.is_at(Phase.ATTRACT)
    door.presses("start")
    yield lambda: door.is_at(Phase.CHOOSE)
    door.presses("field:chung_thuc")
    yield lambda: door.is_at(Phase.TICKET)


def test_the_staff_see_who_has_no_paper_and_have_it_printed_again(
    settings: Settings,
    tmp_path: Path,
    printer: VirtualPrinter,
    office: Office,
    expected_warnings: list[str],
) -> None:
    expected_warnings += ["printer bad printer_paper_out", "failed printer_paper_out"]
    printer.set_fault(Fault.PAPER_OUT)

    def one_comes(door: Door) -> Steps:
        yield lambda: door.visit.machine.printer == "bad"
        yield from _takes_a_ticket(door)
        assert door.visit.printed == "failed"
        yield lambda: door.is_at(Phase.ATTRACT)
        office.exchange()
        [without] = office.ask("GET", "tickets/without-paper")["items"]
        assert (without["number"], without["printed"]) == ("C001", "failed")
        [told] = office.ask("GET", "printers")
        assert (told["kiosk"], told["state"], told["reason"]) == ("K1", "bad", "printer_paper_out")

        printer.set_fault(Fault.PAPER_OUT, on=False)
        yield lambda: door.visit.machine.printer == "ok"
        office.ask("POST", f"tickets/{without['id']}/reprint")
        office.exchange()
        yield lambda: door.visit.machine.other_paper == "C001"
        assert door.notice is not None
        assert "C001" in door.notice[0]
        office.exchange()

    run_kiosk(settings, tmp_path, one_comes)
    assert office.ask("GET", "tickets/without-paper")["items"] == []
    [ticket] = office.ask("GET", "tickets")["items"]
    assert (ticket["printed"], ticket["reprinted"]) == ("printed", True)
    assert printer.tickets == 1


def test_what_a_crash_left_is_printed_at_the_next_start_and_only_once(
    settings: Settings, tmp_path: Path, printer: VirtualPrinter
) -> None:
    with Database.open(settings.store.path, key_for(settings.store)) as db:
        Records(db, settings, office_clock(db)).tickets.issue("chung_thuc", None, "hand")

    def nobody_comes(door: Door) -> Steps:
        yield lambda: door.visit.machine.other_paper == "C001"

    run_kiosk(settings, tmp_path, nobody_comes)

    def another_comes(door: Door) -> Steps:
        yield from _takes_a_ticket(door)
        yield lambda: door.is_at(Phase.ATTRACT)

    door = run_kiosk(settings, tmp_path, another_comes)
    assert [visit.ticket for visit in door.visits] == ["C002"]
    assert printer.tickets == 2


def test_out_of_hours_nobody_gets_a_number(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "office_clock", lambda _db: lambda: Reading(datetime.now(UTC)))
    never = config.Settings.model_validate(
        settings.model_dump(mode="json")
        | {"office": settings.office.model_dump(mode="json") | {"hours": {}}}
    )

    def one_comes(door: Door) -> Steps:
        yield lambda: door.reads("question") == "Ngoài giờ làm việc"
        door.presses("start")
        door.presses("language")
        assert door.is_at(Phase.ATTRACT)
        assert door.reads("tiles") == []
        yield lambda: True

    run_kiosk(never, tmp_path, one_comes)
