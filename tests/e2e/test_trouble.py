"""Every part that can be missing or broken: one clear sentence, and the kiosk does what it can."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Event, Thread

import pytest

from kiosk import config
from kiosk.clock import Reading
from kiosk.config import Settings
from kiosk.errors import StoreError
from kiosk.printer.virtual import Fault, VirtualPrinter
from kiosk.store.citizens import Citizens
from kiosk.store.database import Database
from kiosk.store.keys import create_key, key_for
from kiosk.store.records import Records
from kiosk.sync import service as sync
from kiosk.sync.client import Client
from kiosk.sync.exchange import Exchanger
from kiosk.sync.identity import keep_identity
from kiosk.visit.state import Phase
from tests.e2e.door import Door, Notice, Steps, run_kiosk
from tests.sync.conftest import NOON, Server

REPOSITORY = Path(__file__).parent.parent.parent
QUICK = {"confirm_s": 0.05, "print_s": 10.0, "ticket_s": 0.2, "photograph_s": 0.2, "thanks_s": 0.2}

NO_CAMERA: Notice = ("Máy này không dùng camera", "This kiosk works without a camera")
NOT_OPENED: Notice = ("Chưa mở được camera", "The camera cannot be opened")
RESTING: Notice = ("Camera đang tạm nghỉ", "The camera is resting")
TOUCH: Notice = (
    "Mời chạm vào màn hình hoặc bấm phím số.",
    "Touch the screen or press a digit instead.",
)
PHOTOGRAPH: Notice = (
    "Bạn vẫn lấy được số: mời chụp lại màn hình.",
    "You still get a number: photograph the screen.",
)
STAFF: Notice = (
    "Mời đến bàn hướng dẫn, nhân viên sẽ cấp số cho bạn.",
    "The staff at the help desk will give you one.",
)

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[VirtualPrinter]:
    with VirtualPrinter("127.0.0.1", 0, tmp_path / "paper") as printer:
        yield printer


@pytest.fixture
def settings(tmp_path: Path, printer: VirtualPrinter) -> Settings:
    """The shipped settings with a printer that works, no camera, and no long waits."""
    shipped = config.load(REPOSITORY / "config.toml")
    return but(
        shipped,
        camera={"source": "none"},
        printer={"device": f"network:127.0.0.1:{printer.port}"},
        screen={"fullscreen": False, "reduced_motion": True},
        visit=QUICK,
        store={"path": tmp_path / "kiosk.db", "key_file": tmp_path / "kiosk.key"},
    )


def but(settings: Settings, **sections: Mapping[str, object]) -> Settings:
    """``settings`` with some keys changed."""
    changed = {
        name: getattr(settings, name).model_copy(update=keys) for name, keys in sections.items()
    }
    return settings.model_copy(update=changed)


def a_visit(what: Notice, do: Notice, door: Door, field: str = "chung_thuc") -> Steps:
    """Wait for the notice, read it in English too, choose, and stay until the visit is over.

    ``what`` and ``do`` are each in Vietnamese and English.
    """
    yield lambda: door.is_at(Phase.ATTRACT) and door.notice == (what[0], do[0])
    door.presses("language")
    yield lambda: door.is_at(Phase.CHOOSE) and door.notice == (what[1], do[1])
    door.presses(f"field:{field}")
    over = len(door.visits) + 1
    yield lambda: len(door.visits) == over


def tickets(settings: Settings) -> list[tuple[str, str, str]]:
    """Number, what became of its paper and why, as the database has it."""
    with Database.open(settings.store.path, key_for(settings.store)) as db:
        rows = db.rows("SELECT number, printing, print_reason FROM ticket ORDER BY sequence")
    return [(row["number"], row["printing"], row["print_reason"]) for row in rows]


def paper(folder: Path) -> list[str]:
    """What came out of the virtual printer."""
    return sorted(path.name for path in (folder / "paper").glob("*.png"))


# ── no camera, no models ──────────────────────────────────────────────────────────────────────


def test_a_kiosk_without_a_camera_gives_tickets(settings: Settings, tmp_path: Path) -> None:
    door = run_kiosk(settings, tmp_path, partial(a_visit, NO_CAMERA, TOUCH))
    assert [visit.ticket for visit in door.visits] == ["C001"]
    assert tickets(settings) == [("C001", "printed", "")]
    assert paper(tmp_path) == ["ticket-0001.png"]


@pytest.mark.parametrize(
    ("source", "what"),
    [("/dev/video99", NOT_OPENED), ("words.mp4", NOT_OPENED), ("replay:words.mp4", RESTING)],
)
def test_a_camera_that_cannot_be_opened(
    settings: Settings, tmp_path: Path, source: str, what: Notice, expected_warnings: list[str]
) -> None:
    """Also one whose frames would have set the time."""
    expected_warnings.append(r"vision: \w+: Không .+\n.+ cannot be ")
    (tmp_path / "words.mp4").write_bytes(b"these are words\x00")
    settings = but(settings, camera={"source": source})
    door = run_kiosk(settings, tmp_path, partial(a_visit, what, TOUCH))
    assert [visit.ticket for visit in door.visits] == ["C001"]
    assert tickets(settings) == [("C001", "printed", "")]


def _remove(path: Path) -> None:
    path.unlink()


def _flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x01
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("harm", "key", "what"),
    [
        (
            _remove,
            "model_missing",
            (
                "Camera tạm nghỉ: thiếu tệp mô hình",
                "Camera resting: model file missing",
            ),
        ),
        (
            _flip_a_bit,
            "model_corrupt",
            (
                "Camera tạm nghỉ: tệp mô hình hỏng",
                "Camera resting: model file damaged",
            ),
        ),
    ],
)
def test_a_model_that_cannot_be_used(
    settings: Settings,
    tmp_path: Path,
    harm: Callable[[Path], None],
    key: str,
    what: Notice,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    expected_warnings: list[str],
) -> None:
    expected_warnings.append(f"vision: {key}")
    shutil.copytree(REPOSITORY / "models", tmp_path / "models")
    harm(tmp_path / "models" / "palm_detection_full.tflite")
    monkeypatch.setenv("KIOSK_MODELS", str(tmp_path / "models"))
    settings = but(settings, camera={"source": "replay:first_visit"})
    door = run_kiosk(settings, tmp_path, partial(a_visit, what, TOUCH))
    assert [visit.ticket for visit in door.visits] == ["C001"]
    [told] = [line.getMessage() for line in caplog.records if key in line.getMessage()]
    for word in ("ệp mô hình", "model file", "palm_detection_full.tflite", "scripts/models.sh"):
        assert word in told


# ── no printer, no paper ──────────────────────────────────────────────────────────────────────


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize(
    ("device", "reason", "what"),
    [
        (
            "none",
            "printer_none",
            ("Máy này không in phiếu giấy", "This kiosk gives no paper tickets"),
        ),
        (
            "network:127.0.0.1:{free}",
            "printer_unreachable",
            ("Máy in chưa sẵn sàng", "The printer is not ready"),
        ),
        (
            "parallel:1",
            "printer_device_string",
            ("Máy in chưa sẵn sàng", "The printer is not ready"),
        ),
    ],
)
def test_without_a_printer_the_screen_is_the_ticket(
    settings: Settings,
    tmp_path: Path,
    device: str,
    reason: str,
    what: Notice,
    expected_warnings: list[str],
) -> None:
    expected_warnings += [f"printer bad {reason}: ", f"ticket .+: failed {reason}"]
    settings = but(settings, printer={"device": device.format(free=_free_port())})

    def photographs(door: Door) -> Steps:
        yield from at_the_ticket(what, PHOTOGRAPH, door)
        assert door.number == "C001"
        assert door.notice == FAILED_EN
        yield lambda: len(door.visits) == 1

    run_kiosk(settings, tmp_path, photographs)
    assert tickets(settings) == [("C001", "failed", reason)]


def at_the_ticket(what: Notice, do: Notice, door: Door) -> Steps:
    """As :func:`a_visit`, up to the page that shows the ticket."""
    steps = a_visit(what, do, door)
    yield next(steps)
    yield next(steps)
    next(steps)
    yield lambda: door.is_at(Phase.TICKET)


FAILED_EN: Notice = (
    "The ticket was not printed",
    "It is valid: photograph it and tell the staff.",
)


def test_paper_out_and_a_new_roll(
    settings: Settings, tmp_path: Path, printer: VirtualPrinter, expected_warnings: list[str]
) -> None:
    expected_warnings += ["printer bad printer_paper_out: Máy in hết giấy", "failed printer_paper"]
    printer.set_fault(Fault.PAPER_OUT)
    out_of_paper = ("Máy in hết giấy", "The printer is out of paper")

    def two_come(door: Door) -> Steps:
        yield from at_the_ticket(out_of_paper, PHOTOGRAPH, door)
        assert (door.number, door.notice) == ("C001", FAILED_EN)
        printer.set_fault(Fault.PAPER_OUT, on=False)
        yield lambda: door.visit.machine.printer == "ok"
        yield from a_visit(NO_CAMERA, TOUCH, door)

    run_kiosk(settings, tmp_path, two_come)
    assert tickets(settings) == [
        ("C001", "failed", "printer_paper_out"),
        ("C002", "printed", ""),
    ]
    assert paper(tmp_path) == ["ticket-0001.png"]


# ── no database ───────────────────────────────────────────────────────────────────────────────


def _another_key(settings: Settings) -> None:
    Database.open(settings.store.path, key_for(settings.store)).close()
    settings.store.key_file.unlink()
    create_key(settings.store.key_file)


def _no_key(settings: Settings) -> None:
    _another_key(settings)
    settings.store.key_file.unlink()


def _rubbish(settings: Settings) -> None:
    key_for(settings.store)
    settings.store.path.write_bytes(b"rubbish " * 1024)


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (_another_key, "Khoá không mở được cơ sở dữ liệu"),
        (_no_key, "Không đọc được khoá cơ sở dữ liệu"),
        (_rubbish, "Khoá không mở được cơ sở dữ liệu"),
    ],
)
def test_a_database_that_cannot_be_opened(
    settings: Settings,
    tmp_path: Path,
    harm: Callable[[Settings], None],
    told: str,
    expected_warnings: list[str],
) -> None:
    harm(settings)
    before = settings.store.path.read_bytes()
    _sends_to_the_staff(settings, tmp_path, told, expected_warnings)
    assert settings.store.path.read_bytes() == before


def test_a_file_where_the_databases_folder_should_be(
    settings: Settings, tmp_path: Path, expected_warnings: list[str]
) -> None:
    (tmp_path / "var").touch()
    there = {"path": tmp_path / "var" / "kiosk.db", "key_file": tmp_path / "var" / "kiosk.key"}
    told = "Không đọc hoặc không ghi được cơ sở dữ liệu"
    _sends_to_the_staff(but(settings, store=there), tmp_path, told, expected_warnings)


def _sends_to_the_staff(
    settings: Settings, tmp_path: Path, told: str, expected_warnings: list[str]
) -> None:
    expected_warnings.append(f"ERROR kiosk.app: {told}")
    what = ("Máy chưa cấp được số", "No numbers from this kiosk now")
    door = run_kiosk(settings, tmp_path, partial(a_visit, what, STAFF))
    assert [(visit.ticket, visit.outcome) for visit in door.visits] == [(None, "refused")]
    assert Phase.TICKET not in door.phases
    assert paper(tmp_path) == []


def test_a_full_disk_and_room_again(
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    expected_warnings: list[str],
) -> None:
    """It is full already when the kiosk starts."""
    expected_warnings.append(r"Ổ đĩa đã đầy: .+\nThe disk is full: ")
    opened: list[Database] = []
    really_open = Database.open

    def open_full(path: Path, key: str) -> Database:
        opened.append(_filled(really_open(path, key), settings))
        return opened[-1]

    monkeypatch.setattr(Database, "open", open_full)
    full = (
        "Máy chưa cấp được số: bộ nhớ đầy",
        "No numbers now: storage is full",
    )

    def three_come(door: Door) -> Steps:
        yield from a_visit(NO_CAMERA, TOUCH, door)
        yield from a_visit(full, STAFF, door)
        opened[0].execute("PRAGMA max_page_count = 100000")
        yield from a_visit(full, STAFF, door)
        yield lambda: door.notice == (NO_CAMERA[0], TOUCH[0])

    door = run_kiosk(settings, tmp_path, three_come)
    monkeypatch.undo()
    assert [visit.ticket for visit in door.visits] == [None, None, "C001"]
    assert ("C001", "printed", "") in tickets(settings)


def _filled(db: Database, settings: Settings) -> Database:
    """``db`` with as many tickets as its file holds."""
    records = Records(db, settings, lambda: Reading(datetime.now(UTC)))
    [[pages]] = db.rows("PRAGMA page_count")
    db.execute(f"PRAGMA max_page_count = {pages}")
    with suppress(StoreError):
        while True:
            records.tickets.issue("ho_tich", None, "touch")
    return db


# ── no central server ─────────────────────────────────────────────────────────────────────────


def test_without_central_nothing_is_lost(
    settings: Settings,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    expected_warnings: list[str],
) -> None:
    expected_warnings.append(r"Không kết nối được máy chủ.+\n.+cannot be reached")
    central = Server(tmp_path)
    device = tmp_path / "device.json"
    keep_identity(device, central.kiosk("K1"))
    away = {"url": f"http://127.0.0.1:{_free_port()}", "device_file": device, "interval_s": 0.1}
    settings = but(settings, sync=away)
    stop = Event()
    syncing = Thread(target=sync.run, args=(settings, stop.wait))

    def one_comes(door: Door) -> Steps:
        syncing.start()
        yield lambda: "cannot be reached" in caplog.text
        yield from a_visit(NO_CAMERA, TOUCH, door)

    door = run_kiosk(settings, tmp_path, one_comes)
    stop.set()
    syncing.join()
    assert [visit.ticket for visit in door.visits] == ["C001"]

    try:
        back = settings.sync.model_copy(update={"url": central.url})
        with (
            Database.open(settings.store.path, key_for(settings.store)) as db,
            closing(Client(back, lambda: Reading(NOON))) as client,
        ):
            citizens = Citizens(db, settings.privacy, lambda: Reading(NOON))
            exchanger = Exchanger(db, citizens, client, lambda: NOON)
            exchange = exchanger.once()
            assert exchange.settled == exchange.sent >= 3
            assert exchanger.once().sent == 0
        assert (central.stats().events, central.stats().tickets) == (exchange.sent, 1)
    finally:
        central.stop()
