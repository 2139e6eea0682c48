"""A hand-held or built-in scanner for codes: it types like a keyboard, or sends lines.

Both kinds end what they scan with Enter. Over a serial line that is plain bytes. As a keyboard
(USB HID) it presses keys, and the device is grabbed, so that a card's number never reaches a
window: what a keyboard cannot type, a scanner sends as Alt with a code on the keypad
(Windows' way) or as Ctrl+Shift+U with the code in hex (GTK's way). Scanners differ in whether
those codes are characters or the bytes of UTF-8; :mod:`kiosk.idcard.qr` mends the latter.
"""

from __future__ import annotations

import logging
import os
import select
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Thread
from typing import Protocol

from kiosk.errors import CardError
from kiosk.idcard.qr import LIMIT_BYTES

_log = logging.getLogger(__name__)

_AGAIN_S = 2.0
"""Time between two tries to open a scanner that is not there."""


class Scanner(Protocol):
    """A scanner that is open."""

    def fileno(self) -> int:
        """Readable when something was scanned."""
        ...

    def read(self) -> bytes:
        """What there is. Raises :class:`OSError` when the scanner is gone."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class Lines:
    """Bytes → scans: what stands between two ends of line, bounded."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._overlong = False

    def feed(self, content: bytes) -> Iterator[bytes]:
        """The scans that ``content`` completes. One that is too long is cut to what tells so."""
        for byte in content:
            if byte in b"\r\n":
                if self._held:
                    yield bytes(self._held)
                self._held.clear()
            elif len(self._held) <= LIMIT_BYTES:
                self._held.append(byte)


# ── a keyboard ────────────────────────────────────────────────────────────────────────────────

EVENT = struct.Struct("llHHi")
"""``struct input_event`` (linux/input.h): seconds, microseconds, type, code, value."""
_EV_KEY, _UP, _DOWN = 1, 0, 1
_EVIOCGRAB = 0x40044590
_SHIFTS, _CTRLS, _ALTS = frozenset({42, 54}), frozenset({29, 97}), frozenset({56, 100})
_ENTERS, _SPACE = frozenset({28, 96}), 57
_ROWS = (
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
)
_PLAIN = {first + i: char for first, keys, _ in _ROWS for i, char in enumerate(keys)} | {57: " "}
_SHIFTED = {first + i: char for first, _, keys in _ROWS for i, char in enumerate(keys)} | {57: " "}
_KEYPAD = {
    71: "7",
    72: "8",
    73: "9",
    75: "4",
    76: "5",
    77: "6",
    79: "1",
    80: "2",
    81: "3",
    82: "0",
    74: "-",
    78: "+",
    55: "*",
    98: "/",
    83: ".",
}
"""Key codes of the American layout (linux/input-event-codes.h), which scanners leave the factory
with."""
_HEX_KEYS = {code: char for code, char in _PLAIN.items() if char in "0123456789abcdef"}


class Keys:
    """Presses of keys → scans."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._held: set[int] = set()
        self._alt = ""
        self._hex: str | None = None

    def feed(self, events: bytes) -> Iterator[bytes]:
        """The scans that ``events``, whole records of :data:`EVENT`, complete."""
        for _, _, kind, code, value in EVENT.iter_unpack(events):
            if kind == _EV_KEY and value == _UP:
                self._held.discard(code)
                if code in _ALTS:
                    self._type_code(self._alt, 10)
                    self._alt = ""
            elif kind == _EV_KEY and value == _DOWN and (scan := self._pressed(code)):
                yield scan

    def _pressed(self, code: int) -> bytes:
        self._held.add(code)
        if self._hex is not None:
            return self._in_hex(code)
        if self._held & _ALTS:
            self._alt = (self._alt + _KEYPAD.get(code, ""))[:8]
        elif self._held & _CTRLS:
            if self._held & _SHIFTS and _PLAIN.get(code) == "u":
                self._hex = ""
        elif code in _ENTERS:
            return self._finished()
        else:
            keys = _SHIFTED if self._held & _SHIFTS else _PLAIN
            self._type(keys.get(code) or _KEYPAD.get(code, ""))
        return b""

    def _in_hex(self, code: int) -> bytes:
        digits = self._hex or ""
        if code in _HEX_KEYS and len(digits) < 6:
            self._hex = digits + _HEX_KEYS[code]
        elif code in _ENTERS or code == _SPACE:
            self._type_code(digits, 16)
            self._hex = None
        elif code not in _SHIFTS | _CTRLS:
            self._hex = None
        return b""

    def _type_code(self, digits: str, base: int) -> None:
        with suppress(ValueError, OverflowError):
            self._type(chr(int(digits, base)))

    def _type(self, char: str) -> None:
        if len(self._text) <= LIMIT_BYTES and not "\ud800" <= char <= "\udfff":
            self._text.append(char)

    def _finished(self) -> bytes:
        text, self._text = "".join(self._text), []
        return text.encode()


def key_presses(text: str) -> bytes:
    """The records a scanner's keyboard makes of ``text`` and Enter: what cannot be typed, as Alt
    and the code. For the virtual scanner."""
    where = {char: (code, False) for code, char in _PLAIN.items()}
    where = {char: (code, True) for code, char in _SHIFTED.items()} | where
    keypad = {char: code for code, char in _KEYPAD.items()}
    made = bytearray()

    def press(code: int, value: int) -> None:
        made.extend(EVENT.pack(0, 0, _EV_KEY, code, value))

    def stroke(code: int) -> None:
        press(code, _DOWN)
        press(code, _UP)

    for char in text:
        if char in where:
            code, shifted = where[char]
            if shifted:
                press(42, _DOWN)
            stroke(code)
            if shifted:
                press(42, _UP)
        else:
            press(56, _DOWN)
            for digit in str(ord(char)):
                stroke(keypad[digit])
            press(56, _UP)
    stroke(28)
    return bytes(made)


# ── devices ───────────────────────────────────────────────────────────────────────────────────


class _File:
    """A device file or a pipe."""

    def __init__(self, path: str, *, keyboard: bool) -> None:
        self._file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        self._record = EVENT.size if keyboard else 1
        if keyboard:
            _grab(self._file)

    def fileno(self) -> int:
        return self._file

    def read(self) -> bytes:
        content = os.read(self._file, 64 * self._record)
        if not content:
            raise OSError("the scanner is gone")
        return content[: len(content) // self._record * self._record]

    def close(self) -> None:
        os.close(self._file)


def _grab(file: int) -> None:
    """Its keys are for us alone, or a card's number would be typed into the window in front. A
    pipe, which stands for a virtual scanner, cannot be grabbed and need not be."""
    if sys.platform == "linux":
        import fcntl

        with suppress(OSError):
            fcntl.ioctl(file, _EVIOCGRAB, 1)


def _open_serial(address: str) -> Scanner:
    import serial

    path, _, speed = address.rpartition(":")
    if not speed.isdecimal():
        path, speed = address, "9600"
    line = serial.Serial(path, int(speed), timeout=0)

    class Line:
        def fileno(self) -> int:
            return line.fileno()

        def read(self) -> bytes:
            return line.read(256)

        def close(self) -> None:
            line.close()

    return Line()


def open_scanner(device: str) -> tuple[Scanner, Lines | Keys]:
    """The scanner that ``[reader] scanner`` names, and what makes scans of what it sends.

    Raises :class:`OSError` when it is not there, :class:`CardError` (``scanner_device``) when
    it cannot be understood.
    """
    kind, _, address = device.partition(":")
    if kind == "serial" and address:
        return _open_serial(address), Lines()
    if kind == "keyboard" and address:
        return _File(address, keyboard=True), Keys()
    raise CardError("scanner_device", device=device)


class Imager:
    """Listens to the scanner in a thread of its own; opens it again when it was unplugged."""

    def __init__(self, device: str, scanned: Callable[[bytes], None]) -> None:
        """``scanned`` is called in the thread with what was scanned: never log it."""
        self._device, self._scanned = device, scanned
        self._stop_read, self._stop_write = os.pipe()
        self._thread = Thread(target=self._run, name="scanner", daemon=True)

    def start(self) -> None:
        """Listen from now on."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread and let go of the scanner."""
        os.write(self._stop_write, b".")
        self._thread.join()
        os.close(self._stop_read)
        os.close(self._stop_write)

    def _run(self) -> None:
        told = False
        while True:
            try:
                scanner, makes = open_scanner(self._device)
            except OSError as error:
                if not told:
                    fault = CardError("scanner_missing", device=self._device, reason=error.strerror)
                    _log.warning("%s", fault.both())
                told = True
                if self._stopped(_AGAIN_S):
                    return
                continue
            told = False
            try:
                if self._listen(scanner, makes):
                    return
            except OSError:
                _log.info("the scanner %s is gone", self._device)
            finally:
                scanner.close()
            if self._stopped(_AGAIN_S):
                return

    def _listen(self, scanner: Scanner, makes: Lines | Keys) -> bool:
        """Until the scanner is gone (OSError) or we are told to stop: True."""
        while True:
            ready, _, _ = select.select([scanner.fileno(), self._stop_read], [], [])
            if self._stop_read in ready:
                return True
            for scan in makes.feed(scanner.read()):
                self._scanned(scan)

    def _stopped(self, within_s: float) -> bool:
        ready, _, _ = select.select([self._stop_read], [], [], within_s)
        return bool(ready)
