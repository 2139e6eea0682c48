"""``kiosk bench print``: how soon paper moves, and what a ticket costs on the way there.

Everything from the decision to give a number to the first byte of the ticket at the printer's
socket is done as in the kiosk: the number and the note that bytes are about to go out are
committed to an encrypted database on disk, the printer's thread draws, asks the printer how it
is, encodes and sends. Only the event loop between them is a queue instead of Qt's.
"""

from __future__ import annotations

import json
import os
import platform
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from queue import SimpleQueue
from typing import Self

import typer
from rich.console import Console
from rich.table import Table

from kiosk import config
from kiosk.bench.conditions import Advance, progress
from kiosk.bench.frames import Spread
from kiosk.bench.report import Goal
from kiosk.bench.tap import Tap
from kiosk.config import PrinterSettings, Settings, StoreSettings
from kiosk.printer.device import encode
from kiosk.printer.layout import render
from kiosk.printer.specimen import specimen, warm_up
from kiosk.printer.spool import Outcome, Spool
from kiosk.printer.template import TicketTemplate
from kiosk.printer.ticket import TicketFace
from kiosk.printer.virtual import VirtualPrinter
from kiosk.store.clock import office_clock
from kiosk.store.database import Database
from kiosk.store.keys import key_for
from kiosk.store.records import Records

PAPERS = {"80 mm": (576, 203), "58 mm": (384, 203)}
FIRST_BYTE_MS = 120.0

_PATIENCE_S = 10.0


@dataclass(frozen=True, slots=True)
class PaperCost:
    """Tickets on one kind of paper."""

    dots: int
    dpi: int
    layout_ms: Spread
    encode_ms: Spread
    ticket_bytes: int
    """Median."""
    first_byte_ms: Spread
    """From the decision to the first byte of the ticket at the printer's socket."""
    very_first_ms: float
    """The same of the first ticket after the start of the printer's thread."""


@dataclass(frozen=True, slots=True)
class PrintReport:
    """What was measured, by paper."""

    tickets: int
    papers: dict[str, PaperCost]

    @property
    def goals(self) -> tuple[Goal, ...]:
        """The slowest paper decides."""
        costs = self.papers.values()
        return (
            Goal("first_byte", max(c.first_byte_ms.p95 for c in costs), FIRST_BYTE_MS, "ms"),
            Goal("very_first", max(c.very_first_ms for c in costs), FIRST_BYTE_MS, "ms"),
        )

    def summary(self) -> dict[str, object]:
        """Everything, ready for JSON."""
        return {
            "machine": {"processor": platform.machine(), "cores": os.cpu_count()},
            "tickets": self.tickets,
            "papers": {name: asdict(cost) for name, cost in self.papers.items()},
            "goals": [asdict(goal) | {"ratio": goal.ratio} for goal in self.goals],
        }


def main(*, as_json: bool, tickets: int) -> None:
    """Measure and print. Raises :class:`~kiosk.errors.KioskError` when settings are missing."""
    settings = config.load(config.find())
    with progress(2 * tickets * len(PAPERS)) as advance:
        report = measure(settings, tickets, advance)
    if as_json:
        typer.echo(json.dumps(report.summary()))
    else:
        show(report)


def measure(settings: Settings, tickets: int, advance: Advance) -> PrintReport:
    """All figures of ``tickets`` tickets on each paper; ``advance`` is called twice for each."""
    return PrintReport(
        tickets,
        {
            name: _on_paper(_as_bench(settings, *paper), tickets, advance)
            for name, paper in PAPERS.items()
        },
    )


def _as_bench(settings: Settings, dots: int, dpi: int) -> Settings:
    """The office's tickets on this paper, at any hour and as many as it takes."""
    return settings.model_copy(
        update={
            "printer": PrinterSettings(dots=dots, dpi=dpi),
            "office": settings.office.model_copy(update={"hours": None, "holidays": ()}),
            "fields": tuple(f.model_copy(update={"daily_limit": None}) for f in settings.fields),
        }
    )


def _on_paper(settings: Settings, tickets: int, advance: Advance) -> PaperCost:
    # First of all the way as a whole: nothing may be warm that is not so in a kiosk.
    very_first, *others = _first_bytes(settings, tickets, advance)
    layout_ms, encode_ms, sizes = zip(*_pieces(settings, tickets, advance), strict=True)
    return PaperCost(
        settings.printer.dots,
        settings.printer.dpi,
        Spread.of(layout_ms),
        Spread.of(encode_ms),
        sorted(sizes)[len(sizes) // 2],
        Spread.of(others),
        round(very_first, 2),
    )


def _pieces(
    settings: Settings, tickets: int, advance: Advance
) -> Iterator[tuple[float, float, int]]:
    """Layout ms, encode ms and bytes of each of ``tickets`` tickets."""
    template, face = TicketTemplate.of(settings), _face(settings)
    for number in range(tickets):
        start = time.perf_counter()
        picture = render(replace(face, number=f"A{number:03d}"), template)
        drawn = time.perf_counter()
        data = encode(picture, settings.printer)
        done = time.perf_counter()
        yield 1000 * (drawn - start), 1000 * (done - drawn), len(data)
        advance()


def _face(settings: Settings) -> TicketFace:
    moment = datetime.now(UTC)
    return specimen(settings, moment, language="vi", name="NGUYỄN V** A**")


def _first_bytes(settings: Settings, tickets: int, advance: Advance) -> Iterator[float]:
    """Milliseconds to the first byte of each of ``tickets`` tickets, one after the other."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kiosk-bench-")))
        printer = stack.enter_context(VirtualPrinter("127.0.0.1", 0, folder / "tickets"))
        tap = stack.enter_context(Tap(printer.port))
        store = StoreSettings(path=folder / "kiosk.db", key_file=folder / "kiosk.key")
        db = stack.enter_context(Database.open(store.path, key_for(store)))
        records = Records(db, settings, office_clock(db))
        kiosk = stack.enter_context(_Kiosk(settings, records, tap))
        for _ in range(tickets):
            yield 1000 * kiosk.serve()
            advance()


class _Kiosk:
    """The part of the kiosk between the visit and the printer; this thread is its main one."""

    def __init__(self, settings: Settings, records: Records, tap: Tap) -> None:
        self._face = _face(settings)
        self._field = settings.fields[0].id
        self._template = TicketTemplate.of(settings)
        warm_up(settings, self._template, datetime.now(UTC))  # as the kiosk does at its start
        self._tickets = records.tickets
        self._tap = tap
        self._calls: SimpleQueue[Callable[[], bool]] = SimpleQueue()
        """From the printer's thread; true: the ticket in hand is finished."""
        device = f"network:127.0.0.1:{tap.port}"
        self._spool = Spool(
            settings.printer.model_copy(update={"device": device}),
            sending=self._written_down,
            report=lambda *what: self._calls.put(lambda: self._printed(*what)),
            status_changed=lambda _: self._calls.put(lambda: False),
        )

    def __enter__(self) -> Self:
        self._spool.start()
        self._calls.get(timeout=_PATIENCE_S)  # it has found its printer
        return self

    def __exit__(self, *_: object) -> None:
        self._spool.stop()

    def serve(self) -> float:
        """Give a number and print it; seconds until the ticket's first byte."""
        self._tap.expect()
        start = time.perf_counter()
        ticket = self._tickets.issue(self._field, None, "hand")
        face = replace(
            self._face, number=ticket.number, reference=ticket.reference, ahead=ticket.ahead
        )
        self._spool.print(ticket.id, lambda _: render(face, self._template))
        while not self._calls.get(timeout=_PATIENCE_S)():
            pass
        return self._tap.begun_at() - start

    def _written_down(self, ticket: str) -> None:
        done: Future[None] = Future()

        def on_main_thread() -> bool:
            self._tickets.begin_print(ticket)
            done.set_result(None)
            return False

        self._calls.put(on_main_thread)
        done.result(_PATIENCE_S)

    def _printed(self, ticket: str, outcome: Outcome, reason: str, _again: bool) -> bool:
        if outcome != "printed":
            raise RuntimeError(f"the virtual printer left the ticket {outcome}: {reason}")
        self._tickets.record_print(ticket, outcome, reason)
        return True


def show(report: PrintReport) -> None:
    """Print the report."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 120
    table = Table("", *report.papers, title_justify="left", title_style="bold")
    table.title = (
        f"{report.tickets} vé, ms: trung vị / p95 · {report.tickets} tickets, ms: median / p95"
    )
    for column in table.columns[1:]:
        column.justify = "right"
    for name, cell in _ROWS.items():
        table.add_row(name, *(cell(cost) for cost in report.papers.values()))
    console.print(table)
    for goal in report.goals:
        style = "red" if goal.ratio > 1 else "green"
        console.print(
            f"{_GOALS[goal.name]}: {goal.figure:g} {goal.unit}, ≤ {goal.goal:g} {goal.unit}: "
            f"[{style}]{goal.ratio:.2f}[/]"
        )


def _spread(spread: Spread) -> str:
    return f"{spread.median:.1f} / {spread.p95:.1f}"


_ROWS: dict[str, Callable[[PaperCost], str]] = {
    "điểm in, dpi · dots, dpi": lambda cost: f"{cost.dots}, {cost.dpi}",
    "dàn trang · layout": lambda cost: _spread(cost.layout_ms),
    "mã hoá · encode": lambda cost: _spread(cost.encode_ms),
    "byte mỗi vé · bytes a ticket": lambda cost: f"{cost.ticket_bytes:,}",
    "đến byte đầu tiên · to the first byte": lambda cost: _spread(cost.first_byte_ms),
    "vé đầu tiên sau khi bật · very first ticket": lambda cost: f"{cost.very_first_ms:.1f}",
}
_GOALS = {
    "first_byte": "đến byte đầu tiên, p95 · to the first byte, p95",
    "very_first": "vé đầu tiên sau khi bật · very first ticket after the start",
}
