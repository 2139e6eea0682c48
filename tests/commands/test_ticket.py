"""``kiosk ticket …``, in this process: what the whole program does with errors is in test_cli."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from kiosk import config
from kiosk.commands.ticket import app
from kiosk.errors import ConfigError, StoreError
from kiosk.printer.virtual import Fault, VirtualPrinter
from kiosk.store.clock import office_clock
from kiosk.store.database import Database
from kiosk.store.keys import key_for
from kiosk.store.records import Records

SHIPPED = Path(__file__).parents[2] / "config.toml"
PRIORITY = """
[[priorities]]
id = "elderly"
mark = "U"
name = { vi = "Người cao tuổi", en = "Elderly" }
"""

Ticket = Callable[..., Result]


@pytest.fixture
def settings_file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(SHIPPED.read_text(encoding="utf-8") + PRIORITY, encoding="utf-8")
    return path


@pytest.fixture
def ticket(settings_file: Path, monkeypatch: pytest.MonkeyPatch) -> Ticket:
    monkeypatch.setenv("KIOSK_CONFIG", str(settings_file))
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    return lambda *arguments: CliRunner().invoke(app, [str(each) for each in arguments])


@pytest.fixture
def printer(settings_file: Path, tmp_path: Path) -> Iterator[VirtualPrinter]:
    with VirtualPrinter("127.0.0.1", 0, tmp_path / "paper") as printer:
        text = settings_file.read_text(encoding="utf-8")
        settings_file.write_text(text.replace(":9100", f":{printer.port}", 1), encoding="utf-8")
        yield printer


def drawn(path: Path) -> Image.Image:
    with Image.open(path) as picture:
        return picture.copy()


def test_a_preview_is_the_ticket_dot_for_dot(ticket: Ticket, tmp_path: Path) -> None:
    said = json.loads(ticket("preview", "--out", tmp_path / "t.png", "--json").stdout)
    picture = drawn(tmp_path / "t.png")
    assert picture.mode == "1"
    assert picture.info["dpi"] == pytest.approx((203, 203), abs=0.1)
    assert said == {
        "file": str(tmp_path / "t.png"),
        "dots": list(picture.size),
        "mm": [72, round(picture.height / 203 * 25.4)],
    }


@pytest.mark.parametrize(
    "options",
    [
        ("--language", "en"),
        ("--field", "dat_dai"),
        ("--priority", "elderly"),
        ("--name", "NGUYỄN V** A**"),
        ("--reprint",),
        ("--dots", "384"),
        ("--dpi", "180"),
    ],
)
def test_every_option_can_be_seen(ticket: Ticket, tmp_path: Path, options: tuple[str, ...]) -> None:
    assert ticket("preview", "--out", tmp_path / "plain.png").exit_code == 0
    assert ticket("preview", "--out", tmp_path / "other.png", *options).exit_code == 0
    plain, other = drawn(tmp_path / "plain.png"), drawn(tmp_path / "other.png")
    assert (plain.size, plain.tobytes()) != (other.size, other.tobytes())


@pytest.mark.parametrize(
    ("option", "key", "known"),
    [("--field", "no_such_field", "ho_tich"), ("--priority", "no_such_priority", "elderly")],
)
def test_what_the_office_does_not_have(
    ticket: Ticket, tmp_path: Path, option: str, key: str, known: str
) -> None:
    error = ticket("preview", "--out", tmp_path / "t.png", option, "nonsense").exception
    assert isinstance(error, ConfigError)
    assert error.key == key
    assert known in error.do()


def test_a_logo_that_cannot_be_read(ticket: Ticket, settings_file: Path, tmp_path: Path) -> None:
    text = settings_file.read_text(encoding="utf-8").replace("# logo = ", "logo = ")
    settings_file.write_text(text, encoding="utf-8")
    for content in (None, b"no picture", b"\x89PNG\r\n\x1a\n"):
        if content is not None:
            (tmp_path / "logo.png").write_bytes(content)
        error = ticket("preview", "--out", tmp_path / "t.png").exception
        assert isinstance(error, ConfigError)
        assert error.key == "ticket_logo"
    Image.new("RGBA", (40, 40), (0, 0, 0, 255)).save(tmp_path / "logo.png")
    assert ticket("preview", "--out", tmp_path / "t.png").exit_code == 0


def test_a_test_ticket_is_printed(ticket: Ticket, printer: VirtualPrinter) -> None:
    done = ticket("test", "--json")
    assert (done.exit_code, json.loads(done.stdout)) == (0, {"outcome": "printed", "reason": ""})
    assert drawn(printer.wait_for_ticket(1, 5)).width == 576


def test_a_test_ticket_without_paper(
    ticket: Ticket, printer: VirtualPrinter, expected_warnings: list[str]
) -> None:
    expected_warnings.append("printer_paper_out")
    printer.set_fault(Fault.PAPER_OUT)
    done = ticket("test")
    outcome, vietnamese, english = done.stdout.splitlines()
    assert (done.exit_code, outcome) == (1, "failed: printer_paper_out")
    assert vietnamese.startswith("Máy in hết giấy")
    assert english.startswith("The printer is out of paper")


def test_a_reprint_is_asked_for_by_number(ticket: Ticket, settings_file: Path) -> None:
    settings = config.load(settings_file)
    with Database.open(settings.store.path, key_for(settings.store)) as db:
        tickets = Records(db, settings, office_clock(db)).tickets
        issued = tickets.issue("ho_tich", None, "touch")
        tickets.begin_print(issued.id)
        tickets.record_print(issued.id, "printed")
    said = json.loads(ticket("reprint", "a001", "--json").stdout)
    assert said == {"ticket": issued.id, "number": "A001", "day": issued.day.isoformat()}
    with Database.open(settings.store.path, key_for(settings.store)) as db:
        due = Records(db, settings, office_clock(db)).tickets.reprints_due()
    assert [each.id for each in due] == [issued.id]


def test_a_reprint_of_nothing(ticket: Ticket) -> None:
    error = ticket("reprint", "Z999").exception
    assert isinstance(error, StoreError)
    assert error.key == "ticket_unknown"
