"""``kiosk …`` as the technician meets it: the installed command, in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kiosk.cli import app
from kiosk.printer.page import Page
from kiosk.printer.virtual import Fault, VirtualPrinter
from kiosk.sync.identity import load_identity
from tests.sync.conftest import Server

REPOSITORY = Path(__file__).parent.parent
SHIPPED = (REPOSITORY / "config.toml").read_text(encoding="utf-8")
PATIENCE_S = 180.0

pytestmark = pytest.mark.slow

Kiosk = Callable[..., "subprocess.CompletedProcess[str]"]


def command(*arguments: object) -> list[str]:
    return [str(Path(sys.executable).with_name("kiosk")), *map(str, arguments)]


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    """Runs ``kiosk`` in an empty folder, with the settings the test wrote there, if any."""
    environment = os.environ | {"KIOSK_CONFIG": str(tmp_path / "config.toml"), "COLUMNS": "100"}
    environment.pop("CREDENTIALS_DIRECTORY", None)

    def run(*arguments: object, given: str = "") -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            command(*arguments),
            cwd=tmp_path,
            env=environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
        assert "Traceback" not in done.stderr
        return done

    return run


def write(folder: Path, *changes: tuple[str, str]) -> Path:
    """The shipped settings, changed, in ``folder``."""
    text = SHIPPED
    for line, instead in changes:
        assert text.count(line) == 1
        text = text.replace(line, instead)
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def both_languages(said: str) -> tuple[str, str]:
    """The two lines an error is said in, Vietnamese first."""
    vietnamese, english = said.strip().splitlines()
    assert any(ord(letter) > 0x7F for letter in vietnamese)
    return vietnamese, english


# ── help ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("", ["run", "sync", "demo", "look", "enrol-device", "config", "printer", "bench"]),
        ("run", ["Chạy kiosk", "--config", "--camera"]),
        ("sync", ["Đồng bộ", "--config"]),
        ("demo", ["Trình diễn", "--out", "--camera", "--json", "Ctrl-C"]),
        ("look", ["ảnh", "IMAGE", "--json"]),
        ("enrol-device", ["Gắn kiosk", "central device enrol NAME"]),
        ("config", ["check", "show"]),
        ("config check", ["Kiểm tra", "--json"]),
        ("config show", ["cài đặt", "--json"]),
        ("printer", ["status", "virtual"]),
        ("printer status", ["Tình trạng", "--json"]),
        ("printer virtual", ["Máy in ảo", "--out", "--port"]),
        ("ticket", ["preview", "test", "reprint"]),
        ("recognition report", ["ngưỡng", "threshold", "--json"]),
        ("bench vision", ["CPU time per frame", "--json"]),
        ("bench day", ["mô phỏng", "--enrolled", "--visits", "--seed", "--json"]),
        ("bench print", ["first byte", "--tickets", "--json"]),
        ("version", ["Phiên bản"]),
    ],
)
def test_help_teaches(arguments: str, words: list[str]) -> None:
    # In this process: twenty more would say the same, a second later each.
    done = CliRunner().invoke(app, [*arguments.split(), "--help"], env={"COLUMNS": "100"})
    assert (done.exit_code, done.stderr) == (0, "")
    assert [word for word in words if word not in done.stdout] == []


def test_the_installed_command_helps(kiosk: Kiosk) -> None:
    done = kiosk("--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "demo" in done.stdout


def test_an_unknown_command_is_refused(kiosk: Kiosk) -> None:
    done = kiosk("fly")
    assert (done.returncode, done.stdout) == (2, "")


# ── config ────────────────────────────────────────────────────────────────────────────────────


def test_good_settings(kiosk: Kiosk, tmp_path: Path) -> None:
    path = write(tmp_path)
    assert json.loads(kiosk("config", "check", "--json").stdout) == {
        "ok": True,
        "file": str(path),
        "fields": 6,
    }
    both_languages(kiosk("config", "check").stdout)
    shown = kiosk("config", "show").stdout
    assert "fps = 15.0  # frames per second to ask for" in shown
    assert json.loads(kiosk("config", "show", "--json").stdout)["camera"]["fps"] == 15


@pytest.mark.parametrize("arguments", ["config check", "config show", "run", "sync", "demo"])
def test_no_settings(kiosk: Kiosk, arguments: str) -> None:
    done = kiosk(*arguments.split())
    assert (done.returncode, done.stdout) == (2, "")
    vietnamese, english = both_languages(done.stderr)
    assert "Không đọc được tệp cài đặt" in vietnamese
    assert "--config" in english


@pytest.mark.parametrize(
    ("arguments", "instead", "vi", "en"),
    [
        (
            "config check",
            "fpss = 15.0",
            "không có cài đặt nào tên camera.fpss",
            "no setting called camera.fpss",
        ),
        ("run", "fps = 0", "camera.fps không dùng được", "camera.fps cannot be used"),
        ("sync", "fps = ", "sai cú pháp TOML", "is not valid TOML"),
    ],
)
def test_wrong_settings(
    kiosk: Kiosk, tmp_path: Path, arguments: str, instead: str, vi: str, en: str
) -> None:
    path = write(tmp_path, ("fps = 15.0", instead))
    done = kiosk(*arguments.split())
    assert (done.returncode, done.stdout) == (2, "")
    vietnamese, english = both_languages(done.stderr)
    assert vi in vietnamese
    assert en in english
    assert str(path) in english
    lines = path.read_text(encoding="utf-8").splitlines()
    [line] = [number for number, each in enumerate(lines, start=1) if each.startswith(instead)]
    assert f"line {line}" in english


def test_a_logo_that_is_not_there(kiosk: Kiosk, tmp_path: Path) -> None:
    write(tmp_path, ("# logo = ", "logo = "))
    done = kiosk("config", "check")
    assert (done.returncode, done.stdout) == (2, "")
    assert str(tmp_path / "logo.png") in both_languages(done.stderr)[1]


def test_wrong_settings_for_machines(kiosk: Kiosk, tmp_path: Path) -> None:
    write(tmp_path, ("fps = 15.0", "fps = 0"))
    done = kiosk("config", "check", "--json")
    answer = json.loads(done.stdout)
    assert (done.returncode, done.stderr, answer["ok"]) == (2, "", False)
    assert "camera.fps" in answer["what"]
    assert "kiosk config check" in answer["do"]


# ── printer ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[VirtualPrinter]:
    with VirtualPrinter("127.0.0.1", 0, tmp_path / "paper") as printer:
        write(tmp_path, ('"network:127.0.0.1:9100"', f'"network:127.0.0.1:{printer.port}"'))
        yield printer


def test_a_printer_that_is_well(kiosk: Kiosk, printer: VirtualPrinter) -> None:
    done = kiosk("printer", "status")
    assert (done.returncode, done.stdout) == (0, "ok\n")
    assert json.loads(kiosk("printer", "status", "--json").stdout) == {"state": "ok", "reason": ""}


def test_a_printer_without_paper(kiosk: Kiosk, printer: VirtualPrinter) -> None:
    printer.set_fault(Fault.PAPER_OUT)
    done = kiosk("printer", "status")
    state, *sentences = done.stdout.splitlines()
    assert (done.returncode, state) == (1, "bad: printer_paper_out")
    assert sentences == [
        "Máy in hết giấy. Thay cuộn giấy mới rồi đóng nắp máy in.",
        "The printer is out of paper. Put in a new roll and close the cover.",
    ]
    done = kiosk("printer", "status", "--json")
    assert json.loads(done.stdout) == {"state": "bad", "reason": "printer_paper_out"}


@pytest.mark.parametrize(
    ("device", "en"),
    [
        ("network:127.0.0.1:{free}", "cannot be reached"),
        ("parallel:1", "network:HOST:PORT"),
        ("none", "no printer"),
    ],
)
def test_a_printer_that_is_not_there(kiosk: Kiosk, tmp_path: Path, device: str, en: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        free = probe.getsockname()[1]
    write(tmp_path, ("network:127.0.0.1:9100", device.format(free=free)))
    done = kiosk("printer", "status")
    assert (done.returncode, done.stdout) == (1, "")
    assert en in both_languages(done.stderr)[1]


def test_a_virtual_printer_whose_port_is_taken(kiosk: Kiosk, printer: VirtualPrinter) -> None:
    done = kiosk("printer", "virtual", "--port", printer.port, "--page-port", 0, "--out", "paper")
    assert (done.returncode, done.stdout) == (1, "")
    assert "Address already in use" in both_languages(done.stderr)[1]


def test_a_fault_of_the_virtual_printer(kiosk: Kiosk, printer: VirtualPrinter) -> None:
    with Page(printer, 0) as page:
        url = f"http://127.0.0.1:{page.port}"
        done = kiosk("printer", "fault", "cover_open", "--page", url)
        assert (done.returncode, done.stdout) == (0, "cover_open: on\n")
        assert printer.faults == {Fault.COVER_OPEN}
        assert kiosk("printer", "fault", "slow", "--when", "mid_ticket", "--page", url).stdout
        assert printer.faults_to_come == {Fault.SLOW: "mid_ticket"}
        done = kiosk("printer", "fault", "cover_open", "--off", "--json", "--page", url)
        assert json.loads(done.stdout) == {"fault": "cover_open", "on": False}
        assert printer.faults == frozenset()
    done = kiosk("printer", "fault", "slow", "--page", url)
    assert (done.returncode, done.stdout) == (1, "")
    assert "kiosk printer virtual" in both_languages(done.stderr)[1]


# ── central ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    running = Server(tmp_path)
    write(tmp_path, ('\nurl = ""', f'\nurl = "{running.url}"'))
    yield running
    running.stop()


def test_a_device_is_enrolled(kiosk: Kiosk, server: Server, tmp_path: Path) -> None:
    done = kiosk("enrol-device", "--json", given=f"{server.invitation('K1')}\n")
    assert (done.returncode, done.stderr) == (0, "")
    identity = load_identity(tmp_path / "var" / "device.json")
    assert json.loads(done.stdout) == {"device": str(identity.device), "name": "K1"}
    again = tmp_path / "token"
    again.write_text(server.invitation("K1"))
    done = kiosk("enrol-device", "--token-file", again)
    assert (done.returncode, done.stderr) == (0, "")
    assert "K1" in done.stdout
    renewed = load_identity(tmp_path / "var" / "device.json")
    assert renewed.device == identity.device
    assert renewed.key.private_bytes_raw() != identity.key.private_bytes_raw()


@pytest.mark.parametrize(
    ("token", "en"),
    [("a-token-nobody-was-given", "does not take this token"), ("", "not an enrolment token")],
)
def test_a_wrong_token_is_not_kept(
    kiosk: Kiosk, server: Server, tmp_path: Path, token: str, en: str
) -> None:
    done = kiosk("enrol-device", given=f"{token}\n")
    assert (done.returncode, done.stdout) == (1, "")
    assert en in both_languages(done.stderr)[1]
    assert not (tmp_path / "var" / "device.json").exists()


def test_without_a_server_there_is_nothing_to_enrol_at(kiosk: Kiosk, tmp_path: Path) -> None:
    write(tmp_path)
    done = kiosk("enrol-device", given="whatever\n")
    assert done.returncode == 1
    assert "[sync]" in both_languages(done.stderr)[1]


# ── demo ──────────────────────────────────────────────────────────────────────────────────────


def test_the_demo_deletes_nobodys_files(kiosk: Kiosk, tmp_path: Path) -> None:
    write(tmp_path)
    done = kiosk("demo", "--out", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "other files" in both_languages(done.stderr)[1]
    assert (tmp_path / "config.toml").exists()


def _session(leader: int) -> list[str]:
    """The command lines of every living process in a session."""
    lines: list[str] = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, session = (process / "stat").read_text().rpartition(")")[2].split()[:4]
            if int(session) == leader and state != "Z":
                lines.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return lines


def _wait_until(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)  # real processes: there is nothing else to wait on


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])  # SIGTERM goes SIGHUP's way
def test_a_demo_that_is_broken_off_leaves_nothing_running(
    tmp_path: Path, number: signal.Signals
) -> None:
    """As a terminal does it: the signal goes to the whole process group."""
    write(tmp_path)
    out = tmp_path / "demo"
    environment = os.environ | {"KIOSK_CONFIG": str(tmp_path / "config.toml")}
    environment |= {"QT_QPA_PLATFORM": "offscreen", "QT_QUICK_BACKEND": "software"}
    with (tmp_path / "said").open("w+", encoding="utf-8") as said:
        demo = subprocess.Popen(
            command("demo", "--out", out),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        try:
            _wait_until(lambda: any((out / "screens").glob("*")), "the first visitor")
            assert len(_session(demo.pid)) >= 4  # central, printer, sync and the kiosk
            os.killpg(demo.pid, number)
            demo.wait(PATIENCE_S)
            _wait_until(lambda: _session(demo.pid) == [], "the processes to end")
        finally:
            with suppress(ProcessLookupError):
                os.killpg(demo.pid, signal.SIGKILL)
        said.seek(0)
        # Hung up on, multiprocessing's own tracker grumbles; nobody reads it any more.
        assert number is signal.SIGHUP or "Traceback" not in said.read()
    assert (out / "summary.json").exists()
