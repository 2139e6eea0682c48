from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.health.checks.network import Network, judge, look
from kiosk.health.finding import Level
from tests.health.kiosks import place, put

ROUTES = """Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask
wlan0\t0000A8C0\t00000000\t0001\t0\t0\t600\t00FFFFFF
wlan0\t00000000\t0100A8C0\t0003\t0\t0\t600\t00000000
"""
RADIO = """Inter-| sta-|   Quality        |   Discarded packets
 face | tus | link level noise |  nwid  crypt
 wlan0: 0000   54.  -56.  -256        0      0
"""
SERVER = {"url": "https://central.example.vn"}


@pytest.mark.parametrize(
    ("network", "level"),
    [
        (Network(wanted=False), Level.ABSENT),
        (Network(wanted=True), Level.BAD),
        (Network(wanted=True, way="eth0"), Level.GOOD),
        (Network(wanted=True, way="wlan0", signal_dbm=-75), Level.GOOD),
        (Network(wanted=True, way="wlan0", signal_dbm=-76), Level.WATCH),
    ],
)
def test_edges(network: Network, level: Level) -> None:
    assert judge(network).level is level


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:8000"])
def test_a_server_on_this_machine_needs_no_network(tmp_path: Path, url: str) -> None:
    assert look(place(tmp_path, sync={"url": url})) == Network(wanted=False)


def test_the_way_out_and_its_radio(tmp_path: Path) -> None:
    here = place(tmp_path, sync=SERVER)
    assert look(here) == Network(wanted=True)
    put(here, "proc/net/route", ROUTES)
    assert look(here) == Network(wanted=True, way="wlan0")
    put(here, "proc/net/wireless", RADIO)
    assert look(here) == Network(wanted=True, way="wlan0", signal_dbm=-56)


def test_a_table_with_no_way_out(tmp_path: Path) -> None:
    here = place(tmp_path, sync=SERVER)
    put(here, "proc/net/route", "\n".join(ROUTES.splitlines()[:2]))
    assert judge(look(here)).level is Level.BAD
