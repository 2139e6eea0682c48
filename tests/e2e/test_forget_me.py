"""From pixels to nothing: a card held to the camera enrols, the next visit recognises, "forget me"
makes the third a stranger's, and nothing is left in clear on the disk at any time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer

from kiosk import config
from kiosk.app import run
from kiosk.config import Settings
from kiosk.eventloop import Kiosk
from kiosk.idcard import qr
from kiosk.printer.virtual import VirtualPrinter
from kiosk.stages import VisitRecord
from kiosk.vision.scene import SHIPPED
from kiosk.visit.events import Way
from kiosk.visit.state import Phase, Visit
from tests.e2e.test_trouble import REPOSITORY, but

pytestmark = pytest.mark.slow

CARD = qr.parse(
    (SHIPPED / "first_visit.toml").read_text("utf-8").split('text = "')[1].split('"')[0]
)
PICTURES = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG"}
"""How a picture file begins."""


@dataclass
class Citizen:
    """Who asks to be forgotten on the second visit, once greeted; and what was seen of all."""

    kiosk: Kiosk
    out: Path
    visits: list[VisitRecord] = field(default_factory=list[VisitRecord])
    phases: list[Phase] = field(default_factory=list[Phase])
    on_disk: list[str] = field(default_factory=list[str])

    def changed(self, before: Visit, after: Visit, at: float) -> None:
        if before.phase is not after.phase:
            self.phases.append(after.phase)
            self.on_disk += in_clear(self.out)
        if after.greeted and after.phase is Phase.CHOOSE and len(self.visits) == 1:
            self._presses("my_data")
        if after.phase is Phase.FORGET and not after.forgotten:
            self._presses("forget")

    def ended(self, record: VisitRecord) -> None:
        self.visits.append(record)

    def _presses(self, option: str) -> None:
        QTimer.singleShot(0, lambda: self.kiosk.bridge.picked.emit(option, Way.KEYPAD))


def in_clear(folder: Path) -> list[str]:
    """What files under ``folder`` say of the card's holder, or show of anybody."""
    said = {
        "number": CARD.number.encode(),
        "name": CARD.name.encode(),
        "address": CARD.address.encode(),
        "old number": (CARD.old_number or "-").encode(),
    }
    found: list[str] = []
    for path in folder.rglob("*"):
        if not path.is_file() or "paper" in path.parts:
            continue
        content = path.read_bytes()
        found += [f"{path.name}: {what}" for what, text in said.items() if text in content]
        found += [f"{path.name}: {kind}" for start, kind in PICTURES.items() if start in content]
    return found


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[VirtualPrinter]:
    with VirtualPrinter("127.0.0.1", 0, tmp_path / "paper") as printer:
        yield printer


@pytest.fixture
def settings(tmp_path: Path, printer: VirtualPrinter, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    return but(
        config.load(REPOSITORY / "config.toml"),
        camera={"source": "replay:first_visit,second_visit,second_visit"},
        printer={"device": f"network:127.0.0.1:{printer.port}"},
        screen={"fullscreen": False, "reduced_motion": True},
        store={"path": tmp_path / "kiosk.db", "key_file": tmp_path / "kiosk.key"},
        reader={"printed_side": False},
    )


def test_three_visits_of_one_person_who_is_forgotten_on_the_second(
    settings: Settings, tmp_path: Path, printer: VirtualPrinter
) -> None:
    seen: list[Citizen] = []

    def observe(kiosk: Kiosk) -> Citizen:
        seen.append(Citizen(kiosk, tmp_path))
        return seen[0]

    run(settings, tmp_path, observe)
    [citizen] = seen
    assert [visit.enrolled for visit in citizen.visits] == [True, False, False]
    assert Phase.FORGET in citizen.phases
    first, second, third = citizen.visits
    assert (first.ticket, first.recognised) == ("C001", False)
    assert (second.ticket, second.recognised) == (None, False)
    assert (third.ticket, third.recognised) == ("B001", False)
    assert printer.tickets == 3  # two tickets, and the erasure in writing
    assert citizen.on_disk == []
    assert in_clear(tmp_path) == []
