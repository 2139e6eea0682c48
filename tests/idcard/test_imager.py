"""Scanners: bytes and keys become scans, whatever they are."""

from __future__ import annotations

import os
import pty
from contextlib import suppress
from pathlib import Path
from queue import Empty, Queue

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import CardError
from kiosk.idcard import qr
from kiosk.idcard.imager import EVENT, Imager, Keys, Lines, key_presses, open_scanner
from kiosk.idcard.qr import LIMIT_BYTES
from kiosk.idcard.synthetic import payload, synthetic

CARD = synthetic(1)
CODE = payload(CARD)


def typed(*strokes: tuple[int, int]) -> bytes:
    """Records of key codes going down (1) and up (0)."""
    return b"".join(EVENT.pack(0, 0, 1, code, value) for code, value in strokes)


def strokes(*codes: int) -> list[tuple[int, int]]:
    return [(code, value) for code in codes for value in (1, 0)]


def test_lines_end_with_either_kind_of_enter() -> None:
    lines = Lines()
    assert list(lines.feed(b"one\r\ntw")) == [b"one"]
    assert list(lines.feed(b"o\n\n")) == [b"two"]


def test_a_keyboard_types_a_card_with_all_its_marks() -> None:
    [scan] = Keys().feed(key_presses(CODE))
    assert qr.parse(scan) == CARD


def test_bytes_sent_as_characters_are_mended() -> None:
    as_bytes = CODE.encode().decode("latin-1")
    [scan] = Keys().feed(key_presses(as_bytes))
    document = qr.parse(scan)
    assert document.name == CARD.name
    assert "encoding_repaired" in document.warnings


def test_unicode_by_ctrl_shift_u() -> None:
    # Ctrl+Shift+U, 1 e b 9 (ẹ), space; then Enter.
    keys = [(29, 1), (42, 1), (22, 1), (22, 0), (42, 0), (29, 0), *strokes(2, 18, 48, 10, 57, 28)]
    assert [scan.decode() for scan in Keys().feed(typed(*keys))] == ["ẹ"]


def test_shift_and_what_is_no_key() -> None:
    keys = [(42, 1), *strokes(30), (42, 0), *strokes(48, 250, 28)]
    assert list(Keys().feed(typed(*keys))) == [b"Ab"]


def test_an_endless_scan_is_bounded() -> None:
    [scan] = Lines().feed(b"1" * 10_000 + b"\n")
    assert LIMIT_BYTES < len(scan) <= LIMIT_BYTES + 1
    [scan] = Keys().feed(key_presses("1" * 5_000))
    assert LIMIT_BYTES < len(scan) <= LIMIT_BYTES + 1


@given(st.text(st.characters(codec="utf-8", exclude_categories=("C",)), min_size=1, max_size=40))
def test_what_is_typed_is_what_is_read(text: str) -> None:
    assert [scan.decode() for scan in Keys().feed(key_presses(text))] == [text]


@given(st.binary(max_size=400))
def test_any_presses(events: bytes) -> None:
    list(Keys().feed(events[: len(events) // EVENT.size * EVENT.size]))


# ── devices ───────────────────────────────────────────────────────────────────────────────────


def test_a_serial_scanner() -> None:
    ours, theirs = pty.openpty()
    scans: Queue[bytes] = Queue()
    imager = Imager(f"serial:{os.ttyname(theirs)}:9600", scans.put)
    imager.start()
    scan = b""
    for _ in range(50):  # what is sent before the line is open is lost, as with a real one
        os.write(ours, CODE.encode() + b"\r\n")
        with suppress(Empty):
            scan = scans.get(timeout=0.5)
            break
    assert qr.parse(scan) == CARD
    imager.stop()
    os.close(theirs)
    os.close(ours)


def test_a_keyboard_scanner_by_a_pipe_that_stands_for_it(tmp_path: Path) -> None:
    pipe = tmp_path / "keys"
    os.mkfifo(pipe)
    ours = os.open(pipe, os.O_RDWR)
    scans: Queue[bytes] = Queue()
    imager = Imager(f"keyboard:{pipe}", scans.put)
    imager.start()
    os.write(ours, key_presses(CODE))
    assert qr.parse(scans.get(timeout=10)) == CARD
    imager.stop()
    os.close(ours)


def test_a_scanner_that_is_not_there_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, expected_warnings: list[str]
) -> None:
    expected_warnings.append("cannot be opened")
    imager = Imager(f"keyboard:{tmp_path / 'none'}", lambda _: None)
    imager.start()
    imager.stop()
    assert caplog.text.count("cannot be opened") == 1


@pytest.mark.parametrize("device", ["usb:1", "keyboard:", "serial:", ""])
def test_a_device_that_means_nothing(device: str) -> None:
    with pytest.raises(CardError):
        open_scanner(device)
