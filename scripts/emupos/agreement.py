"""Does a printer that we did not write print what we drew, and do we read its state rightly?

Each golden ticket is printed through the spool on emupos, and emupos' picture of its paper is
compared with it; then each fault emupos knows is set, asked for, printed against, and mended.
"""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from io import BytesIO
from pathlib import Path

import requests
from PIL import Image

from kiosk.config import PrinterSettings
from kiosk.printer.device import open_transport
from kiosk.printer.single import print_single
from kiosk.printer.status import PrinterStatus, query

GOLDEN = Path(__file__).parent.parent.parent / "tests" / "printer" / "golden"
WIDTHS = (576, 512, 384)
FAULTS = {
    "paper-out": PrinterStatus("bad", "printer_paper_out"),
    "paper-near-end": PrinterStatus("ok", "printer_near_end"),
    "cover-open": PrinterStatus("bad", "printer_cover_open"),
    "offline": PrinterStatus("bad", "printer_offline"),
}
WELL = PrinterStatus("ok")

_PATIENCE_S = 20.0
_PROFILE = """\
type: printer
name: {dots} dots
dpi: 203
width_dots: {dots}
font_a: {{ width: 12, height: 24 }}
font_b: {{ width: 9, height: 17 }}
code_pages: {{ 0: PC437 }}
default_code_page: 0
drawer_sensor_open_level: high
"""
_CONFIG = """\
schema: 1
api: {{ port: {api} }}
devices:
  - id: ticket
    type: printer
    profile: ./profile.yaml
    connections: [{{ tcp: {{ port: {port} }} }}]
"""


class Emupos:
    """One running emupos with one printer."""

    def __init__(self, port: int, api: int) -> None:
        self.settings = PrinterSettings(device=f"network:127.0.0.1:{port}")
        self._api = f"http://127.0.0.1:{api}/api/v1"
        self._device = f"{self._api}/devices/ticket"

    def is_up(self) -> bool:
        """Whether it can be used."""
        try:
            return requests.get(f"{self._api}/health", timeout=5).ok
        except requests.ConnectionError:
            return False

    def set_fault(self, fault: str, on: bool) -> None:
        """Bring about ``fault`` or mend it."""
        method = "PUT" if on else "DELETE"
        requests.request(method, f"{self._device}/faults/{fault}", timeout=5).raise_for_status()

    def receipts(self) -> list[str]:
        """Ids of all papers that came out, newest first."""
        answer = requests.get(f"{self._device}/receipts", timeout=5)
        answer.raise_for_status()
        return [receipt["id"] for receipt in answer.json()]

    def paper(self, receipt: str) -> Image.Image:
        """What is on it."""
        answer = requests.get(f"{self._device}/receipts/{receipt}/image", timeout=5)
        answer.raise_for_status()
        return Image.open(BytesIO(answer.content)).convert("1")

    def status(self) -> PrinterStatus:
        """What we make of its answers."""
        with closing(open_transport(self.settings)) as transport:
            return query(transport)


@contextmanager
def running(program: Path, dots: int) -> Iterator[Emupos]:
    """emupos with a printer ``dots`` wide, until the end of the block."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="emupos-")))
        port, api = _free_ports(2)
        _configure(folder, dots, port, api)
        log = stack.enter_context((folder / "log").open("wb"))
        process = subprocess.Popen([program, "run"], cwd=folder, stdout=log, stderr=log)
        stack.callback(process.wait)
        stack.callback(process.terminate)
        emupos = Emupos(port, api)
        deadline = time.monotonic() + _PATIENCE_S
        while not emupos.is_up():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"emupos did not start:\n{(folder / 'log').read_text()}")
            time.sleep(0.1)
        yield emupos


def _configure(folder: Path, dots: int, port: int, api: int) -> None:
    (folder / "profile.yaml").write_text(_PROFILE.format(dots=dots))
    (folder / "emupos.yaml").write_text(_CONFIG.format(port=port, api=api))


def _free_ports(count: int) -> list[int]:
    with ExitStack() as held:
        probes = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [probe.getsockname()[1] for probe in probes]


def same_paper(emupos: Emupos, ticket: Path) -> bool:
    """Print the golden ``ticket`` and compare."""
    with Image.open(ticket) as picture:
        drawn = picture.convert("1")
    settings = emupos.settings.model_copy(update={"dots": drawn.width})
    before = emupos.receipts()
    outcome = print_single(settings, drawn)
    new = [receipt for receipt in emupos.receipts() if receipt not in before]
    if outcome != ("printed", "") or len(new) != 1:
        print(f"  {ticket.stem}: {outcome}, {len(new)} papers")
        return False
    paper = emupos.paper(new[0])
    return paper.size == drawn.size and paper.tobytes() == drawn.tobytes()


def fault_is_seen(emupos: Emupos, fault: str, expected: PrinterStatus) -> bool:
    """Set ``fault``, read it, print against it, mend it."""
    emupos.set_fault(fault, on=True)
    before = emupos.receipts()
    status = emupos.status()
    outcome = print_single(emupos.settings, Image.new("1", (emupos.settings.dots, 64), 0))
    papers = len(emupos.receipts()) - len(before)
    emupos.set_fault(fault, on=False)
    mended = emupos.status()
    printed = expected.state == "ok"
    wanted = ("printed" if printed else "failed", expected.reason)
    print(f"  {fault}: {status.state} {status.reason}; ticket {outcome[0]}; {mended.state} again")
    return (status, outcome, papers, mended) == (expected, wanted, printed, WELL)


def main(program: Path) -> int:
    """0 when everything agrees."""
    logging.getLogger("kiosk").setLevel(logging.ERROR)  # faults are what this is about
    right: list[bool] = []
    for dots in WIDTHS:
        with running(program, dots) as emupos:
            tickets = [path for path in sorted(GOLDEN.glob("*.png")) if _width(path) == dots]
            same = [same_paper(emupos, path) for path in tickets]
            print(f"{dots} dots: {sum(same)} of {len(same)} tickets the same, dot for dot")
            right += [bool(same), *same]
            if dots == WIDTHS[0]:
                right += [fault_is_seen(emupos, *each) for each in FAULTS.items()]
    return 0 if all(right) else 1


def _width(path: Path) -> int:
    with Image.open(path) as picture:
        return picture.width


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
