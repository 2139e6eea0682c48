"""From replayed pixels to a row in the central server and a ticket on paper."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kiosk import eventloop
from kiosk.app import run
from kiosk.demo_office import DemoOffice
from kiosk.idcard import qr
from kiosk.printer.template import TicketTemplate
from kiosk.printer.ticket import TicketFace
from kiosk.stages import VisitRecord
from kiosk.vision.scene import SHIPPED
from kiosk.visit.state import Phase, Visit

HERE = Path(__file__).parent
LISTS = ("tickets", "citizens", "visits", "events")
CAST = {
    "first_visit": SHIPPED / "portraits" / "obama.toml",
    "second_visit": HERE / "speech.toml",  # the same person in another photograph
    "stranger": SHIPPED / "portraits" / "biden.toml",
}


def _scene(folder: Path, name: str, portrait: Path) -> Path:
    """The shipped scene ``name`` with somebody else in it."""
    source = (SHIPPED / f"{name}.toml").read_text(encoding="utf-8")
    [line] = [line for line in source.splitlines() if line.startswith("portrait = ")]
    path = folder / f"{name}.toml"
    path.write_text(source.replace(line, f'portrait = "{portrait}"'), encoding="utf-8")
    return path


@dataclass
class Day:
    """What happened at the door, on paper and at the server."""

    tickets: list[Path] = field(default_factory=list[Path])
    drawn: list[Image.Image] = field(default_factory=list[Image.Image])
    faces: list[TicketFace] = field(default_factory=list[TicketFace])
    visits: list[VisitRecord] = field(default_factory=list[VisitRecord])
    phases: list[Phase] = field(default_factory=list[Phase])
    stored: dict[str, list[dict[str, object]]] = field(default_factory=dict)  # type: ignore[type-arg]
    stats: dict[str, int] = field(default_factory=dict[str, int])

    def changed(self, before: Visit, after: Visit, at: float) -> None:
        if before.phase is not after.phase:
            self.phases.append(after.phase)

    def ended(self, record: VisitRecord) -> None:
        self.visits.append(record)


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    out = tmp_path_factory.mktemp("day")
    scenes = [str(_scene(out, name, portrait)) for name, portrait in CAST.items()]
    seen = Day()
    really_render = eventloop.render

    def render(face: TicketFace, template: TicketTemplate) -> Image.Image:
        seen.faces.append(face)
        seen.drawn.append(really_render(face, template))
        return seen.drawn[-1]

    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(eventloop, "render", render)
        office = DemoOffice(out, f"replay:{','.join(scenes)}", stack)
        run(office.settings, out, lambda _kiosk: seen)
        office.wait_until_synced()
        seen.stored = {name: office.page(name) for name in LISTS}
        seen.stats = office.stats()
    seen.tickets = sorted((out / "tickets").glob("*.png"))
    return seen


@pytest.mark.slow
def test_three_visits_three_tickets(day: Day) -> None:
    assert [visit.ticket for visit in day.visits] == ["C001", "B001", "D001"]
    assert [visit.outcome for visit in day.visits] == ["ticket"] * 3
    assert day.phases[-1] is Phase.ATTRACT


@pytest.mark.slow
def test_only_the_citizen_who_came_back_is_recognised(day: Day) -> None:
    assert [visit.enrolled for visit in day.visits] == [True, False, False]
    assert [visit.recognised for visit in day.visits] == [False, True, False]
    assert [face.name for face in day.faces] == [None, "NGUYỄN T** M** A**", None]


@pytest.mark.slow
def test_a_visit_is_short(day: Day) -> None:
    first, second, _ = (visit.approach_to_ticket_s for visit in day.visits)
    assert first is not None
    assert second is not None
    assert (first <= 10, second <= 5) == (True, True), (first, second)


@pytest.mark.slow
def test_paper_is_what_was_drawn_pixel_for_pixel(day: Day) -> None:
    assert len(day.tickets) == len(day.drawn) == 3
    for path, drawn in zip(day.tickets, day.drawn, strict=True):
        with Image.open(path) as printed:
            assert np.array_equal(np.asarray(printed.convert("1")), np.asarray(drawn))


@pytest.mark.slow
def test_central_holds_every_record_once(day: Day) -> None:
    assert [t["number"] for t in day.stored["tickets"]] == ["C001", "B001", "D001"]
    assert {t["printed"] for t in day.stored["tickets"]} == {"printed"}
    [citizen] = day.stored["citizens"]
    assert [t["citizen"] for t in day.stored["tickets"]] == [None, citizen["id"], None]
    card = qr.parse(
        (SHIPPED / "first_visit.toml").read_text("utf-8").split('text = "')[1].split('"')[0]
    )
    assert (citizen["number"], citizen["name"]) == (card.number, card.name)
    assert [v["recognised"] for v in day.stored["visits"]] == [False, True, False]
    kinds = Counter(event["body"]["kind"] for event in day.stored["events"])  # type: ignore[index]
    assert kinds.pop("printer_changed") >= 1
    assert kinds == {
        "ticket_issued": 3,
        "ticket_printed": 3,
        "citizen_enrolled": 1,
        "visit_ended": 3,
    }
    assert (day.stats["events"], day.stats["duplicates"]) == (len(day.stored["events"]), 0)
