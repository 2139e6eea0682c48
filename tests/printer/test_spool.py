from __future__ import annotations

import queue
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from kiosk.config import PrinterSettings
from kiosk.printer.spool import Job, Outcome, Spool
from kiosk.printer.status import PrinterStatus
from kiosk.printer.virtual import Fault, VirtualPrinter

IMAGE = Image.new("1", (576, 400), 0)
TICK = Job("tick", lambda _: IMAGE)


class Clock(queue.Queue["Job | None"]):
    """An inbox whose time goes by only when a test says so."""

    def get(self, *_: object, **__: object) -> Job | None:
        job = super().get()
        if job is TICK:
            raise queue.Empty
        return job


@dataclass
class Desk:
    """A spool, and what it told."""

    settings: PrinterSettings
    clock: Clock = field(default_factory=Clock)
    told: queue.Queue[Any] = field(default_factory=queue.Queue)
    spool: Spool = field(init=False)

    def __post_init__(self) -> None:
        self.spool = Spool(
            self.settings,
            sending=lambda ticket: self.told.put((ticket, "sending")),
            report=lambda *report: self.told.put(report),
            status_changed=self.told.put,
            inbox=self.clock,
        )

    def next(self) -> Any:
        return self.told.get(timeout=10)

    def tick(self) -> None:
        self.clock.put(TICK)

    def __enter__(self) -> Desk:
        self.spool.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.spool.stop()
        assert self.told.empty()


OK = PrinterStatus("ok")


def test_a_ticket_is_sent_and_printed(virtual: VirtualPrinter, settings: PrinterSettings) -> None:
    with Desk(settings) as desk:
        assert desk.next() == OK
        for n in (1, 2):
            desk.spool.print(f"t{n}", lambda _: IMAGE)
            assert desk.next() == (f"t{n}", "sending")
            assert desk.next() == (f"t{n}", "printed", "", False)
            virtual.wait_for_ticket(n, 10)


FAULTS = [
    (Fault.PAPER_OUT, "printer_paper_out"),
    (Fault.COVER_OPEN, "printer_cover_open"),
    (Fault.OFFLINE, "printer_offline"),
]


@pytest.mark.parametrize(("fault", "reason"), FAULTS)
def test_a_bad_printer_gets_no_ticket_and_is_noticed(
    virtual: VirtualPrinter,
    settings: PrinterSettings,
    fault: Fault,
    reason: str,
    expected_warnings: list[str],
) -> None:
    expected_warnings.append(reason)
    with Desk(settings) as desk:
        assert desk.next() == OK
        virtual.set_fault(fault)
        desk.spool.print("t1", lambda _: IMAGE)
        assert desk.next() == ("t1", "failed", reason, False)
        assert desk.next() == PrinterStatus("bad", reason)
        virtual.set_fault(fault, on=False)
        desk.tick()
        assert desk.next() == OK
        with pytest.raises(TimeoutError):
            virtual.wait_for_ticket(1, 0)
        desk.spool.print("t2", lambda _: IMAGE)
        assert desk.next() == ("t2", "sending")
        assert desk.next() == ("t2", "printed", "", False)


@pytest.mark.parametrize(("fault", "reason"), FAULTS)
def test_an_idle_printer_is_watched(
    virtual: VirtualPrinter,
    settings: PrinterSettings,
    fault: Fault,
    reason: str,
    expected_warnings: list[str],
) -> None:
    expected_warnings.append(reason)
    with Desk(settings) as desk:
        assert desk.next() == OK
        desk.tick()
        desk.tick()
        virtual.set_fault(fault)
        desk.tick()
        assert desk.next() == PrinterStatus("bad", reason)


def test_nearly_no_paper_is_a_warning_only(
    virtual: VirtualPrinter, settings: PrinterSettings, expected_warnings: list[str]
) -> None:
    expected_warnings.append("printer_near_end")
    virtual.set_fault(Fault.NEAR_END)
    with Desk(settings) as desk:
        assert desk.next() == PrinterStatus("ok", "printer_near_end")
        desk.spool.print("t1", lambda _: IMAGE)
        assert desk.next() == ("t1", "sending")
        assert desk.next() == ("t1", "printed", "printer_near_end", False)


@pytest.mark.parametrize(
    ("silent_ok", "outcome", "reason"),
    [(False, "uncertain", "printer_silent"), (True, "printed", "")],
)
def test_silence_is_a_doubt_unless_it_is_the_rule(
    virtual: VirtualPrinter,
    settings: PrinterSettings,
    expected_warnings: list[str],
    silent_ok: bool,
    outcome: Outcome,
    reason: str,
) -> None:
    expected_warnings.append("printer_silent")
    virtual.set_fault(Fault.SILENT)
    quick = settings.model_copy(update={"silent_ok": silent_ok, "timeout_s": 0.2})
    with Desk(quick) as desk:
        assert desk.next() == PrinterStatus("unknown", "printer_silent")
        desk.spool.print("t1", lambda _: IMAGE)
        assert desk.next() == ("t1", "sending")
        assert desk.next() == ("t1", outcome, reason, False)
        virtual.wait_for_ticket(1, 10)


def test_after_a_power_cycle_the_next_ticket_is_printed(
    tmp_path: Path, expected_warnings: list[str]
) -> None:
    expected_warnings.append("printer_unreachable")
    with VirtualPrinter("127.0.0.1", 0, tmp_path) as printer:
        port = printer.port
        desk = Desk(PrinterSettings(device=f"network:127.0.0.1:{port}"))
        desk.spool.start()
        assert desk.next() == OK
    desk.tick()
    assert desk.next() == PrinterStatus("bad", "printer_unreachable")
    with VirtualPrinter("127.0.0.1", port, tmp_path) as printer:
        desk.tick()
        assert desk.next() == OK
    with VirtualPrinter("127.0.0.1", port, tmp_path / "again") as printer:
        # Off and on between two looks: nobody noticed, and the ticket comes out all the same.
        desk.spool.print("t1", lambda _: IMAGE)
        assert desk.next() == ("t1", "sending")
        assert desk.next() == ("t1", "printed", "", False)
        printer.wait_for_ticket(1, 10)
        desk.spool.stop()


@pytest.mark.parametrize(
    ("device", "reason"),
    [
        ("none", "printer_none"),
        ("lpt1", "printer_device_string"),
        ("file:/nowhere/lp0", "printer_unreachable"),
    ],
)
def test_without_a_printer_every_ticket_fails_and_the_spool_lives(
    device: str, reason: str, expected_warnings: list[str]
) -> None:
    expected_warnings.append(reason)
    with Desk(PrinterSettings(device=device)) as desk:
        assert desk.next() == PrinterStatus("bad", reason)
        for ticket in ("t1", "t2"):
            desk.spool.print(ticket, lambda _: IMAGE)
            assert desk.next() == (ticket, "failed", reason, False)


def test_what_cannot_be_drawn_is_told_and_survived(
    virtual: VirtualPrinter, settings: PrinterSettings, expected_warnings: list[str]
) -> None:
    expected_warnings.append("t1")
    with Desk(settings) as desk:
        assert desk.next() == OK
        desk.spool.print("t1", lambda _: Image.new("1", (800, 10)))
        assert desk.next() == ("t1", "failed", "ticket_not_drawn", False)
        desk.spool.print("t2", lambda _: IMAGE)
        assert desk.next() == ("t2", "sending")
        assert desk.next() == ("t2", "printed", "", False)
        virtual.wait_for_ticket(1, 10)


def test_a_listener_that_fails_does_not_stop_the_printer(
    virtual: VirtualPrinter, settings: PrinterSettings, expected_warnings: list[str]
) -> None:
    expected_warnings.append("listener")

    def fail(*_: object) -> None:
        raise OSError("disk full")

    spool = Spool(settings, sending=lambda _: None, report=fail, status_changed=fail)
    spool.start()
    spool.print("t1", lambda _: IMAGE)
    spool.print("t2", lambda _: IMAGE)
    virtual.wait_for_ticket(2, 10)
    spool.stop()


def test_no_byte_goes_out_that_nobody_wrote_down(
    virtual: VirtualPrinter, settings: PrinterSettings, expected_warnings: list[str]
) -> None:
    expected_warnings += ["nobody wrote down", "t1: failed ticket_not_committed"]
    told: queue.Queue[tuple[object, ...]] = queue.Queue()

    def fail(_: object) -> None:
        raise OSError("disk full")

    spool = Spool(
        settings,
        sending=fail,
        report=lambda *what: told.put(what),
        status_changed=lambda _: None,
    )
    spool.start()
    spool.print("t1", lambda _: IMAGE)
    assert told.get(timeout=10) == ("t1", "failed", "ticket_not_committed", False)
    spool.stop()
    assert virtual.tickets == 0


def test_stop_leaves_the_waiting_tickets_queued(
    virtual: VirtualPrinter, settings: PrinterSettings
) -> None:
    desk = Desk(settings)
    desk.spool.print("t1", lambda _: IMAGE)
    desk.spool._stopping.set()
    with desk:
        assert desk.next() == OK
    with pytest.raises(TimeoutError):
        virtual.wait_for_ticket(1, 0)
