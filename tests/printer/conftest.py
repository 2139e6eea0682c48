from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kiosk.config import PrinterSettings
from kiosk.printer.ticket import TicketFace
from kiosk.printer.virtual import VirtualPrinter


@pytest.fixture(scope="session")
def face() -> TicketFace:
    return TicketFace(
        office="UBND phường Hà Đông",
        unit="Bộ phận Một cửa",
        field="Hộ tịch",
        number="A012",
        counter="3",
        ahead=4,
        wait_min=12,
        printed_at=datetime(2026, 11, 24, 8, 42, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh")),
        name="NGUYỄN V** A**",
        reference="KZ3QWTN5BD7FH2MA",
        language="vi",
        kiosk="K1",
    )


@pytest.fixture
def virtual(tmp_path: Path) -> Iterator[VirtualPrinter]:
    with VirtualPrinter("127.0.0.1", 0, tmp_path / "paper") as printer:
        yield printer


@pytest.fixture
def settings(virtual: VirtualPrinter) -> PrinterSettings:
    return PrinterSettings(device=f"network:127.0.0.1:{virtual.port}", timeout_s=5)


Peer = Callable[[Callable[[socket.socket], None]], PrinterSettings]


@pytest.fixture
def peer() -> Iterator[Peer]:
    """Start a TCP server that treats its one client as it is told; gives its settings."""
    with ExitStack() as stack:

        def start(treat: Callable[[socket.socket], None]) -> PrinterSettings:
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

            def serve() -> None:
                client, _ = listener.accept()
                with client, suppress(OSError):
                    treat(client)

            thread = threading.Thread(target=serve, daemon=True)
            thread.start()
            port = listener.getsockname()[1]
            return PrinterSettings(device=f"network:127.0.0.1:{port}", timeout_s=0.2)

        yield start
