"""The virtual reader: a virtual chip where pcscd finds it.

Debian's ``vsmartcard-vpcd`` is a driver of pcscd that gives it a reader without hardware: whoever
connects to its port is the card. Messages have a length of two bytes in front; one of a single
byte is a command to the card's power.
"""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from types import TracebackType
from typing import Protocol, Self

PORT = 35_963
"""The driver's first reader: 0x8C7B."""
_OFF, _ON, _RESET, _WHO = 0, 1, 2, 4
_WHO_I_AM = bytes.fromhex("3B80800101")
"""Answer to reset of a contactless card without history bytes (PC/SC part 3, section 3.1.3)."""


class InField(Protocol):
    """A chip that may lose its power."""

    def reset(self) -> None:
        """The field was off, or is about to be."""
        ...

    def transmit(self, command: bytes) -> bytes:
        """See :class:`~kiosk.idcard.chip.apdu.Card`."""
        ...


class VirtualReader:
    """The driver's end of the card. Raises :class:`OSError` when no driver listens."""

    def __init__(self, host: str = "127.0.0.1", port: int = PORT) -> None:
        self._socket = socket.create_connection((host, port))

    def serve(self, chip: InField) -> None:
        """Let the reader have ``chip`` until one of both ends closes the connection."""
        with suppress(OSError):
            while (message := self._received()) is not None:
                if len(message) == 1 and message[0] in (_OFF, _ON, _RESET):
                    chip.reset()
                elif message == bytes([_WHO]):
                    self._send(_WHO_I_AM)
                else:
                    self._send(chip.transmit(message))

    def close(self) -> None:
        """Take the card away, also while it is being read."""
        with suppress(OSError):  # the driver may have been faster
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _send(self, message: bytes) -> None:
        self._socket.sendall(struct.pack(">H", len(message)) + message)

    def _received(self) -> bytes | None:
        head = self._exactly(2)
        return self._exactly(struct.unpack(">H", head)[0]) if head else None

    def _exactly(self, size: int) -> bytes | None:
        content = b""
        while len(content) < size:
            # The driver sends length and message apart and waits for the first to be
            # acknowledged, which Linux would put off for 40 ms each time.
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            more = self._socket.recv(size - len(content))
            if not more:
                return None
            content += more
        return content
