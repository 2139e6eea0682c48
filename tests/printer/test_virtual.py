from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from kiosk.config import PrinterSettings, TicketSettings
from kiosk.printer.device import encode, open_transport
from kiosk.printer.layout import render
from kiosk.printer.template import TicketTemplate
from kiosk.printer.ticket import TicketFace
from kiosk.printer.virtual import Fault, VirtualPrinter


def same(path: Path, image: Image.Image) -> bool:
    with Image.open(path) as paper:
        return paper.size == image.size and paper.tobytes() == image.tobytes()


@pytest.mark.parametrize("dots", [576, 384])
def test_paper_is_the_bitmap_pixel_for_pixel(
    virtual: VirtualPrinter, settings: PrinterSettings, face: TicketFace, dots: int
) -> None:
    template = TicketTemplate(dots, 203, TicketSettings().blocks)
    tickets = [render(replace(face, number=number), template) for number in ("A012", "A013")]
    transport = open_transport(settings)
    for ticket in tickets:
        transport.write(encode(ticket, settings))
    for n, ticket in enumerate(tickets, start=1):
        assert same(virtual.wait_for_ticket(n, 10), ticket)
    assert virtual.unknown_bytes == 0
    transport.close()


@pytest.mark.parametrize("fault", [Fault.PAPER_OUT, Fault.COVER_OPEN, Fault.OFFLINE])
def test_what_cannot_be_printed_is_held(
    virtual: VirtualPrinter, settings: PrinterSettings, face: TicketFace, fault: Fault
) -> None:
    ticket = render(face, TicketTemplate(576, 203, TicketSettings().blocks))
    virtual.set_fault(fault)
    transport = open_transport(settings)
    transport.write(encode(ticket, settings) + b"\x10\x04\x01")
    assert transport.read(10) == b"\x1a"  # all of it was received
    with pytest.raises(TimeoutError):
        virtual.wait_for_ticket(1, 0)
    virtual.set_fault(fault, on=False)
    assert same(virtual.wait_for_ticket(1, 10), ticket)
    transport.close()


def test_a_full_buffer_pushes_back_and_loses_nothing(
    virtual: VirtualPrinter, settings: PrinterSettings
) -> None:
    ticket = Image.new("1", (576, 8000), 0)
    virtual.set_fault(Fault.PAPER_OUT)
    transport = open_transport(settings.model_copy(update={"timeout_s": 0.1}))
    with pytest.raises(TimeoutError):
        transport.write(encode(ticket, settings) * 100)
    virtual.set_fault(Fault.PAPER_OUT, on=False)
    assert same(virtual.wait_for_ticket(1, 10), ticket)
    transport.close()


def test_a_silent_printer_prints(
    virtual: VirtualPrinter, settings: PrinterSettings, face: TicketFace
) -> None:
    virtual.set_fault(Fault.SILENT)
    transport = open_transport(settings)
    ticket = render(face, TicketTemplate(576, 203, TicketSettings().blocks))
    transport.write(b"\x10\x04\x01" + encode(ticket, settings))
    assert same(virtual.wait_for_ticket(1, 10), ticket)
    assert transport.read(0) == b""
    transport.close()


def test_uncut_paper_is_torn_off_when_the_client_leaves(
    virtual: VirtualPrinter, settings: PrinterSettings
) -> None:
    uncut = settings.model_copy(update={"cut": False})
    transport = open_transport(uncut)
    image = Image.new("1", (64, 10), 0)
    transport.write(encode(image, uncut) * 2)
    transport.close()
    with Image.open(virtual.wait_for_ticket(1, 10)) as paper:
        assert paper.size == (64, 10 + 180 + 10)


def test_endless_paper_is_torn_off(virtual: VirtualPrinter, settings: PrinterSettings) -> None:
    uncut = settings.model_copy(update={"cut": False})
    transport = open_transport(uncut)
    transport.write(encode(Image.new("1", (64, 17_000), 0), uncut))
    with Image.open(virtual.wait_for_ticket(1, 10)) as paper:
        assert 16_000 < paper.height <= 17_000
    transport.close()


def test_clients_do_not_mix(virtual: VirtualPrinter, settings: PrinterSettings) -> None:
    images = [Image.new("1", (64, 200 + n), n % 2) for n in range(2)]
    streams = [encode(image, settings) for image in images]
    transports = [open_transport(settings) for _ in images]
    for half in (slice(0, 1000), slice(1000, None)):
        for transport, stream in zip(transports, streams, strict=True):
            transport.write(stream[half])
    sizes = set()
    for n in (1, 2):
        with Image.open(virtual.wait_for_ticket(n, 10)) as paper:
            sizes.add(paper.size)
    assert sizes == {image.size for image in images}
    for transport in transports:
        transport.close()


def test_noise_is_counted_and_does_no_harm(
    virtual: VirtualPrinter, settings: PrinterSettings
) -> None:
    image = Image.new("1", (64, 10), 0)
    transport = open_transport(settings)
    transport.write(b"GET / HTTP/1.1\r\r" + encode(image, settings) + b"\x10\x04\x01")
    assert transport.read(10) == b"\x12"
    assert same(virtual.wait_for_ticket(1, 10), image)
    transport.close()
    virtual.stop()
    assert virtual.unknown_bytes == 16


def test_each_ticket_is_announced(tmp_path: Path) -> None:
    seen: list[Path] = []
    image = Image.new("1", (64, 10), 0)
    with VirtualPrinter("127.0.0.1", 0, tmp_path, seen.append) as printer:
        settings = PrinterSettings(device=f"network:127.0.0.1:{printer.port}")
        transport = open_transport(settings)
        transport.write(encode(image, settings))
        printer.wait_for_ticket(1, 10)
        transport.close()
    assert seen == [tmp_path / "ticket-0001.png"]


def test_a_full_disk_is_told_and_survived(tmp_path: Path, expected_warnings: list[str]) -> None:
    expected_warnings.append("could not be written")
    out = tmp_path / "paper"
    image = Image.new("1", (64, 10), 0)
    with VirtualPrinter("127.0.0.1", 0, out) as printer:
        settings = PrinterSettings(device=f"network:127.0.0.1:{printer.port}")
        out.rmdir()
        transport = open_transport(settings)
        transport.write(encode(image, settings))
        printer.wait_for_ticket(1, 10)
        out.mkdir()
        transport.write(encode(image, settings))
        assert same(printer.wait_for_ticket(2, 10), image)
        transport.close()


def test_stop_hangs_up(tmp_path: Path) -> None:
    with VirtualPrinter("127.0.0.1", 0, tmp_path) as printer:
        client = socket.create_connection(("127.0.0.1", printer.port))
        client.sendall(b"\x10\x04\x01")
        assert client.recv(1) == b"\x12"
    assert client.recv(1) == b""
    client.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_served_until_told_to_stop(tmp_path: Path, number: signal.Signals) -> None:
    program = (
        "import logging, sys; from pathlib import Path; from kiosk.printer.page import serve;"
        "logging.basicConfig(level=logging.INFO, format='%(message)s', stream=sys.stdout);"
        "serve('127.0.0.1', 0, Path(sys.argv[1]), 0)"
    )
    with ExitStack() as stack:
        process = stack.enter_context(
            subprocess.Popen(
                [sys.executable, "-c", program, tmp_path], stdout=subprocess.PIPE, text=True
            )
        )
        stack.callback(process.kill)
        assert process.stdout is not None
        port = re.search(r":(\d+),", process.stdout.readline())
        assert port is not None
        client = stack.enter_context(socket.create_connection(("127.0.0.1", int(port[1]))))
        client.sendall(b"\x10\x04\x01")
        assert client.recv(1) == b"\x12"  # it is being served, not only queued by the kernel
        process.send_signal(number)
        assert process.wait(10) == 0
        assert client.recv(1) == b""
