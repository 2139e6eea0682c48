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
    config.bind_socket().close()  # who else listens there is a sentence, and an end
    _Workers(config, []).run()


class _Workers(Multiprocess):
    """Workers that each listen for themselves, so that the kernel deals connections out evenly:
    of one socket for all, the first to wake takes hundreds that stay open for the day."""

    @property
    def sockets(self) -> list[socket.socket]:
        """A new worker's, which it takes along."""
        family = socket.AF_INET6 if ":" in self.config.host else socket.AF_INET
        address = (self.config.host, self.config.port)
        listening = socket.create_server(address, family=family, reuse_port=True)
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # connections inherit it
        return [listening]

    @sockets.setter
    def sockets(self, _shared: list[socket.socket]) -> None:
        """None is shared."""
