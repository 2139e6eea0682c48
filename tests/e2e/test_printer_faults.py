"""The fault table: whatever happens to the printer, whenever, nobody is left without a number.

One kiosk, one virtual printer and a real central server live through every row in turn; then each
row is looked at from the screen, the paper, the kiosk's database and central.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import requests
from PIL import Image

from kiosk import attendant, config, eventloop
from kiosk.clock import Reading
from kiosk.config import Settings
from kiosk.locale import catalogue
from kiosk.printer import spool
from kiosk.printer.template import TicketTemplate
from kiosk.printer.ticket import TicketFace
from kiosk.printer.virtual import Fault, VirtualPrinter, When
from kiosk.store.citizens import Citizens
from kiosk.store.database import Database
from kiosk.store.keys import key_for
from kiosk.sync.exchange import Exchanger
from kiosk.visit import machine
from kiosk.visit.state import Machine, Phase
from tests.e2e.door import Door, Steps, run_kiosk
from tests.e2e.test_trouble import REPOSITORY, but
from tests.sync.conftest import Server

pytestmark = pytest.mark.slow

Outcome = tuple[str, str]
"""Printed, uncertain or failed, and why."""
Heard = tuple[str, str, bool]
"""The same, and whether the paper says that it is a reprint."""


@dataclass(frozen=True)
class Row:
    """What should come of one fault at one time."""

    fault: Fault
    when: When
    outcome: Outcome
    """Of the ticket, on the screen and at first at central."""
    papers: str
    """In order: ``W`` whole, ``P`` in part, ``R`` whole and marked as a reprint."""
    state: tuple[str, str]
    """What the printer says of itself while the fault lasts."""

    @property
    def owed(self) -> bool:
        return "R" in self.papers

    @property
    def heard(self) -> list[Heard]:
        first = (*self.outcome, False)
        return [first, ("printed", "", True)] if self.owed else [first]


OUT = ("bad", "printer_paper_out")
OPEN = ("bad", "printer_cover_open")
OFF_LINE = ("bad", "printer_offline")
OFF = ("bad", "printer_unreachable")
SILENT = ("unknown", "printer_silent")
NONSENSE = ("unknown", "printer_garbled")
GONE = ("unknown", "printer_hung_up")
NEAR_END = ("ok", "printer_near_end")
WELL = ("ok", "")
PRINTED = ("printed", "")

# fmt: off
TABLE = [
    # Before a ticket: what the printer says is bad moves no paper; a doubt is tried.
    Row(Fault.PAPER_OUT,      "now", ("failed", "printer_paper_out"),    "",  OUT),
    Row(Fault.COVER_OPEN,     "now", ("failed", "printer_cover_open"),   "",  OPEN),
    Row(Fault.OFFLINE,        "now", ("failed", "printer_offline"),      "",  OFF_LINE),
    Row(Fault.POWER_CYCLE,    "now", ("failed", "printer_unreachable"),  "",  OFF),
    Row(Fault.HANG_UP,        "now", ("failed", "printer_hung_up"),      "",  GONE),
    Row(Fault.NEAR_END,       "now", ("printed", "printer_near_end"),    "W", NEAR_END),
    Row(Fault.SLOW,           "now", PRINTED,                            "W", WELL),
    Row(Fault.SILENT,         "now", ("uncertain", "printer_silent"),    "W", SILENT),
    Row(Fault.GARBAGE,        "now", ("uncertain", "printer_garbled"),   "W", NONSENSE),
    Row(Fault.DIE_MID_TICKET, "now", ("uncertain", "printer_silent"),    "",  SILENT),
    # During one: the citizen is told at once, and the whole ticket comes when the printer is well.
    # One that prints on and talks nonsense is left to the staff.
    Row(Fault.PAPER_OUT,      "mid_ticket", ("uncertain", "printer_paper_out"),   "PR", OUT),
    Row(Fault.COVER_OPEN,     "mid_ticket", ("uncertain", "printer_cover_open"),  "PR", OPEN),
    Row(Fault.OFFLINE,        "mid_ticket", ("uncertain", "printer_offline"),     "PR", OFF_LINE),
    Row(Fault.POWER_CYCLE,    "mid_ticket", ("uncertain", "printer_interrupted"), "PR", OFF),
    Row(Fault.HANG_UP,        "mid_ticket", ("uncertain", "printer_interrupted"), "PR", GONE),
    Row(Fault.NEAR_END,       "mid_ticket", ("printed", "printer_near_end"),      "W",  NEAR_END),
    Row(Fault.SLOW,           "mid_ticket", PRINTED,                              "W",  WELL),
    Row(Fault.SILENT,         "mid_ticket", ("uncertain", "printer_silent"),      "PR", SILENT),
    Row(Fault.GARBAGE,        "mid_ticket", ("uncertain", "printer_garbled"),     "W",  NONSENSE),
    Row(Fault.DIE_MID_TICKET, "mid_ticket", ("uncertain", "printer_silent"),      "PR", SILENT),
    # After one: confirmed and said to be bad, it is printed; followed by nothing sensible, it may
    # not have been confirmed.
    Row(Fault.PAPER_OUT,      "after_ticket", PRINTED,                              "W", OUT),
    Row(Fault.COVER_OPEN,     "after_ticket", PRINTED,                              "W", OPEN),
    Row(Fault.OFFLINE,        "after_ticket", PRINTED,                              "W", OFF_LINE),
    Row(Fault.POWER_CYCLE,    "after_ticket", ("uncertain", "printer_interrupted"), "W", OFF),
    Row(Fault.HANG_UP,        "after_ticket", ("uncertain", "printer_interrupted"), "W", GONE),
    Row(Fault.NEAR_END,       "after_ticket", ("printed", "printer_near_end"),      "W", NEAR_END),
    Row(Fault.SLOW,           "after_ticket", PRINTED,                              "W", WELL),
    Row(Fault.SILENT,         "after_ticket", ("uncertain", "printer_silent"),      "W", SILENT),
    Row(Fault.GARBAGE,        "after_ticket", ("uncertain", "printer_garbled"),     "W", NONSENSE),
    Row(Fault.DIE_MID_TICKET, "after_ticket", ("uncertain", "printer_silent"),      "W", SILENT),
]
# fmt: on


@dataclass
class Seen:
    """What was seen of one row."""

    notice_before: dict[str, str] | None = None
    phases: list[Phase] = field(default_factory=list[Phase])
    outcome: tuple[str | None, str] = (None, "")
    page: str = ""
    notice: dict[str, str] | None = None
    ticket: dict[str, str] = field(default_factory=dict[str, str])
    announced: bool = False
    """The screen said whose paper came out later."""
    papers: str = ""
    events: tuple[int, int] = (0, 0)
    """Sequence numbers of the first event and of the one after the last."""


@dataclass
class Day:
    """All rows, one after the other."""

    folder: Path
    printer: VirtualPrinter
    rows: list[Seen] = field(default_factory=list[Seen])
    stored: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    tickets: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    without_paper: set[str] = field(default_factory=set[str])
    events: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    printers: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    drawn: dict[tuple[str, bool], Image.Image] = field(
        default_factory=dict[tuple[str, bool], Image.Image]
    )

    def paper(self, n: int, number: str) -> str:
        """What the ``n``-th paper shows."""
        with Image.open(self.printer.file(n)) as png:
            found = np.asarray(png.convert("1"))
        for again, letter in ((False, "W"), (True, "R")):
            drawn = self.drawn.get((number, again))
            if drawn is not None and np.array_equal(found, np.asarray(drawn)):
                return letter
        return "P"


def _settings(folder: Path, printer: VirtualPrinter) -> Settings:
    return but(
        config.load(REPOSITORY / "config.toml"),
        camera={"source": "none"},
        printer={"device": f"network:127.0.0.1:{printer.port}", "timeout_s": 0.5, "dots": 384},
        ticket={"blocks": ("number",)},
        screen={"fullscreen": False, "reduced_motion": True},
        visit={"confirm_s": 0.02, "ticket_s": 0.1, "photograph_s": 0.1, "thanks_s": 0.02},
        store={"path": folder / "kiosk.db", "key_file": folder / "kiosk.key"},
    )


def _live_through(day: Day, row: Row, door: Door) -> Steps:
    seen, printer = Seen(), day.printer
    day.rows.append(seen)
    records = door.kiosk.attendant._parts.records
    assert records is not None

    def next_event() -> int:
        [[seq]] = records._db.rows("SELECT coalesce(max(seq), 0) + 1 FROM outbox")
        return seq

    def parts() -> Machine:
        return door.visit.machine

    def says_so() -> bool:
        return (parts().printer, parts().printer_reason) == row.state

    yield lambda: door.is_at(Phase.ATTRACT) and parts().printer == "ok"
    first, papers = next_event(), printer.tickets
    door.phases.clear()
    printer.set_fault(row.fault, when=row.when)
    if row.when == "now":
        yield says_so
        seen.notice_before = cast("dict[str, str] | None", door.reads("notice"))
    door.presses("start")
    yield lambda: door.is_at(Phase.CHOOSE)
    door.presses("field:chung_thuc")
    yield lambda: door.is_at(Phase.TICKET)
    seen.outcome = (door.visit.printed, door.visit.trouble)
    seen.page = cast(str, door.reads("page"))
    seen.notice = cast("dict[str, str] | None", door.reads("notice"))
    seen.ticket = cast("dict[str, str]", door.reads("ticket"))
    yield says_so
    yield lambda: door.is_at(Phase.ATTRACT)
    printer.set_fault(row.fault, on=False)
    number = seen.ticket["number"]
    if row.owed:
        yield lambda: parts().other_paper == number
        seen.announced = number in cast("dict[str, str]", door.reads("notice"))["what"]
        yield lambda: not parts().other_paper
    yield lambda: (parts().printer, parts().printer_reason) == WELL
    seen.phases = list(door.phases)
    seen.papers = "".join(day.paper(n, number) for n in range(papers + 1, printer.tickets + 1))
    seen.events = (first, next_event())


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    folder = tmp_path_factory.mktemp("faults")
    really_render = eventloop.render
    with ExitStack() as stack:
        printer = stack.enter_context(VirtualPrinter("127.0.0.1", 0, folder / "paper"))
        day = Day(folder, printer)

        def render(face: TicketFace, template: TicketTemplate) -> Image.Image:
            day.drawn[face.number, face.reprint] = picture = really_render(face, template)
            return picture

        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.delenv("CREDENTIALS_DIRECTORY", raising=False)
        patch.setattr(eventloop, "render", render)
        patch.setattr(eventloop, "_CONSULT_S", 0.0)
        patch.setattr(attendant, "PRINTER_TOLD_S", 0.0)
        patch.setattr(machine, "OTHER_PAPER_NOTED_S", 0.3)
        patch.setattr(spool, "_POLL_S", 0.1)
        settings = _settings(folder, printer)

        def thirty_come(door: Door) -> Steps:
            for row in TABLE:
                yield from _live_through(day, row, door)

        run_kiosk(settings, folder, thirty_come)
        with Database.open(settings.store.path, key_for(settings.store)) as db:
            day.stored = [dict(row) for row in db.rows("SELECT * FROM ticket ORDER BY seq")]
            central = Server(folder, now=lambda: datetime.now(UTC))
            stack.callback(central.stop)
            _tell_central(day, db, settings, central)
        yield day


def _tell_central(day: Day, db: Database, settings: Settings, central: Server) -> None:
    office = central.desk("Q1")
    citizens = Citizens(db, settings.privacy, lambda: Reading(datetime.now(UTC)))
    with requests.Session() as session, closing(central.client("K1")) as client:
        exchanger = Exchanger(db, citizens, client, lambda: datetime.now(UTC))
        while exchanger.once().sent:
            pass

        def read(path: str) -> Any:
            headers = {"Authorization": f"Bearer {office}"}
            url = f"{central.url}/v1/{path}"
            return session.get(url, headers=headers, params={"limit": 1000}, timeout=10).json()

        day.tickets = read("tickets")["items"]
        day.events = read("events")["items"]
        day.printers = read("printers")
        day.without_paper = {t["number"] for t in read("tickets/without-paper")["items"]}


@pytest.fixture(autouse=True)
def _faults_are_logged(expected_warnings: list[str]) -> None:
    expected_warnings += [r"printer (bad|unknown|ok) printer_", r"ticket .+: (failed|uncertain)"]


@pytest.fixture
def seen(day: Day, row: Row) -> Seen:
    return day.rows[TABLE.index(row)]


every_row = pytest.mark.parametrize(
    "row", TABLE, ids=[f"{row.fault}-{row.when.split('_')[0]}" for row in TABLE]
)


def test_the_table_is_whole() -> None:
    assert {(row.fault, row.when) for row in TABLE} == {
        (fault, when) for fault in Fault for when in ("now", "mid_ticket", "after_ticket")
    }
    assert len(TABLE) == 30


@every_row
def test_the_screen_says_what_became_of_the_ticket(row: Row, seen: Seen) -> None:
    outcome, reason = row.outcome
    assert seen.phases[:4] == [Phase.CHOOSE, Phase.CONFIRM, Phase.PRINT, Phase.TICKET]
    assert seen.outcome == (outcome, "" if outcome == "printed" else reason)
    assert seen.page == "ticket"
    assert seen.ticket["number"]
    assert seen.ticket["qr"]
    words = catalogue("vi")
    if outcome == "printed":
        assert seen.notice is None
    else:
        assert seen.notice is not None
        assert seen.notice["what"] == words[f"screen.notice.{outcome}"]
        assert "báo nhân viên" in seen.notice["do"]
    assert seen.announced == row.owed


@every_row
def test_before_the_ticket_the_screen_says_that_there_may_be_no_paper(row: Row, seen: Seen) -> None:
    state, reason = row.state
    if row.when != "now" or state != "bad":
        return
    words = catalogue("vi")
    assert seen.notice_before is not None
    general = words["screen.notice.printer"]
    assert seen.notice_before["what"] == words.get(f"screen.notice.{reason}", general)


@every_row
def test_what_comes_out_of_the_printer(row: Row, seen: Seen) -> None:
    assert seen.papers == row.papers
    assert seen.papers.count("W") <= 1


@every_row
def test_the_number_exists_once(row: Row, seen: Seen, day: Day) -> None:
    number = seen.ticket["number"]
    assert [t["number"] for t in day.stored].count(number) == 1
    assert [t["number"] for t in day.tickets].count(number) == 1
    [stored] = [ticket for ticket in day.stored if ticket["number"] == number]
    assert (stored["printing"], stored["print_reason"]) == row.heard[-1][:2]
    assert stored["reprints"] == row.owed


@every_row
def test_central_hears_what_became_of_the_ticket(row: Row, seen: Seen, day: Day) -> None:
    first, after = seen.events
    bodies = [event["body"] for event in day.events if first <= event["seq"] < after]
    heard = [
        (body["outcome"], body["reason"], body["again"])
        for body in bodies
        if body["kind"] == "ticket_printed"
    ]
    assert heard == row.heard
    [ticket] = [t for t in day.tickets if t["number"] == seen.ticket["number"]]
    outcome, reason, again = row.heard[-1]
    assert (ticket["printed"], ticket["print_reason"]) == (outcome, reason)
    assert ticket["reprinted"] == again
    assert (ticket["number"] in day.without_paper) == (outcome != "printed")
    states = [(b["state"], b["reason"]) for b in bodies if b["kind"] == "printer_changed"]
    assert row.state == WELL or row.state in states


def test_numbers_leave_no_gap(day: Day) -> None:
    assert [t["number"] for t in day.stored] == [f"C{n:03d}" for n in range(1, 31)]


def test_central_knows_in_the_end_that_the_printer_is_well(day: Day) -> None:
    [printer] = day.printers
    assert (printer["kiosk"], printer["state"], printer["reason"]) == ("K1", "ok", "")
