"""The way to the printer: a device string → a byte transport; a bitmap → ESC/POS bytes.

python-escpos opens USB and serial ports; the bitmap's bytes, connections, timeouts, short writes
and reading back are ours, because a printer that is off, busy or out of paper must never hold us
up. Importing it takes 0.4 s, so it is imported where it is first needed: in the printer's thread.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import select
import socket
import termios
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol, cast

from PIL import Image

from kiosk.config import PrinterSettings
from kiosk.errors import PrinterError

if TYPE_CHECKING:
    import serial

FRAGMENT_ROWS = 128
"""Rows per raster command: small enough for the receive buffer of cheap printers."""

LAST_ROWS = 16
"""Two millimetres of margin: where printing pauses, the eye finds nothing."""

_INITIALISE = b"\x1b@"
_RASTER = b"\x1dv0\x00"
_FEED = b"\x1bd\x06"
"""Six lines: past the blade, or past the edge where the ticket is torn off."""
_CUT = b"\x1dV\x00"

_CHUNK = 4096
"""Bytes between two looks at the clock: a slow printer is not a dead one."""


class Transport(Protocol):
    """An open connection to a printer. One thread uses it."""

    remembers: bool
    """Whether answers may come that an earlier connection asked for."""

    def write(self, data: bytes, /) -> None:
        """Hand over all of ``data``; :class:`OSError` when no progress is made in time."""
        ...

    def read(self, timeout: float, /) -> bytes:
        """What has arrived, waiting up to ``timeout`` seconds for the first byte.

        Empty when nothing came; :class:`OSError` when the other end is gone.
        """
        ...

    def close(self) -> None:
        """Let go of the device. Never raises."""
        ...


def open_transport(settings: PrinterSettings) -> Transport:
    """Connect to ``settings.device``.

    A device has one owner: whoever comes second is refused (a printer on the network sees to it
    itself). Raises :class:`PrinterError`: ``printer_none`` when the kiosk has none,
    ``printer_device_string`` when the string cannot be understood, ``printer_unreachable``
    when nobody is there, ``printer_taken`` when another program has it.
    """
    if settings.device == "none":
        raise PrinterError("printer_none")
    for pattern, opener in _OPENERS.items():
        if match := re.fullmatch(pattern, settings.device):
            return _reached(opener, match.groups(), settings)
    raise PrinterError("printer_device_string", device=settings.device)


def encode(image: Image.Image, settings: PrinterSettings) -> bytes:
    """``image`` (mode ``1``) as an ESC/POS job: initialise, raster (GS v 0), feed, cut.

    Raises :class:`ValueError` for a bitmap wider than the paper.
    """
    return b"".join(encode_in_parts(image, settings))


def encode_in_parts(image: Image.Image, settings: PrinterSettings) -> tuple[bytes, bytes]:
    """As :func:`encode`; the second part has the last rows, the feed and the cut.

    Held back until the first part is on paper, it makes sure that what breaks off is no whole
    ticket. The same bytes as python-escpos, which takes twenty times as long over them and 0.4 s
    to be imported.
    """
    if image.width > settings.dots:
        raise ValueError(f"{image.width} dots do not fit on {settings.dots}")
    row_bytes = (image.width + 7) // 8
    dots = image.tobytes("raw", "1;I")  # 1 is ink here, paper in the image
    top = max(0, image.height - LAST_ROWS) * row_bytes
    head = _INITIALISE + _raster(dots[:top], row_bytes)
    return head, _raster(dots[top:], row_bytes) + part_paper(settings)


def part_paper(settings: PrinterSettings) -> bytes:
    """What is printed now is parted from what comes next."""
    return _FEED + (_CUT if settings.cut else b"")


def start_over(settings: PrinterSettings) -> bytes:
    """Whatever was printed before is parted from what comes next.

    A printer that waits for the rest of a raster command takes it to be blank; to any other NUL
    means nothing.
    """
    return bytes(FRAGMENT_ROWS * settings.dots // 8) + _INITIALISE + part_paper(settings)


def _raster(dots: bytes, row_bytes: int) -> bytes:
    commands: list[bytes] = []
    for band in _chunks(dots, FRAGMENT_ROWS * row_bytes):
        rows = len(band) // row_bytes
        commands += [_RASTER, row_bytes.to_bytes(2, "little"), rows.to_bytes(2, "little"), band]
    return b"".join(commands)


def _reached(
    opener: Callable[..., Transport], address: tuple[str, ...], settings: PrinterSettings
) -> Transport:
    from escpos.exceptions import Error
    from usb.core import NoBackendError

    try:
        return opener(*address, settings.timeout_s)
    except (Error, OSError, NoBackendError) as error:
        key = "printer_taken" if _taken(error) else "printer_unreachable"
        raise PrinterError(key, device=settings.device, reason=error) from error


def _taken(error: Exception) -> bool:
    return isinstance(error, OSError) and error.errno in (errno.EBUSY, errno.EWOULDBLOCK)


def _chunks(data: bytes, size: int = _CHUNK) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


class _Network:
    """A TCP connection. python-escpos' ``Network`` leaves its socket open when nobody answers,
    and we knock every second, so this one is our own."""

    remembers = False

    def __init__(self, host: str, port: str, timeout: float) -> None:
        self._socket = socket.create_connection((host, int(port)), timeout)
        self._timeout = timeout

    def write(self, data: bytes) -> None:
        self._socket.settimeout(self._timeout)
        for chunk in _chunks(data):
            self._socket.sendall(chunk)

    def read(self, timeout: float) -> bytes:
        self._socket.settimeout(timeout)
        try:
            received = self._socket.recv(64)
        except (TimeoutError, BlockingIOError):
            return b""
        if not received:
            raise ConnectionError("the printer closed the connection")
        return received

    def close(self) -> None:
        self._socket.close()


class _Serial:
    remembers = True

    def __init__(self, path: str, baudrate: str, timeout: float) -> None:
        from escpos.printer import Serial

        self._printer = Serial(path, int(baudrate), timeout=timeout)
        self._printer.open()
        self._port = cast("serial.Serial", self._printer.device)
        # Without it a printer that is switched off holds the flow, and us, for ever.
        self._port.write_timeout = timeout
        try:
            self._port.exclusive = True
        except OSError:
            self._port.close()
            raise

    def write(self, data: bytes) -> None:
        for chunk in _chunks(data, 512):  # half a second at 9,600 baud
            self._port.write(chunk)

    def read(self, timeout: float) -> bytes:
        # A question waits its turn behind what is still on the wire: ten bits to the byte.
        unsent_s = self._port.out_waiting * 10 / self._port.baudrate if timeout else 0
        self._port.timeout = timeout + unsent_s
        first = self._port.read(1)
        return first + self._port.read(self._port.in_waiting) if first else b""

    def close(self) -> None:
        # Not the library's close() alone: it waits without limit for the last byte to leave.
        with suppress(OSError, termios.error):
            self._port.reset_output_buffer()
        with suppress(OSError, termios.error):
            self._port.close()


class _DeviceFile:
    """``/dev/usb/lp0`` and its like, read and written without blocking.

    python-escpos' ``File`` only writes, blocks while the paper is out, and creates a plain
    file where the device node has gone; so this one is our own.
    """

    remembers = True

    def __init__(self, path: str, timeout: float) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.close()
            raise
        self._timeout = timeout

    def write(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            if not select.select([], [self._fd], [], self._timeout)[1]:
                raise TimeoutError("the printer takes no more")
            left = left[os.write(self._fd, left[:_CHUNK]) :]

    def read(self, timeout: float) -> bytes:
        if not select.select([self._fd], [], [], timeout)[0]:
            return b""
        try:
            return os.read(self._fd, 64)
        except BlockingIOError:
            return b""

    def close(self) -> None:
        os.close(self._fd)


class UsbEndpoint(Protocol):
    """The part of a pyusb endpoint we use."""

    def write(self, data: bytes, timeout: int, /) -> int:
        """Bytes taken within ``timeout`` milliseconds, perhaps fewer than offered."""
        ...

    def read(self, size: int, timeout: int, /) -> Any:
        """Bytes received within ``timeout`` milliseconds."""
        ...


class UsbTransport:
    """A pair of bulk endpoints; goes on after a short write, which python-escpos ignores."""

    remembers = True

    def __init__(
        self, out: UsbEndpoint, back: UsbEndpoint, timeout: float, close: Callable[[], None]
    ) -> None:
        self._out = out
        self._back = back
        self._timeout_ms = max(1, round(timeout * 1000))
        self.close = close

    def write(self, data: bytes) -> None:
        """See :class:`Transport`."""
        while data:
            taken = self._out.write(data[:_CHUNK], self._timeout_ms)
            if not taken:
                raise TimeoutError("the printer takes no more")
            data = data[taken:]

    def read(self, timeout: float) -> bytes:
        """See :class:`Transport`."""
        from usb.core import USBTimeoutError

        try:
            # libusb takes 0 for "for ever".
            return bytes(self._back.read(64, max(1, round(timeout * 1000))))
        except USBTimeoutError:
            return b""


def _usb(vendor: str, product: str, serial_number: str | None, timeout: float) -> Transport:
    from escpos.printer import Usb
    from usb import util

    def is_it(device: Any) -> bool:
        return serial_number in (None, _serial_number(device))

    timeout_ms = max(1, round(timeout * 1000))
    which: dict[str, Any] = {"custom_match": is_it}
    printer = Usb(int(vendor, 16), int(product, 16), which, timeout=timeout_ms)
    printer.open()
    device: Any = printer.device
    try:
        interface = util.find_descriptor(device.get_active_configuration(), bInterfaceClass=7)
        if interface is None:
            raise OSError("the USB device has no printer interface")
        util.claim_interface(device, interface)
        out, back = (_endpoint(interface, way) for way in (util.ENDPOINT_OUT, util.ENDPOINT_IN))
        if out is None or back is None:
            raise OSError("the USB printer cannot be read back")
    except OSError:
        printer.close()
        raise
    return UsbTransport(out, back, timeout, printer.close)


def _serial_number(device: Any) -> str | None:
    """``None`` also for a device that may not be asked."""
    with suppress(OSError, ValueError):
        return device.serial_number
    return None


def _endpoint(interface: Any, direction: int) -> Any:
    from usb import util

    return util.find_descriptor(
        interface,
        custom_match=lambda e: util.endpoint_direction(e.bEndpointAddress) == direction,
    )


_OPENERS: dict[str, Callable[..., Transport]] = {
    r"network:([^\s:]+):(\d{1,5})": _Network,
    r"serial:(/[^\s:]+):(\d{3,7})": _Serial,
    r"file:(/\S+)": _DeviceFile,
    r"usb:([0-9A-Fa-f]{1,4}):([0-9A-Fa-f]{1,4})(?::(\S+))?": _usb,
}
"""Device strings, as documented at ``printer.device`` in :mod:`kiosk.config`."""
