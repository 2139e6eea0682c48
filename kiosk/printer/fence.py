"""Whether the printer has carried out what it was sent, and how to make it forget the rest.

DLE EOT is answered on arrival, past all that waits in the printer's buffer: it cannot tell whether
a ticket is out. GS r waits its turn, so its reply is a fence: everything sent before it is done.

Source: Epson ESC/POS command reference, "GS r n: transmit status" (executed when the receive
buffer comes to it, and not while the printer is offline) and "DLE DC4 (fn = 8): clear buffer".
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from kiosk.printer.device import Transport
from kiosk.printer.status import HUNG_UP, PROMPT_S, UNCONFIRMED, PrinterStatus, query

FENCE = b"\x1dr\x01"
"""GS r 1: the paper sensor, in turn."""

PATIENCE_S = 15.0
"""A whole ticket takes a slow printer some five seconds."""

_CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08" + b"\x10\x05\x02"
"""DLE DC4, function 8, and DLE ENQ 2, which ends an error in the same way or does so alone."""

_ASK_S = 0.25
"""Time between two looks at the printer's state while the fence is waited for."""

QUIET_S = 0.1
"""Fences with nothing to print between them are answered one behind the other."""

LONG_QUIET_S = 6.0
"""Between two fences with a ticket between them, a slow printer is quiet for less."""

_LATE_REPLIES = 16
"""More than were ever asked for; a peer that sends without end is not waited out."""


class _Reply:
    """Looks out for the fence's reply among others.

    ``0xx0xxxx``: bits 4 and 7 are fixed, 0 and 1 say that the roll is near its end, 2 and 3 that
    there is none (then nothing is done). Replies to DLE EOT have bit 4 set, as have XON and XOFF,
    so neither they nor those the dots of a picture provoke by chance can be taken for it.
    """

    def __init__(self) -> None:
        self.came = False

    def sift(self, received: bytes) -> bytes:
        others = bytes(byte for byte in received if byte & 0x9C)
        self.came |= len(others) < len(received)
        return others


def passed(
    transport: Transport,
    clock: Callable[[], float],
    no_answer_s: float,
    patience_s: float = PATIENCE_S,
) -> PrinterStatus:
    """Wait for the reply to a :data:`FENCE` that was sent; *ok* when it came.

    Otherwise why not: *bad*, said twice because the dots of a picture may have asked in between;
    *unknown* when nothing sensible was answered for ``no_answer_s`` seconds, or when the printer
    says that all is well and the reply does not come in ``patience_s`` seconds.
    """
    reply = _Reply()
    start = sensible = clock()
    before = PrinterStatus("ok")
    while True:
        try:
            reply.sift(transport.read(_ASK_S))
        except OSError:
            return PrinterStatus("unknown", HUNG_UP)
        status = before if reply.came else query(transport, PROMPT_S, reply.sift)
        if reply.came:
            return PrinterStatus("ok")
        now = clock()
        if status.state != "unknown":
            sensible = now
        if _final(status, before) or now - sensible >= no_answer_s:
            return status
        if now - start >= patience_s:
            return PrinterStatus("unknown", UNCONFIRMED)
        before = status


def _final(status: PrinterStatus, before: PrinterStatus) -> bool:
    return status.reason == HUNG_UP or (status.state == "bad" and status == before)


def clear(transport: Transport) -> None:
    """Let the printer forget what it was sent and has not printed. Never raises."""
    with suppress(OSError):
        transport.write(_CLEAR)
        transport.read(PROMPT_S)


def settle(
    transport: Transport, clock: Callable[[], float], no_answer_s: float, quiet_s: float
) -> PrinterStatus:
    """*ok*: this printer answers fences, and none it was asked earlier is still to come.

    After the reply it has to be quiet for ``quiet_s`` seconds: an earlier connection's fences may
    still be answered, one behind the other. Otherwise as :func:`passed`; *unknown* with
    ``printer_unconfirmed`` is a printer that is well and does not know the question.
    """
    try:
        transport.write(FENCE)
        status = passed(transport, clock, no_answer_s, patience_s=no_answer_s)
        for _ in range(_LATE_REPLIES):
            if status.state != "ok" or not transport.read(quiet_s):
                break
    except OSError:
        return PrinterStatus("unknown", HUNG_UP)
    # A reply followed by nothing sensible may have been noise.
    return query(transport) if status.state == "ok" else status
