from __future__ import annotations

import pytest
import usb.backend.libusb1

from kiosk.config import PrinterSettings
from kiosk.errors import PrinterError
from kiosk.printer.device import Transport, open_transport
from tests.printer.usb_bus import Bus, UsbPrinter


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Bus:
    bus = Bus()
    monkeypatch.setattr(usb.backend.libusb1, "get_backend", lambda: bus)
    return bus


def opened(device: str) -> Transport:
    return open_transport(PrinterSettings(device=device, timeout_s=0.1))


def refusal(device: str) -> str:
    with pytest.raises(PrinterError) as caught:
        opened(device)
    return caught.value.key


def test_it_is_written_to_and_read_back(bus: Bus) -> None:
    printer = UsbPrinter("A1", answers=[b"\x12"])
    bus.plug(printer)
    transport = opened("usb:04b8:0e15")
    transport.write(b"\x10\x04\x01")
    assert transport.read(1) == b"\x12"
    assert transport.read(0) == b""
    assert printer.written == b"\x10\x04\x01"
    transport.close()


def test_of_two_alike_the_serial_number_tells_which(bus: Bus) -> None:
    printers = [UsbPrinter("A1"), UsbPrinter("B2", answers=[b"\x12"])]
    for printer in printers:
        bus.plug(printer)
    transport = opened("usb:04B8:0E15:B2")
    transport.write(b"x")
    transport.close()
    assert [printer.written for printer in printers] == [b"", b"x"]
    assert refusal("usb:04b8:0e15:C3") == "printer_unreachable"


def test_a_device_that_may_not_be_asked_is_not_the_one(bus: Bus) -> None:
    bus.plug(UsbPrinter("A1", readable=False))
    bus.plug(UsbPrinter("B2"))
    opened("usb:04b8:0e15:B2").close()
    assert refusal("usb:04b8:0e15:A1") == "printer_unreachable"


def test_after_a_power_cycle_it_is_the_same_printer_at_another_address(bus: Bus) -> None:
    other, ours = UsbPrinter("A1"), UsbPrinter("B2")
    bus.plug(other)
    bus.plug(ours)
    transport = opened("usb:04b8:0e15:B2")
    bus.plugged.remove(ours)
    with pytest.raises(OSError, match="No such device"):
        transport.write(b"x")
    with pytest.raises(OSError, match="No such device"):
        transport.read(0)
    transport.close()
    assert refusal("usb:04b8:0e15:B2") == "printer_unreachable"
    bus.plug(ours)
    transport = opened("usb:04b8:0e15:B2")
    transport.write(b"x")
    assert (ours.written, other.written) == (b"x", b"")
    transport.close()


def test_what_another_program_has_claimed_is_left_alone(
    bus: Bus, expected_warnings: list[str]
) -> None:
    expected_warnings.append("Could not set configuration")
    printer = UsbPrinter("A1", taken=True)
    bus.plug(printer)
    assert refusal("usb:04b8:0e15") == "printer_taken"
    printer.taken = False
    opened("usb:04b8:0e15").close()
