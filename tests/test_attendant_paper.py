"""The attendant between the printer, the records and whoever is served."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from kiosk.attendant import PRINTER_TOLD_S
from kiosk.clock import SceneClock
from kiosk.config import PriorityClass, Settings
from kiosk.config_office import Bilingual, Hours
from kiosk.printer.spool import Job, Spool
from kiosk.printer.status import PrinterStatus
from kiosk.printer.virtual import Fault, VirtualPrinter
from kiosk.store import outbox
from kiosk.store.changes import keep_changes
from kiosk.store.database import Database
from kiosk.ui.view import screen
from kiosk.visit.events import PrinterState, Way
from kiosk.visit.state import Phase
from wire import Changes, PrinterChanged, Reprint, TicketIssued, TicketPrinted

from .attending import KEY, MORNING, SETTINGS, Paper, Scene


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with Database.open(tmp_path / "kiosk.db", KEY) as opened:
        yield opened


def _told(db: Database) -> list[tuple[str, str]]:
    """What central is told about the printer."""
    bodies = [event.body for event in outbox.pending(db, 200)]
    return [(b.state, b.reason) for b in bodies if isinstance(b, PrinterChanged)]


def _asks_for(scene: Scene, field: str, track: int = 1) -> None:
    scene.shows(0.5, track=track)
    scene.attendant.picked(f"field:{field}", Way.TOUCH)
    scene.shows(1.7, track=track)


# ── paper ─────────────────────────────────────────────────────────────────────────────────────


def test_what_a_crash_kept_from_the_printer_is_printed_after_the_restart(db: Database) -> None:
    before = Scene(db)
    _asks_for(before, "ho_tich")
    [lost] = before.world.papers
    after = Scene(db)
    after.attendant.resume()
    assert after.world.papers == [Paper(lost.ticket, None, again=False)]
    after.attendant.printed(lost.ticket.id, "printed", "")
    assert after.attendant.visit.machine.other_paper == lost.ticket.number


def test_what_may_have_been_printed_before_a_crash_is_left_to_the_staff(db: Database) -> None:
    before = Scene(db)
    _asks_for(before, "ho_tich")
    before.attendant.sending(before.world.papers[0].ticket.id)
    after = Scene(db)
    after.attendant.resume()
    assert after.world.papers == []
    [row] = db.rows("SELECT printing, print_reason FROM ticket")
    assert tuple(row) == ("uncertain", "restart")


def test_a_reprint_the_staff_ask_for_is_printed_once_however_often_it_is_heard(
    db: Database,
) -> None:
    scene = Scene(db)
    ticket = scene.takes_a_ticket("ho_tich")
    scene.shows(3, track=None)
    wanted = Reprint(id=uuid4(), ticket=ticket.id)  # type: ignore[arg-type]
    unheard_of = Reprint(id=uuid4(), ticket=uuid4())
    said = Changes(as_of=MORNING, last_seq=0, fields=(), reprints=(wanted, unheard_of))
    assert scene.records is not None
    citizens = scene.records.citizens
    for _ in range(3):
        keep_changes(db, citizens, said, MORNING)
        scene.attendant.consult()
    assert [paper.again for paper in scene.world.papers] == [False, True]
    assert scene.world.papers[1] == Paper(ticket, None, again=True)
    scene.attendant.sending(ticket.id)
    scene.attendant.printed(ticket.id, "printed", "", again=True)
    keep_changes(db, citizens, said, MORNING)
    scene.attendant.consult()
    assert len(scene.world.papers) == 2
    assert scene.attendant.visit.machine.other_paper == ticket.number
    printed = [e.body for e in outbox.pending(db, 50) if isinstance(e.body, TicketPrinted)]
    assert [body.again for body in printed] == [False, True]


def test_paper_that_is_owed_comes_out_under_its_number(db: Database) -> None:
    scene = Scene(db)
    _asks_for(scene, "ho_tich")
    ticket = scene.world.papers[0].ticket
    scene.attendant.sending(ticket.id)
    scene.attendant.printed(ticket.id, "uncertain", "printer_paper_out")
    assert (scene.phase, scene.attendant.visit.trouble) == (Phase.TICKET, "printer_paper_out")
    scene.shows(4, track=None)
    assert scene.phase is Phase.ATTRACT
    scene.attendant.printed(ticket.id, "printed", "", again=True)
    assert scene.attendant.visit.machine.other_paper == ticket.number
    assert scene.phase is Phase.ATTRACT


# ── paper out ─────────────────────────────────────────────────────────────────────────────────


class Turns(queue.Queue[Job | None]):
    """The spool's inbox and its time: nothing comes, and each wait takes as long as it may."""

    def __init__(self, clock: SceneClock, before_waiting: Callable[[], None]) -> None:
        super().__init__()
        self._clock = clock
        self._before_waiting = before_waiting

    def get(self, block: bool = True, timeout: float | None = None) -> Job | None:
        assert timeout is not None
        self._before_waiting()
        self._clock.frame(self._clock.now() + timeout)
        raise queue.Empty


def test_paper_out_is_on_the_screen_within_two_seconds(
    db: Database, tmp_path: Path, expected_warnings: list[str]
) -> None:
    """Of the scene's time, at the worst moment: right after the spool has looked."""
    expected_warnings.append("printer bad printer_paper_out")
    scene, clock = Scene(db), SceneClock()
    happened: list[float] = []
    shown: queue.Queue[float] = queue.Queue()

    def changed(status: PrinterStatus) -> None:
        scene.attendant.printer(PrinterState(0.0, status.state, status.reason))
        visit, policy = scene.attendant.visit, scene.attendant.policy
        seen = screen(visit, policy, clock.now(), MORNING, SETTINGS, {}, None)
        if seen.notice is not None:
            assert seen.notice.what == "Máy in hết giấy"
            shown.put(clock.now())

    with VirtualPrinter("127.0.0.1", 0, tmp_path) as printer:

        def runs_out() -> None:
            if not happened and clock.now() > 10:
                happened.append(clock.now())
                printer.set_fault(Fault.PAPER_OUT)

        spool = Spool(
            SETTINGS.printer.model_copy(update={"device": f"network:127.0.0.1:{printer.port}"}),
            sending=lambda _: None,
            report=lambda *_: None,
            status_changed=changed,
            inbox=Turns(clock, runs_out),
        )
        spool.start()
        assert shown.get(timeout=30) - happened[0] <= 2.0
        spool.stop()


# ── the printer's state, told to central ──────────────────────────────────────────────────────


def test_central_hears_of_each_lasting_change_and_not_of_a_flicker(db: Database) -> None:
    scene = Scene(db)
    scene.attendant.consult()
    assert _told(db) == []
    out = PrinterState(0.0, "bad", "printer_paper_out")
    scene.attendant.printer(out)
    scene.attendant.consult()
    for _ in range(20):
        scene.attendant.printer(PrinterState(0.0, "unknown", "printer_hung_up"))
        scene.shows(0.2)
        scene.attendant.consult()
        scene.attendant.printer(out)
        scene.attendant.consult()
    assert _told(db) == [("bad", "printer_paper_out")]
    scene.attendant.printer(PrinterState(0.0, "ok"))
    scene.shows(PRINTER_TOLD_S)
    scene.attendant.consult()
    assert _told(db) == [("bad", "printer_paper_out"), ("ok", "")]


# ── the office ────────────────────────────────────────────────────────────────────────────────


def _office(**changed: object) -> Settings:
    return SETTINGS.model_copy(update={"office": SETTINGS.office.model_copy(update=changed)})


TUESDAY = Hours.model_validate({"tue": ["07:30-11:30"]})


def test_the_office_closes_and_opens_again(db: Database) -> None:
    scene = Scene(db, _office(hours=TUESDAY))
    scene.attendant.consult()
    assert scene.attendant.visit.machine.open
    scene.moment += timedelta(hours=3)
    scene.attendant.consult()
    machine = scene.attendant.visit.machine
    assert not machine.open
    assert machine.opens == datetime(2026, 12, 1, 0, 30, tzinfo=UTC)
    scene.shows(1)
    assert scene.phase is Phase.ATTRACT
    scene.moment = machine.opens  # type: ignore[assignment]
    scene.attendant.consult()
    scene.shows(1)
    assert scene.phase is Phase.CHOOSE


def test_a_visit_over_closing_time_gets_no_number_and_no_fault_is_logged(db: Database) -> None:
    scene = Scene(db, _office(hours=TUESDAY))
    scene.shows(0.5)
    scene.moment += timedelta(hours=3)
    _asks_for(scene, "ho_tich")
    assert (scene.phase, scene.attendant.visit.trouble) == (Phase.THANKS, "office_closed")
    assert scene.world.papers == []


def test_a_field_whose_numbers_are_used_up(db: Database) -> None:
    limited = tuple(
        field.model_copy(update={"daily_limit": 1 if field.id == "ho_tich" else None})
        for field in SETTINGS.fields
    )
    scene = Scene(db, SETTINGS.model_copy(update={"fields": limited}))
    scene.takes_a_ticket("ho_tich")
    scene.shows(3, track=None)
    _asks_for(scene, "ho_tich", track=2)  # before the records are asked again
    assert (scene.phase, scene.attendant.visit.trouble) == (Phase.CHOOSE, "field_full")
    scene.attendant.consult()
    assert scene.attendant.visit.machine.full == {"ho_tich"}
    _asks_for(scene, "dat_dai", track=2)
    assert [paper.ticket.number for paper in scene.world.papers] == ["A001", "B001"]


def test_a_priority_class_gets_a_number_of_its_series_in_the_citizens_language(
    db: Database,
) -> None:
    elderly = PriorityClass(id="elderly", mark="U", name=Bilingual(vi="Người cao tuổi"))
    scene = Scene(db, SETTINGS.model_copy(update={"priorities": (elderly,)}))
    scene.shows(0.5)
    scene.attendant.picked("language", Way.TOUCH)
    scene.attendant.picked("priority", Way.TOUCH)
    _asks_for(scene, "ho_tich")
    [paper] = scene.world.papers
    assert (paper.ticket.number, paper.ticket.language) == ("AU001", "en")
    [issued] = [e.body for e in outbox.pending(db, 9) if isinstance(e.body, TicketIssued)]
    assert issued.priority == "elderly"
