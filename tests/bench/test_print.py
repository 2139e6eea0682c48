"""``kiosk bench print`` measures everything it promises. What it measures is nobody's test."""

from __future__ import annotations

import json
import socket
from contextlib import redirect_stdout
from io import StringIO

import pytest

from kiosk.bench.frames import Spread
from kiosk.bench.print import PAPERS, PaperCost, PrintReport, main, show
from kiosk.bench.tap import Tap


@pytest.mark.slow
def test_every_figure_is_there() -> None:
    with redirect_stdout(StringIO()) as said:
        main(as_json=True, tickets=3)
    report = json.loads(said.getvalue())
    assert set(report["papers"]) == set(PAPERS)
    for paper in report["papers"].values():
        assert paper["ticket_bytes"] > paper["dots"] / 8 * 500
        assert paper["first_byte_ms"]["median"] > 0
        assert paper["very_first_ms"] > 0
        assert paper["layout_ms"]["median"] > 0
        assert paper["encode_ms"]["median"] > 0
    assert [goal["name"] for goal in report["goals"]] == ["first_byte", "very_first"]


@pytest.mark.parametrize(("ms", "ratio"), [(60.0, "0.50"), (180.0, "1.50")])
def test_a_person_reads_the_same(ms: float, ratio: str) -> None:
    spread = Spread(ms, ms, ms)
    cost = PaperCost(576, 203, spread, spread, 70_056, spread, ms)
    with redirect_stdout(StringIO()) as said:
        show(PrintReport(3, dict.fromkeys(PAPERS, cost)))
    assert "70,056" in said.getvalue()
    assert said.getvalue().count(ratio) == 2


def test_the_tap_passes_everything_on_and_notes_the_first_row() -> None:
    with socket.create_server(("127.0.0.1", 0)) as printer, Tap(printer.getsockname()[1]) as tap:
        tap.expect()
        with socket.create_connection(("127.0.0.1", tap.port)) as kiosk:
            end, _ = printer.accept()
            with end:
                kiosk.sendall(b"\x10\x04\x01")
                assert end.recv(64) == b"\x10\x04\x01"
                end.sendall(b"\x12")
                assert kiosk.recv(64) == b"\x12"
                kiosk.sendall(b"\x1b@\x1dv0\x00")
                assert end.recv(64) == b"\x1b@\x1dv0\x00"
                assert tap.begun_at() > 0
                tap.expect()
                kiosk.sendall(b"\x1b@")
                assert end.recv(64) == b"\x1b@"
                kiosk.sendall(b"\x1dv0\x00")
                assert end.recv(64) == b"\x1dv0\x00"
                assert tap.begun_at() > 0
