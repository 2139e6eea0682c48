from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
import requests
from PIL import Image

from kiosk.config import PrinterSettings
from kiosk.errors import PrinterError
from kiosk.locale import LANGUAGES, text
from kiosk.printer.device import encode, open_transport
from kiosk.printer.faults import MID_TICKET_ROWS, Fault
from kiosk.printer.page import Page, set_fault
from kiosk.printer.virtual import VirtualPrinter

IMAGE = Image.new("1", (576, 400), 0)


@dataclass
class Browser:
    url: str

    def get(self, path: str) -> requests.Response:
        return requests.get(self.url + path, timeout=20)

    def state(self, seen: int | None = None) -> dict[str, Any]:
        return self.get("/state" if seen is None else f"/state?seen={seen}").json()

    def picture(self, path: str) -> Image.Image:
        return Image.open(BytesIO(self.get(path).content))


@pytest.fixture
def browser(virtual: VirtualPrinter) -> Iterator[Browser]:
    with Page(virtual, 0) as page:
        yield Browser(f"http://127.0.0.1:{page.port}")


def test_the_page_says_everything_in_both_languages(browser: Browser) -> None:
    page = browser.get("/").text
    for language in LANGUAGES:
        for name in ("title", "hint", "now", "mid_ticket", "after_ticket"):
            assert text(language, f"virtual.{name}") in page
    assert "$" not in page.replace("`/", "").replace("${", "")


def test_the_paper_is_seen_as_it_comes(
    virtual: VirtualPrinter, settings: PrinterSettings, browser: Browser
) -> None:
    before = browser.state()
    assert (before["tickets"], before["paper"]) == (0, False)
    assert browser.get("/paper.png").status_code == 404
    virtual.set_fault(Fault.PAPER_OUT, when="mid_ticket")
    with_fault = browser.state(before["changes"])
    assert with_fault["to_come"] == {"paper_out": "mid_ticket"}
    transport = open_transport(settings)
    transport.write(encode(IMAGE, settings))
    state = with_fault
    while not state["faults"]:
        state = browser.state(state["changes"])
    assert (state["faults"], state["paper"], state["tickets"]) == (["paper_out"], True, 0)
    assert browser.picture("/paper.png").size == (576, MID_TICKET_ROWS)
    virtual.set_fault(Fault.PAPER_OUT, on=False)
    virtual.wait_for_ticket(1, 10)
    assert browser.picture("/tickets/1.png").size == (576, 400)
    assert (browser.state()["tickets"], browser.state()["paper"]) == (1, False)
    transport.close()


def test_faults_are_set_from_elsewhere(virtual: VirtualPrinter, browser: Browser) -> None:
    set_fault(browser.url, Fault.COVER_OPEN, on=True, when=None)
    set_fault(browser.url, Fault.HANG_UP, on=True, when="after_ticket")
    assert (virtual.faults, virtual.faults_to_come) == (
        {Fault.COVER_OPEN},
        {Fault.HANG_UP: "after_ticket"},
    )
    set_fault(browser.url, Fault.COVER_OPEN, on=False, when=None)
    assert virtual.faults == frozenset()


@pytest.mark.parametrize("path", ["/tickets/1.png", "/tickets/x.png", "/tickets/1/..", "/etc"])
def test_there_is_nothing_else(browser: Browser, path: str) -> None:
    assert browser.get(path).status_code == 404


@pytest.mark.parametrize(
    "order",
    [b"", b"[]", b"paper_out", b'{"fault": "fire"}', b'{"fault": "slow", "when": "never"}'],
)
def test_an_order_it_does_not_understand_changes_nothing(
    virtual: VirtualPrinter, browser: Browser, order: bytes
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = requests.post(f"{browser.url}/faults", order, headers=headers, timeout=5)
    assert (answer.status_code, virtual.faults) == (400, frozenset())


def test_another_site_cannot_send_a_form(virtual: VirtualPrinter, browser: Browser) -> None:
    order = '{"fault": "paper_out"}'
    headers = {"Content-Type": "text/plain"}
    answer = requests.post(f"{browser.url}/faults", order, headers=headers, timeout=5)
    assert (answer.status_code, virtual.faults) == (404, frozenset())


def test_no_page_is_told() -> None:
    with pytest.raises(PrinterError, match="no virtual printer"):
        set_fault("http://127.0.0.1:9", Fault.SLOW, on=True, when=None)
