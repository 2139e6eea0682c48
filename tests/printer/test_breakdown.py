"""Every fault of the virtual printer before, during and after a ticket: what is said of the ticket
and of the printer, and which papers come out, at once and when the fault is mended."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PIL import Image

from kiosk.config import PrinterSettings
from kiosk.printer.delivery import Outcome
from kiosk.printer.device import LAST_ROWS
from kiosk.printer.faults import MID_TICKET_ROWS, Fault, When
from kiosk.printer.status import PrinterStatus, State
from kiosk.printer.virtual import VirtualPrinter
from tests.printer.test_spool import OK, Desk

FIRST, AGAIN = 200, 240
"""Rows of the first paper and of the reprint, to tell them apart."""
PART, HEAD = MID_TICKET_ROWS, FIRST - LAST_ROWS


def draw(again: bool) -> Image.Image:
    return Image.new("1", (576, AGAIN if again else FIRST), 0)


@dataclass(frozen=True)
class Row:
    fault: Fault
    when: When
    outcome: Outcome
    reason: str
    state: State
    told: str
    """What the printer's state is afterwards, and why."""
    papers: list[int] = field(default_factory=list)
    """Lengths of what comes out at once."""
    mended: list[int] = field(default_factory=list)
    """Lengths of what comes out when the fault is mended. A reprint was owed if one is there."""

    def __str__(self) -> str:
        return f"{self.fault}-{self.when}"


OUT, OPEN, PAUSED = "printer_paper_out", "printer_cover_open", "printer_offline"
GONE, AWAY, MUTE = "printer_hung_up", "printer_unreachable", "printer_silent"
NOISE, NEAR, BROKEN = "printer_garbled", "printer_near_end", "printer_interrupted"

TABLE = [
    Row(Fault.PAPER_OUT, "now", "failed", OUT, "bad", OUT),
    Row(Fault.COVER_OPEN, "now", "failed", OPEN, "bad", OPEN),
    Row(Fault.OFFLINE, "now", "failed", PAUSED, "bad", PAUSED),
    Row(Fault.POWER_CYCLE, "now", "failed", AWAY, "bad", AWAY),
    Row(Fault.HANG_UP, "now", "failed", GONE, "unknown", GONE),
    Row(Fault.DIE_MID_TICKET, "now", "uncertain", MUTE, "unknown", MUTE),
    Row(Fault.SILENT, "now", "uncertain", MUTE, "unknown", MUTE, [FIRST]),
    Row(Fault.GARBAGE, "now", "uncertain", NOISE, "unknown", NOISE, [FIRST]),
    Row(Fault.NEAR_END, "now", "printed", NEAR, "ok", NEAR, [FIRST]),
    Row(Fault.SLOW, "now", "printed", "", "ok", "", [FIRST]),
    Row(Fault.PAPER_OUT, "mid_ticket", "uncertain", OUT, "bad", OUT, [], [PART, AGAIN]),
    Row(Fault.COVER_OPEN, "mid_ticket", "uncertain", OPEN, "bad", OPEN, [], [PART, AGAIN]),
    Row(Fault.OFFLINE, "mid_ticket", "uncertain", PAUSED, "bad", PAUSED, [], [PART, AGAIN]),
    Row(Fault.POWER_CYCLE, "mid_ticket", "uncertain", BROKEN, "bad", AWAY, [], [PART, AGAIN]),
    Row(Fault.HANG_UP, "mid_ticket", "uncertain", BROKEN, "unknown", GONE, [PART], [AGAIN]),
    Row(Fault.DIE_MID_TICKET, "mid_ticket", "uncertain", MUTE, "unknown", MUTE, [], [PART, AGAIN]),
    # All but the last rows came out; whoever finds it has no cut ticket in hand.
    Row(Fault.SILENT, "mid_ticket", "uncertain", MUTE, "unknown", MUTE, [HEAD], [AGAIN]),
    # It came out whole, and nobody can know.
    Row(Fault.GARBAGE, "mid_ticket", "uncertain", NOISE, "unknown", NOISE, [FIRST]),
    Row(Fault.NEAR_END, "mid_ticket", "printed", NEAR, "ok", NEAR, [FIRST]),
    Row(Fault.SLOW, "mid_ticket", "printed", "", "ok", "", [FIRST]),
    Row(Fault.PAPER_OUT, "after_ticket", "printed", "", "bad", OUT, [FIRST]),
    Row(Fault.COVER_OPEN, "after_ticket", "printed", "", "bad", OPEN, [FIRST]),
    Row(Fault.OFFLINE, "after_ticket", "printed", "", "bad", PAUSED, [FIRST]),
    # It came out whole; but what confirmed it may have been noise, if nothing sensible follows.
    Row(Fault.POWER_CYCLE, "after_ticket", "uncertain", BROKEN, "bad", AWAY, [FIRST]),
    Row(Fault.HANG_UP, "after_ticket", "uncertain", BROKEN, "unknown", GONE, [FIRST]),
    Row(Fault.DIE_MID_TICKET, "after_ticket", "uncertain", MUTE, "unknown", MUTE, [FIRST]),
    Row(Fault.SILENT, "after_ticket", "uncertain", MUTE, "unknown", MUTE, [FIRST]),
    Row(Fault.GARBAGE, "after_ticket", "uncertain", NOISE, "unknown", NOISE, [FIRST]),
    Row(Fault.NEAR_END, "after_ticket", "printed", NEAR, "ok", NEAR, [FIRST]),
    Row(Fault.SLOW, "after_ticket", "printed", "", "ok", "", [FIRST]),
]


def lengths(virtual: VirtualPrinter, expected: int) -> list[int]:
    """How long each paper is, once as many came out as are expected."""
    if expected:
        virtual.wait_for_ticket(expected, 10)
    return [height(virtual.file(n)) for n in range(1, virtual.tickets + 1)]


def height(path: Path) -> int:
    with Image.open(path) as paper:
        return paper.height


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_a_fault_and_its_mending(
    virtual: VirtualPrinter, settings: PrinterSettings, row: Row, expected_warnings: list[str]
) -> None:
    expected_warnings += ["printer (bad|unknown|ok) printer_", "ticket t1: (failed|uncertain) "]
    if row.told in (MUTE, NOISE):  # what is waited for does not come
        settings = settings.model_copy(update={"timeout_s": 0.5})
    status = PrinterStatus(row.state, row.told)
    with Desk(settings) as desk:
        assert desk.next() == OK
        virtual.set_fault(row.fault, when=row.when)
        desk.spool.print("t1", draw)
        if row.outcome != "failed":
            assert desk.next() == ("t1", "sending")
        assert desk.next() == ("t1", row.outcome, row.reason, False)
        if status != OK:
            assert desk.next() == status
        assert lengths(virtual, len(row.papers)) == row.papers

        virtual.set_fault(row.fault, on=False)
        desk.tick()
        if status != OK:
            assert desk.next() == OK
        if AGAIN in row.mended:
            assert desk.next() == ("t1", "sending")
            assert desk.next() == ("t1", "printed", "", True)
        desk.tick()
    assert lengths(virtual, len(row.papers + row.mended)) == row.papers + row.mended


def test_every_fault_is_in_the_table_at_every_moment() -> None:
    rows = [(row.fault, row.when) for row in TABLE]
    assert len(set(rows)) == len(rows) == 3 * len(Fault)
