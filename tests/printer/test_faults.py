from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from PIL import Image

from kiosk.config import PrinterSettings
from kiosk.errors import PrinterError
from kiosk.printer.device import Transport, encode, open_transport
from kiosk.printer.faults import MID_TICKET_ROWS, Fault
from kiosk.printer.virtual import VirtualPrinter

IMAGE = Image.new("1", (576, 400), 0)
FENCE = b"\x1dr\x01"
STATE = b"\x10\x04\x01"
CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"


@pytest.fixture
def line(virtual: VirtualPrinter, settings: PrinterSettings) -> Iterator[Transport]:
    transport = open_transport(settings)
    transport.write(STATE)
    assert transport.read(5) == b"\x12"
    yield transport
    transport.close()


def height(path: Path) -> int:
    with Image.open(path) as paper:
        return paper.height


def ended(line: Transport) -> bool:
    """Whether the printer closed the connection, after whatever it still had to say."""
    try:
        while line.read(5):
            pass
    except OSError:
        return True
    return False


def test_the_fence_waits_for_the_paper(
    virtual: VirtualPrinter, line: Transport, settings: PrinterSettings
) -> None:
    virtual.set_fault(Fault.PAPER_OUT)
    line.write(encode(IMAGE, settings) + FENCE + STATE)
    assert line.read(5) == b"\x1a"  # the state is told on arrival, past the fence
    virtual.set_fault(Fault.PAPER_OUT, on=False)
    assert line.read(5) == b"\x00"
    assert virtual.tickets == 1


def test_the_fence_tells_that_the_roll_is_near_its_end(
    virtual: VirtualPrinter, line: Transport
) -> None:
    virtual.set_fault(Fault.NEAR_END)
    line.write(FENCE)
    assert line.read(5) == b"\x03"


def test_what_is_cleared_is_never_printed(
    virtual: VirtualPrinter, line: Transport, settings: PrinterSettings
) -> None:
    virtual.set_fault(Fault.PAPER_OUT, when="mid_ticket")
    changes = virtual.changes
    line.write(encode(IMAGE, settings) + FENCE + STATE)
    assert line.read(5) in (b"\x12", b"\x1a")
    while not virtual.faults:  # the state is told at once, also before the middle
        changes = virtual.wait_for_change(changes, 5)
    line.write(CLEAR)
    assert line.read(5) == b"\x37\x25\x00"
    virtual.set_fault(Fault.PAPER_OUT, on=False)
    line.write(FENCE)
    assert line.read(5) == b"\x00"
    assert virtual.tickets == 0
    line.close()
    assert height(virtual.wait_for_ticket(1, 5)) == MID_TICKET_ROWS


@pytest.mark.parametrize("fault", [Fault.PAPER_OUT, Fault.COVER_OPEN, Fault.OFFLINE])
def test_printing_stops_in_the_middle_and_goes_on(
    virtual: VirtualPrinter, line: Transport, settings: PrinterSettings, fault: Fault
) -> None:
    virtual.set_fault(fault, when="mid_ticket")
    assert virtual.faults_to_come == {fault: "mid_ticket"}
    changes = virtual.changes
    line.write(encode(IMAGE, settings))
    while fault not in virtual.faults:
        changes = virtual.wait_for_change(changes, 5)
    paper = virtual.hanging_out()
    assert paper is not None
    assert paper.size == (576, MID_TICKET_ROWS)
    virtual.set_fault(fault, on=False)
    assert height(virtual.wait_for_ticket(1, 5)) == 400
    assert (virtual.faults, virtual.faults_to_come) == (frozenset(), {})


def test_a_short_ticket_meets_its_fault_before_the_cut(
    virtual: VirtualPrinter, line: Transport, settings: PrinterSettings
) -> None:
    virtual.set_fault(Fault.PAPER_OUT, when="mid_ticket")
    line.write(encode(Image.new("1", (576, 20), 0), settings) + FENCE)
    changes = virtual.changes
    while not virtual.faults:
        changes = virtual.wait_for_change(changes, 5)
    assert virtual.tickets == 0
    virtual.set_fault(Fault.PAPER_OUT, on=False)
    assert line.read(5) == b"\x00"
    assert virtual.tickets == 1


@pytest.mark.parametrize("fault", list(Fault))
def test_after_a_ticket_the_ticket_is_out_and_confirmed(
    virtual: VirtualPrinter, line: Transport, settings: PrinterSettings, fault: Fault
) -> None:
    virtual.set_fault(fault, when="after_ticket")
    line.write(encode(IMAGE, settings) + FENCE)
    assert line.read(5) == b"\x00"
    assert (virtual.tickets, virtual.faults) == (1, {fault})


def test_a_printer_that_is_not_asked_to_confirm_fails_before_the_next_question(
    virtual: VirtualPrinter, line: Transport, settings: PrinterSettings
) -> None:
    virtual.set_fault(Fault.PAPER_OUT, when="after_ticket")
    line.write(encode(IMAGE, settings))
    virtual.wait_for_ticket(1, 5)
    assert not virtual.faults
    line.write(STATE)
    assert line.read(5) == b"\x1a"


def test_a_fault_to_come_can_be_called_off(
    virtual: VirtualPrinter, line: Transport, settings: PrinterSettings
) -> None:
    virtual.set_fault(Fault.DIE_MID_TICKET)
    virtual.set_fault(Fault.DIE_MID_TICKET, on=False)
    line.write(encode(IMAGE, settings) + FENCE)
    assert line.read(5) == b"\x00"


def test_nonsense_answers_every_question(virtual: VirtualPrinter, line: Transport) -> None:
    virtual.set_fault(Fault.GARBAGE)
    answers: list[bytes] = []
    for question in (STATE, FENCE, STATE):
        line.write(question)
        answers.append(line.read(5))
    assert answers == [b"\x00", b"\xff", b"\x55"]


@pytest.mark.parametrize("when", ["now", "mid_ticket"])
def test_a_printer_that_hangs_up_loses_what_it_had_not_printed(
    virtual: VirtualPrinter, line: Transport, settings: PrinterSettings, when: str
) -> None:
    if when == "now":
        virtual.set_fault(Fault.HANG_UP)
    else:
        virtual.set_fault(Fault.HANG_UP, when="mid_ticket")
        line.write(encode(IMAGE, settings) + FENCE)
        assert height(virtual.wait_for_ticket(1, 5)) == MID_TICKET_ROWS
    assert ended(line)
    again = open_transport(settings)
    again.write(STATE)
    assert ended(again)
    again.close()
    virtual.set_fault(Fault.HANG_UP, on=False)
    again = open_transport(settings)
    again.write(STATE)
    assert again.read(5) == b"\x12"
    again.close()


@pytest.mark.parametrize("when", ["now", "mid_ticket"])
def test_a_printer_that_is_off_cannot_be_reached_until_it_is_on(
    virtual: VirtualPrinter, line: Transport, settings: PrinterSettings, when: str
) -> None:
    if when == "now":
        virtual.set_fault(Fault.POWER_CYCLE)
    else:
        virtual.set_fault(Fault.POWER_CYCLE, when="mid_ticket")
        line.write(encode(IMAGE, settings) + FENCE)
    assert ended(line)
    for _ in range(3):
        with pytest.raises(PrinterError, match="cannot be reached"):
            open_transport(settings)
        virtual.set_fault(Fault.POWER_CYCLE, on=False)
        again = open_transport(settings)
        again.write(FENCE)
        assert again.read(5) == b"\x00"
        again.close()
        virtual.set_fault(Fault.POWER_CYCLE)
    if when == "mid_ticket":
        virtual.set_fault(Fault.POWER_CYCLE, on=False)
        assert height(virtual.wait_for_ticket(1, 5)) == MID_TICKET_ROWS


def test_a_printer_that_dies_says_nothing_and_comes_back_empty(
    virtual: VirtualPrinter, line: Transport, settings: PrinterSettings
) -> None:
    virtual.set_fault(Fault.DIE_MID_TICKET)
    changes = virtual.changes
    line.write(encode(IMAGE, settings) + FENCE)
    while not virtual.faults:
        changes = virtual.wait_for_change(changes, 5)
    line.write(STATE)
    assert line.read(0.05) == b""
    virtual.set_fault(Fault.DIE_MID_TICKET, on=False)
    assert ended(line)
    assert height(virtual.wait_for_ticket(1, 5)) == MID_TICKET_ROWS
    again = open_transport(settings)
    again.write(encode(IMAGE, settings) + FENCE)
    assert again.read(5) == b"\x00"
    assert height(virtual.file(2)) == 400
    again.close()


def test_a_slow_printer_answers_about_its_state_meanwhile(
    virtual: VirtualPrinter, line: Transport, settings: PrinterSettings
) -> None:
    virtual.set_fault(Fault.SLOW)
    line.write(encode(IMAGE, settings) + FENCE + STATE)
    assert line.read(5) == b"\x12"
    assert virtual.tickets == 0
    virtual.set_fault(Fault.SLOW, on=False)
    assert line.read(5) == b"\x00"


@pytest.mark.parametrize("fault", list(Fault))
def test_a_printer_stops_whatever_is_the_matter(tmp_path: Path, fault: Fault) -> None:
    with VirtualPrinter("127.0.0.1", 0, tmp_path) as printer:
        settings = PrinterSettings(device=f"network:127.0.0.1:{printer.port}", timeout_s=5)
        line = open_transport(settings)
        printer.set_fault(fault, when="mid_ticket")
        with suppress(OSError):
            line.write(encode(IMAGE, settings) * 3)
        changes = printer.changes
        while fault not in printer.faults:
            changes = printer.wait_for_change(changes, 5)
    line.close()
