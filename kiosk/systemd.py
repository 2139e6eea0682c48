"""Telling systemd how we are (``sd_notify(3)``)."""

from __future__ import annotations

import os
import socket
from contextlib import suppress


def notify(state: str) -> None:
    """Send ``state`` (``READY=1``, ``WATCHDOG=1`` …) to systemd, when it started us."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.setblocking(False)  # a reader that does not read must not stop the screen
        channel.connect("\0" + address[1:] if address.startswith("@") else address)
        channel.send(state.encode())
