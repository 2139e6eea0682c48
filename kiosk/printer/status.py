"""What the printer says of itself, read with DLE EOT and believed only when well formed.

Source: Epson ESC/POS command reference, "DLE EOT n: transmit real-time status". Every reply is
one byte whose bits 0, 1, 4 and 7 are fixed (``0xx1xx10``); anything else is noise, and noise is
*unknown*, never *ok*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from kiosk.printer.device import Transport

State = Literal["ok", "bad", "unknown"]

HUNG_UP = "printer_hung_up"
GARBLED = "printer_garbled"
SILENT = "printer_silent"
UNCONFIRMED = "printer_unconfirmed"

_STATES: dict[str, State] = {
    "printer_paper_out": "bad",
    "printer_cover_open": "bad",
    "printer_cutter": "bad",
    "printer_fault": "bad",
    "printer_offline": "bad",
    HUNG_UP: "unknown",
    GARBLED: "unknown",
    SILENT: "unknown",
    UNCONFIRMED: "unknown",
    "printer_near_end": "ok",
    "": "ok",
}
"""Every reason, the one to tell first on top: a fault is certain, a doubt is not."""

_MEANINGS: dict[int, tuple[tuple[int, str], ...]] = {
    1: ((0x08, "printer_offline"),),
    2: ((0x20, "printer_paper_out"), (0x04, "printer_cover_open"), (0x40, "printer_fault")),
    3: ((0x08, "printer_cutter"), (0x64, "printer_fault")),
    4: ((0x60, "printer_paper_out"), (0x0C, "printer_near_end")),
}
"""For each n: the bits that say something is the matter, and what."""

_LATE_REPLIES = 16
"""Reads thrown away before asking; a peer that sends without end is not waited out."""


PROMPT_S = 0.5
"""An idle printer answers in milliseconds; only a busy one needs longer."""


@dataclass(frozen=True, slots=True)
class PrinterStatus:
    """``reason`` is a key under ``error`` of the catalogue, empty when all is well.

    *ok* may carry the warning ``printer_near_end``: there is paper, but not for long.
    """

    state: State
    reason: str = ""


def parse(n: int, reply: int) -> PrinterStatus:
    """The meaning of the one-byte ``reply`` (0 … 255) to DLE EOT ``n`` (1 … 4)."""
    if reply & 0x93 != 0x12:
        return PrinterStatus("unknown", GARBLED)
    return _worst(reason for bits, reason in _MEANINGS[n] if reply & bits)


Sift = Callable[[bytes], bytes]
"""Takes out of what came the replies to other questions; gives back what is left."""


def _keep_all(received: bytes) -> bytes:
    return received


def query(transport: Transport, timeout: float = PROMPT_S, sift: Sift = _keep_all) -> PrinterStatus:
    """Ask all four questions, waiting at most ``timeout`` seconds for each reply.

    ``sift`` is given everything that comes, for who waits for something else at the same time.

    Never raises: a connection that breaks is *unknown* (``printer_hung_up``), and so is a
    printer that says nothing (``printer_silent``) or nonsense (``printer_garbled``).
    """
    reasons: list[str] = []
    try:
        _forget_late_replies(transport, sift)
        for n in _MEANINGS:
            transport.write(bytes((0x10, 0x04, n)))
            reply = _reply(transport, timeout, sift)
            if not reply:
                return _worst([*reasons, SILENT])
            reasons.append(parse(n, reply[0]).reason if len(reply) == 1 else GARBLED)
    except OSError:
        return _worst([*reasons, HUNG_UP])
    return _worst(reasons)


def _forget_late_replies(transport: Transport, sift: Sift) -> None:
    for _ in range(_LATE_REPLIES):
        if not (late := transport.read(0)):
            return
        sift(late)


def _reply(transport: Transport, timeout: float, sift: Sift) -> bytes:
    received = transport.read(timeout)
    reply = sift(received)
    return reply if reply or not received else sift(transport.read(timeout))


def _worst(reasons: Iterable[str]) -> PrinterStatus:
    found = set(reasons)
    return next(
        (PrinterStatus(state, reason) for reason, state in _STATES.items() if reason in found),
        PrinterStatus("ok"),
    )
