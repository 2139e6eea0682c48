"""Whether this kiosk is on a network: :manpage:`proc_net(5)`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from kiosk.health.check import Check
from kiosk.health.finding import Finding, Level
from kiosk.health.place import Place

_WEAK_DBM = -75
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class Network:
    """``way``: the interface that leads out, empty when none does; ``signal_dbm`` of its radio,
    ``None`` on a cable. ``wanted``: the settings name a server on another machine."""

    wanted: bool
    way: str = ""
    signal_dbm: int | None = None


def look(place: Place) -> Network:
    """Routes and radio of this machine."""
    host = urlsplit(place.settings.sync.url).hostname
    if host is None or host in _LOOPBACK:
        return Network(wanted=False)
    routes = [line.split() for line in (place.line("proc/net/route") or "").splitlines()[1:]]
    ways = [route[0] for route in routes if len(route) > 2 and route[1] == "00000000"]
    if not ways:
        return Network(wanted=True)
    radio = re.search(
        rf"^\s*{re.escape(ways[0])}:\s+\S+\s+\S+\s+(-\d+)",
        place.line("proc/net/wireless") or "",
        re.MULTILINE,
    )
    return Network(wanted=True, way=ways[0], signal_dbm=int(radio[1]) if radio else None)


def judge(network: Network) -> Finding:
    """Tickets need no network; records wait for one."""
    if not network.wanted:
        return Finding(Level.ABSENT, "health.network.unwanted")
    if not network.way:
        return Finding(Level.BAD, "health.network.none")
    figures = {"way": network.way, "signal_dbm": network.signal_dbm or 0}
    if network.signal_dbm is not None and network.signal_dbm < _WEAK_DBM:
        return Finding(Level.WATCH, "health.network.weak", figures)
    return Finding(Level.GOOD, "health.network.good", figures)


CHECK = Check("network", "surroundings", look, judge)
