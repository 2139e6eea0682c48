from __future__ import annotations

import os
import socket
import tty
from collections.abc import Iterator

import pytest
from escpos.printer import Dummy
from PIL import Image

from kiosk.config import PrinterSettings
from kiosk.errors import PrinterError
from kiosk.locale import LANGUAGES
from kiosk.printer.decoder import Cut, Decoder, Rows
from kiosk.printer.device import Transport, UsbTransport, encode, open_transport


@pytest.mark.parametrize(
    ("device", "key"),
    [
        ("none", "printer_none"),
        ("", "printer_device_string"),
        ("lp0", "printer_device_string"),
        ("network:printer", "printer_device_string"),
        ("network:printer:http", "printer_device_string"),
        ("usb:04b8", "printer_device_string"),
        ("usb:04b8:zzzz", "printer_device_string"),
        ("serial:/dev/ttyUSB0", "printer_device_string"),
        ("file:", "printer_device_string"),
        ("file:/nowhere/lp0", "printer_unreachable"),
        ("serial:/nowhere/tty:9600", "printer_unreachable"),
        ("network:127.0.0.1:99999", "printer_unreachable"),
        ("usb:dead:beef", "printer_unreachable"),
    ],
)
def test_a_device_that_cannot_be_used_says_why(device: str, key: str) -> None:
    with pytest.raises(PrinterError) as caught:
        open_transport(PrinterSettings(device=device, timeout_s=0.5))
    assert caught.value.key == key
    for language in LANGUAGES:
        assert caught.value.what(language)
        assert caught.value.do(language)


def test_nobody_at_the_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(PrinterError, match="cannot be reached"):
        open_transport(PrinterSettings(device=f"network:127.0.0.1:{port}", timeout_s=0.5))


@pytest.mark.parametrize("cut", [True, False])
def test_a_job_is_the_bitmap_and_a_cut(cut: bool, capsys: pytest.CaptureFixture[str]) -> None:
    image = Image.frombytes("1", (576, 300), bytes(range(240)) * 90)
    actions = list(Decoder().feed(encode(image, PrinterSettings(cut=cut))))
    rows = [action for action in actions if isinstance(action, Rows)]
    assert [len(each.data) // each.row_bytes for each in rows] == [128, 128, 28, 16]
    joined = b"".join(each.data for each in rows)
    assert Image.frombytes("1", (576, 300), joined, "raw", "1;I").tobytes() == image.tobytes()
    assert (Cut() in actions) is cut
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("cut", [True, False])
@pytest.mark.parametrize("size", [(576, 300), (384, 128), (381, 1)])
def test_a_job_is_what_python_escpos_would_send(cut: bool, size: tuple[int, int]) -> None:
    image = Image.frombytes("L", size, bytes(range(251)) * (size[0] * size[1] // 251 + 1))
    image = image.point([0] * 128 + [255] * 128, "1")
    job = Dummy()
    job.profile.profile_data = job.profile.profile_data | {"media": {"width": {"pixels": 576}}}
    job.hw("INIT")
    last = max(0, size[1] - 16)
    if last:
        job.image(image.crop((0, 0, size[0], last)), fragment_height=128)
    job.image(image.crop((0, last, *size)))
    if cut:
        job.cut()
    else:
        job.print_and_feed(6)
    assert encode(image, PrinterSettings(cut=cut)) == job.output


def test_a_bitmap_wider_than_the_paper_is_refused() -> None:
    with pytest.raises(ValueError, match="577 dots"):
        encode(Image.new("1", (577, 1)), PrinterSettings(dots=576))


@pytest.fixture
def terminal() -> Iterator[tuple[int, str]]:
    """A pseudo-terminal: the printer's end, and the path of ours."""
    printer, ours = os.openpty()
    tty.setraw(ours)
    yield printer, os.ttyname(ours)
    os.close(printer)
    os.close(ours)


def opened(device: str) -> Transport:
    return open_transport(PrinterSettings(device=device, timeout_s=0.1))


@pytest.mark.parametrize("device", ["file:{path}", "serial:{path}:115200"])
def test_character_devices_are_read_back(terminal: tuple[int, str], device: str) -> None:
    printer, path = terminal
    transport = opened(device.format(path=path))
    assert transport.read(0) == b""
    transport.write(b"\x10\x04\x01")
    assert os.read(printer, 64) == b"\x10\x04\x01"
    os.write(printer, b"\x12")
    assert transport.read(1) == b"\x12"
    assert transport.read(0.01) == b""
    transport.close()


@pytest.mark.parametrize("device", ["file:{path}", "serial:{path}:115200"])
def test_a_printer_that_takes_nothing_more_is_not_waited_for(
    terminal: tuple[int, str], device: str
) -> None:
    transport = opened(device.format(path=terminal[1]))
    with pytest.raises(OSError):
        transport.write(bytes(1 << 20))
    transport.close()


@pytest.mark.parametrize("device", ["file:{path}", "serial:{path}:115200"])
def test_a_printer_has_one_owner(terminal: tuple[int, str], device: str) -> None:
    device = device.format(path=terminal[1])
    first = opened(device)
    for _ in range(2):
        with pytest.raises(PrinterError) as caught:
            opened(device)
        assert caught.value.key == "printer_taken"
    first.close()
    opened(device).close()


def test_a_device_file_is_never_created(tmp_path) -> None:
    with pytest.raises(PrinterError):
        opened(f"file:{tmp_path}/lp0")
    assert not list(tmp_path.iterdir())


class Sluggish:
    """A USB endpoint that takes at most ``most`` bytes at a time."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.taken = b""

    def write(self, data: bytes, _timeout: int) -> int:
        self.taken += data[: self.most]
        return min(self.most, len(data))

    def read(self, _size: int, _timeout: int) -> bytes:
        return b"\x12"


def test_usb_goes_on_after_a_short_write() -> None:
    endpoint = Sluggish(most=700)
    transport = UsbTransport(endpoint, endpoint, 1.0, lambda: None)
    transport.write(bytes(range(256)) * 100)
    assert endpoint.taken == bytes(range(256)) * 100
    assert transport.read(0) == b"\x12"


def test_usb_that_takes_nothing_is_given_up() -> None:
    endpoint = Sluggish(most=0)
    with pytest.raises(TimeoutError):
        UsbTransport(endpoint, endpoint, 1.0, lambda: None).write(b"x")
