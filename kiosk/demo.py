"""The demonstration: everything on one machine, once, with scripted visitors or with you.

Central server, virtual printer and sync run as processes of their own, as they do in an office;
the kiosk runs here. Three visitors come: one who asks to be remembered, the same person again,
and a stranger.
"""

from __future__ import annotations

import json
import shutil
import signal
import sys
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from kiosk import __version__
from kiosk.demo_office import DemoOffice
from kiosk.errors import ConfigError
from kiosk.stages import VisitRecord
from kiosk.visit.state import Phase, Visit

if TYPE_CHECKING:
    from kiosk.eventloop import Kiosk

SCENES = "replay:first_visit,second_visit,stranger"


class Recorder:
    """Watches the visits: a picture of every state, a record of every visit."""

    def __init__(self, kiosk: Kiosk, screens: Path, visits: list[VisitRecord]) -> None:
        self._kiosk = kiosk
        self._screens = screens
        self._visits = visits
        self._pictures = 0

    def changed(self, before: Visit, after: Visit, at: float) -> None:  # noqa: ARG002
        """Picture the state that ends, as it was last shown."""
        asked_on = before.consented != after.consented
        if before.phase is not after.phase or asked_on:
            self._pictures += 1
            visit = len(self._visits) + (after.phase is not Phase.ATTRACT)
            name = f"visit{visit}-{self._pictures:02d}-{before.phase.value}.png"
            self._kiosk.window.grab(self._screens / name)
        if after.phase is Phase.ATTRACT:
            self._pictures = 0

    def ended(self, record: VisitRecord) -> None:
        """Keep the record."""
        self._visits.append(record)


def run_demo(out: Path, *, camera: str | None, as_json: bool) -> int:
    """Run the demonstration into ``out``; 0 when everything went as it should."""
    from kiosk.app import run

    out = out.resolve()
    _end_as_by_ctrl_c()
    _clear(out)
    visits: list[VisitRecord] = []
    with ExitStack() as stack:
        office = DemoOffice(out, camera or SCENES, stack)
        run(office.settings, out, lambda kiosk: Recorder(kiosk, out / "screens", visits))
        office.wait_until_synced()
        summary = _summary(visits, office.stats())
        faults = [] if camera else _faults(visits, office)
    (out / "summary.json").write_text(
        json.dumps(summary, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    if as_json:
        print(json.dumps(summary, ensure_ascii=False))
    else:
        _report(visits, summary["central"], out)
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def _clear(out: Path) -> None:
    """Remove what an earlier demonstration left; anybody else's files are not ours to delete."""
    ours = (out / "var" / "central.db").exists() and (out / "config.toml").exists()
    if not ours and out.exists() and any(out.iterdir()):
        raise ConfigError("demo_folder", folder=out)
    shutil.rmtree(out, ignore_errors=True)


def _end_as_by_ctrl_c() -> None:
    """A closed terminal must leave nothing running either."""
    for number in (signal.SIGHUP, signal.SIGTERM):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, lambda *_: signal.raise_signal(signal.SIGINT))


def _summary(visits: list[VisitRecord], stats: dict[str, int]) -> dict[str, Any]:
    return {
        "visits": [
            {
                "ticket": visit.ticket,
                "field": visit.field,
                "recognised": visit.recognised,
                "approach_to_ticket_s": visit.approach_to_ticket_s
                and round(visit.approach_to_ticket_s, 2),
                "stages_ms": visit.stages_ms,
                "enrolled": visit.enrolled,
            }
            for visit in visits
        ],
        "central": {"events": stats["events"], "duplicates": stats["duplicates"]},
        "versions": {
            "kiosk": __version__,
            "python": sys.version.split()[0],
            **{
                package: version(package)
                for package in ("ai-edge-litert", "PySide6-Essentials", "opencv-python-headless")
            },
        },
    }


def _faults(visits: list[VisitRecord], office: DemoOffice) -> list[str]:
    """What did not go as the three scripted visits should."""
    faults: list[str] = []
    if [visit.ticket is not None for visit in visits] != [True] * 3:
        faults.append(f"Three visits with a ticket were scripted, seen: {visits}")
    if [visit.recognised for visit in visits] != [False, True, False]:
        faults.append("Only the second visit should be recognised.")
    if [visit.enrolled for visit in visits] != [True, False, False]:
        faults.append("Only the first visitor should be remembered.")
    stored = [ticket["number"] for ticket in office.page("tickets")]
    if stored != [visit.ticket for visit in visits]:
        faults.append(f"Central holds the tickets {stored}.")
    if office.printed() != len(visits):
        faults.append(f"{office.printed()} tickets came out of the printer, not {len(visits)}.")
    return faults


def _report(visits: list[VisitRecord], stats: dict[str, int], out: Path) -> None:
    table = Table(title="Ba lượt khách · Three visits", title_justify="left")
    for heading in ("Vé · Ticket", "Lĩnh vực · Field", "Nhận ra · Recognised"):
        table.add_column(heading)
    stages = [p.value for p in Phase if any(p.value in v.stages_ms for v in visits)]
    for heading in (*(f"{stage}, s" for stage in stages), "Đến khi có vé · To ticket, s"):
        table.add_column(heading, justify="right")
    for visit in visits:
        waited = visit.approach_to_ticket_s
        table.add_row(
            visit.ticket or "–",
            visit.field or "–",
            "có · yes" if visit.recognised else "không · no",
            *(f"{visit.stages_ms.get(stage, 0) / 1000:.1f}" for stage in stages),
            "–" if waited is None else f"{waited:.1f}",
        )
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(table)
    console.print(
        f"Máy chủ: {stats['events']} sự kiện, {stats['duplicates']} lần lặp. "
        f"Central: {stats['events']} events, {stats['duplicates']} duplicates."
    )
    for where, what in (
        ("screens/", "ảnh từng màn hình · a picture of every state"),
        ("tickets/", "từng vé · every ticket"),
        ("summary.json", "số liệu · the figures"),
    ):
        console.print(f"  {out / where}  {what}", soft_wrap=True)
