"""The processes that answer: one, or several behind one port."""

from __future__ import annotations

import socket
import sys

import uvicorn
from uvicorn.supervisors import Multiprocess

_FAILED = 3
"""Exit code of a server that did not start, as uvicorn's."""


def run(config: uvicorn.Config) -> None:
    """Serve until told to stop. As :func:`uvicorn.run`, whose several workers leave Nagle's
    algorithm on: a head and a body sent one after the other then take 40 ms to arrive."""
    server = uvicorn.Server(config)
    if config.workers == 1:
        server.run()
        if not server.started:
            sys.exit(_FAILED)
        return
    listening = config.bind_socket()
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # connections inherit it
    Multiprocess(config, sockets=[listening]).run()
