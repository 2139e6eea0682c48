"""The virtual printer's page: the paper as it comes, and a button for each fault. No internet."""

from __future__ import annotations

import json
import logging
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from string import Template
from threading import Thread
from types import TracebackType
from typing import Any, Self, cast, get_args
from urllib.parse import parse_qs, urlsplit

import requests
from PIL import Image

from kiosk.errors import PrinterError
from kiosk.locale import text
from kiosk.printer.virtual import Fault, VirtualPrinter, When
from kiosk.stopping import told_to_stop

log = logging.getLogger(__name__)

_LONGEST_WAIT_S = 10.0
"""A browser that waits for news hears that there are none after so long."""
_WAKE_S = 0.1
"""Time between two looks whether to stop."""
_MAX_ORDER = 1000
"""Bytes of a fault's order; ours have about fifty."""


_WORDS: tuple[str, ...] = ("title", "hint", *get_args(When))


class Page:
    """Serves ``http://127.0.0.1:port`` (0: any free one, see :attr:`port`), to this machine only.

    ``GET /state?seen=N`` answers with JSON as soon as there is something newer than ``N``,
    ``POST /faults`` takes ``{"fault": …, "on": …, "when": …}``.
    """

    def __init__(self, printer: VirtualPrinter, port: int) -> None:
        handler = type("_Handler", (_Answers,), {"printer": printer})
        self._server = _Server(("127.0.0.1", port), handler)
        self.port: int = self._server.server_address[1]
        self._thread = Thread(
            target=self._server.serve_forever, args=(_WAKE_S,), name="virtual-printer-page"
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True  # a browser that waits for news is not waited for

    def handle_error(self, request: object, client_address: object) -> None:
        del request, client_address
        log.debug("a browser went away", exc_info=sys.exc_info())


class _Answers(BaseHTTPRequestHandler):
    printer: VirtualPrinter

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        match [part for part in url.path.split("/") if part]:
            case []:
                self._send(_html(), "text/html; charset=utf-8")
            case ["state"]:
                seen = parse_qs(url.query).get("seen", [""])[0]
                self._send_state(int(seen) if seen.isdecimal() else -1)
            case ["paper.png"]:
                self._send_picture(self.printer.hanging_out())
            case ["tickets", name] if name.removesuffix(".png").isdecimal():
                self._send_file(self.printer.file(int(name.removesuffix(".png"))))
            case _:
                self.send_error(404)

    def do_POST(self) -> None:
        # Another site's page may send a form here, but not JSON.
        if self.path != "/faults" or self.headers.get_content_type() != "application/json":
            self.send_error(404)
            return
        size = min(int(self.headers.get("Content-Length", 0)), _MAX_ORDER)
        try:
            order = _Order(self.rfile.read(size))
        except (ValueError, TypeError, KeyError):
            self.send_error(400)
            return
        self.printer.set_fault(order.fault, order.on, when=order.when)
        self._send_state(-1)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- named by http.server
        log.debug(format, *args)

    def _send_state(self, seen: int) -> None:
        changes = self.printer.wait_for_change(seen, _LONGEST_WAIT_S)
        state = {
            "changes": changes,
            "faults": sorted(self.printer.faults),
            "to_come": self.printer.faults_to_come,
            "tickets": self.printer.tickets,
            "paper": self.printer.hanging_out() is not None,
        }
        self._send(json.dumps(state).encode(), "application/json")

    def _send_file(self, path: Path) -> None:
        try:
            self._send(path.read_bytes(), "image/png")
        except FileNotFoundError:
            self.send_error(404)

    def _send_picture(self, picture: Image.Image | None) -> None:
        if picture is None:
            self.send_error(404)
            return
        png = BytesIO()
        picture.save(png, format="PNG")
        self._send(png.getvalue(), "image/png")

    def _send(self, content: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)


class _Order:
    """What ``POST /faults`` asks for."""

    def __init__(self, body: bytes) -> None:
        wanted = cast("dict[str, object]", json.loads(body))
        self.fault = Fault(str(wanted["fault"]))
        self.on = wanted.get("on", True) is True
        when = wanted.get("when")
        if when is not None and when not in get_args(When):
            raise ValueError(when)
        self.when: When | None = cast("When | None", when)


def _html() -> bytes:
    page = Path(__file__).with_suffix(".html").read_text("utf-8")
    words = {name: text("vi", f"virtual.{name}") for name in _WORDS}
    english = {f"{name}_en": text("en", f"virtual.{name}") for name in _WORDS}
    faults = {each: [text(lang, f"virtual.{each}") for lang in ("vi", "en")] for each in Fault}
    return Template(page).substitute(words | english, faults=json.dumps(faults)).encode()


def set_fault(page: str, fault: Fault, *, on: bool, when: When | None) -> None:
    """Set a fault of the virtual printer whose page is at the URL ``page``.

    Raises :class:`PrinterError` ``printer_page`` when there is none.
    """
    order = {"fault": fault, "on": on, "when": when}
    try:
        requests.post(f"{page}/faults", json=order, timeout=5).raise_for_status()
    except requests.RequestException as error:
        raise PrinterError("printer_page", page=page, reason=error) from error


def serve(host: str, port: int, out: Path, page_port: int) -> None:
    """Run a virtual printer and its page until SIGINT or SIGTERM (``kiosk printer virtual``)."""
    with (
        told_to_stop() as wait,
        VirtualPrinter(host, port, out, lambda path: log.info("%s", path)) as printer,
        Page(printer, page_port) as page,
    ):
        log.info("virtual printer at network:%s:%d, tickets in %s", host, printer.port, out)
        log.info("its page: http://127.0.0.1:%d", page.port)
        wait(None)
