from __future__ import annotations

import socket
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.config import PrinterSettings
from kiosk.errors import PrinterError
from kiosk.locale import LANGUAGES
from kiosk.printer.device import open_transport
from kiosk.printer.status import PrinterStatus, parse, query
from kiosk.printer.virtual import Fault, VirtualPrinter


class Scripted:
    """A transport that answers each question with the next reply."""

    remembers = False

    def __init__(self, *replies: bytes, late: bytes = b"") -> None:
        self.replies = list(replies)
        self.waiting = [late] if late else []

    def write(self, _data: bytes) -> None:
        self.waiting.append(self.replies.pop(0))

    def read(self, _timeout: float) -> bytes:
        return self.waiting.pop(0) if self.waiting else b""

    def close(self) -> None:
        pass


@given(n=st.integers(1, 4), reply=st.integers(0, 255))
def test_only_a_well_formed_byte_is_believed(n: int, reply: int) -> None:
    bits = f"{reply:08b}"
    well_formed = bits[0] == "0" and bits[3] == "1" and bits[6:] == "10"
    status = parse(n, reply)
    assert (status.state == "unknown") == (not well_formed)
    assert bool(status.reason) or status.state == "ok"


@given(n=st.integers(1, 4), reply=st.integers(0, 255))
def test_every_reason_has_its_sentences(n: int, reply: int) -> None:
    if reason := parse(n, reply).reason:
        for language in LANGUAGES:
            assert PrinterError(reason).what(language)
            assert PrinterError(reason).do(language)


@pytest.mark.parametrize(
    ("n", "reply", "expected"),
    [
        (1, 0x12, PrinterStatus("ok")),
        (1, 0x16, PrinterStatus("ok")),  # drawer open: we have none
        (1, 0x1A, PrinterStatus("bad", "printer_offline")),
        (2, 0x12, PrinterStatus("ok")),
        (2, 0x16, PrinterStatus("bad", "printer_cover_open")),
        (2, 0x32, PrinterStatus("bad", "printer_paper_out")),
        (2, 0x52, PrinterStatus("bad", "printer_fault")),
        (3, 0x1A, PrinterStatus("bad", "printer_cutter")),
        (3, 0x32, PrinterStatus("bad", "printer_fault")),
        (4, 0x1E, PrinterStatus("ok", "printer_near_end")),
        (4, 0x7E, PrinterStatus("bad", "printer_paper_out")),
        (4, 0x00, PrinterStatus("unknown", "printer_garbled")),
    ],
)
def test_bits_mean_what_the_reference_says(n: int, reply: int, expected: PrinterStatus) -> None:
    assert parse(n, reply) == expected


WELL = b"\x12"


@pytest.mark.parametrize(
    ("replies", "expected"),
    [
        ((WELL, WELL, WELL, WELL), PrinterStatus("ok")),
        ((WELL, WELL, WELL, b"\x1e"), PrinterStatus("ok", "printer_near_end")),
        # Offline because the paper is out: the cause is told, not the effect.
        ((b"\x1a", b"\x32", WELL, b"\x7e"), PrinterStatus("bad", "printer_paper_out")),
        ((b"\x1a", b""), PrinterStatus("bad", "printer_offline")),
        ((b"",), PrinterStatus("unknown", "printer_silent")),
        ((WELL, WELL, WELL, b""), PrinterStatus("unknown", "printer_silent")),
        ((WELL, WELL, WELL, b"\x12\x12"), PrinterStatus("unknown", "printer_garbled")),
        ((b"\x00", WELL, WELL, b"\x1e"), PrinterStatus("unknown", "printer_garbled")),
    ],
)
def test_a_fault_outweighs_a_doubt_and_a_doubt_a_warning(
    replies: tuple[bytes, ...], expected: PrinterStatus
) -> None:
    assert query(Scripted(*replies), 0) == expected


def test_a_late_reply_answers_nothing() -> None:
    assert query(Scripted(WELL, WELL, WELL, b"\x7e", late=WELL), 0).reason == "printer_paper_out"


def hang_up(client: socket.socket) -> None:
    client.recv(16)


def babble(client: socket.socket) -> None:
    while client.recv(16):
        client.sendall(b"\x00")


def flood(client: socket.socket) -> None:
    while client.recv(16):
        client.sendall(b"\xff" * 5000)


def say_nothing(client: socket.socket) -> None:
    while client.recv(16):
        pass


@pytest.mark.parametrize(
    ("treat", "reason"),
    [
        (hang_up, "printer_hung_up"),
        (babble, "printer_garbled"),
        (flood, "printer_garbled"),
        (say_nothing, "printer_silent"),
    ],
)
def test_a_strange_peer_is_unknown(
    treat: Callable[[socket.socket], None],
    reason: str,
    peer: Callable[[Callable[[socket.socket], None]], PrinterSettings],
) -> None:
    transport = open_transport(peer(treat))
    assert query(transport, 0.2) == PrinterStatus("unknown", reason)
    transport.close()


@pytest.mark.parametrize(
    ("faults", "expected"),
    [
        ((), PrinterStatus("ok")),
        ((Fault.NEAR_END,), PrinterStatus("ok", "printer_near_end")),
        ((Fault.PAPER_OUT,), PrinterStatus("bad", "printer_paper_out")),
        ((Fault.COVER_OPEN,), PrinterStatus("bad", "printer_cover_open")),
        ((Fault.OFFLINE,), PrinterStatus("bad", "printer_offline")),
        ((Fault.OFFLINE, Fault.PAPER_OUT), PrinterStatus("bad", "printer_paper_out")),
        ((Fault.SILENT,), PrinterStatus("unknown", "printer_silent")),
    ],
)
def test_the_virtual_printer_is_understood(
    virtual: VirtualPrinter,
    settings: PrinterSettings,
    faults: tuple[Fault, ...],
    expected: PrinterStatus,
) -> None:
    transport = open_transport(settings)
    for fault in faults:
        virtual.set_fault(fault)
    assert query(transport, 0.2 if Fault.SILENT in faults else 5) == expected
    for fault in faults:
        virtual.set_fault(fault, on=False)
    assert query(transport, 5) == PrinterStatus("ok")
    transport.close()
