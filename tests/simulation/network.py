"""The way between kiosk and central: it drops, cuts, delays, repeats and remembers."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import requests
from requests.adapters import BaseAdapter

from tests.simulation.central import Central
from tests.store.numbering import Crash

FATES = {
    "arrives": 10,
    "request lost": 2,
    "answer lost": 3,  # half open: central has done it, nobody hears
    "answer cut": 1,
    "repeated": 2,  # by the network itself: the same bytes twice
    "an older one comes late": 2,
    "portal": 1,  # somebody else answers
    "central is killed": 2,
    "central is unplugged": 1,
    "central breaks": 1,
    "central's disk is full": 1,
}


class Network(BaseAdapter):
    """What :mod:`requests` sends through, instead of a socket."""

    def __init__(self, central: Central, meanwhile: Callable[[], None]) -> None:
        super().__init__()
        self.central = central
        self.rng = Random(0)
        self.happened: Counter[str] = Counter()
        self.healthy = False
        self._sent: list[requests.PreparedRequest] = []
        self._meanwhile = meanwhile
        self.session = requests.Session()
        self.session.mount("https://", self)

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Let the request meet its fate."""
        fate = "arrives"
        if not self.healthy:
            fate = self.rng.choices(list(FATES), list(FATES.values()))[0]
            self.happened[fate] += 1
        if fate == "request lost":
            raise requests.ConnectTimeout
        if fate == "portal":
            return _response(200, b"<html>Please log in</html>")
        if fate == "central breaks":
            return _response(503, b"{}")
        if fate == "an older one comes late" and self._sent:
            self._served(self.rng.choice(self._sent[-20:]))
        self._sent.append(request)
        if fate == "repeated":
            self._served(request)
        if not self.healthy and self.rng.random() < 0.3:
            self._meanwhile()  # it takes its time, and life goes on
        return self._answered(request, fate)

    def _answered(self, request: requests.PreparedRequest, fate: str) -> requests.Response:
        if fate.startswith("central is"):
            if self.rng.random() < 0.5:
                self.central.may_crash(self.rng.randint(1, 60))
            else:  # to look, to note that the kiosk was here, and to do what it asks
                self.central.may_crash(self.rng.randint(1, 3), at_commits=True)
        if fate == "central's disk is full":
            with self.central.full_disk():
                return _response(*self._served(request))
        status, body = self._served(request, power=fate.endswith("unplugged"))
        if fate == "answer lost":
            raise requests.ReadTimeout
        if fate == "answer cut":
            return _response(status, body[: self.rng.randrange(len(body))])
        return _response(status, body)

    def _served(
        self, request: requests.PreparedRequest, *, power: bool = False
    ) -> tuple[int, bytes]:
        try:
            return self.central.serve(request)
        except Crash:
            self.happened["central died over a request"] += 1
            self.central.restart(power=power)
            raise requests.ConnectionError from None
        finally:
            self.central.may_crash(0)

    def close(self) -> None:
        """There is nothing to close."""


def _response(status: int, body: bytes) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response.raw = io.BytesIO(body)
    return response
