"""The technician's screen as values: what is pressed, what is shown."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.config import PointerSettings
from kiosk.health.doctor import Checked, Examination
from kiosk.health.finding import Finding, Level
from kiosk.locale import text
from kiosk.technician import IDLE_S, Technician
from kiosk.technician_pin import TechnicianPin
from kiosk.ui.calibration import CROSSES, fit
from tests.health.kiosks import NOW, parts


class Kiosk:
    """Counts what it is asked for."""

    def __init__(self, folder: Path) -> None:
        self.seconds = 0.0
        self.asked: list[str] = []
        self.pin = TechnicianPin(folder / "technician.json", lambda: datetime.now(UTC))
        self.pin.set("271828")
        self.technician = Technician(
            self.pin, self, PointerSettings(), lambda: self.seconds, parts, "en"
        )

    def examine(self) -> None:
        self.asked.append("examine")

    def print_test(self) -> None:
        self.asked.append("print")

    def export(self) -> None:
        self.asked.append("export")

    def look_for_codes(self, on: bool) -> None:
        self.asked.append("look" if on else "look away")

    def enrol(self, token: str) -> None:
        self.asked.append(token)

    def enter(self, pin: str = "271828") -> Technician:
        self.technician.knock()
        for digit in pin:
            self.technician.press(digit)
        return self.technician


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    return Kiosk(tmp_path)


def test_nothing_is_shown_or_done_before_the_pin(kiosk: Kiosk) -> None:
    technician = kiosk.technician
    for button in ("check", "print", "export", "camera", "1"):
        technician.press(button)
    assert technician.screen().page == "closed"
    technician.knock()
    for button in ("check", "print", "export", "camera", "health"):
        technician.press(button)
    assert technician.screen().page == "pin"
    assert kiosk.asked == []


def test_the_pin_opens_and_the_kiosk_is_examined(kiosk: Kiosk) -> None:
    technician = kiosk.enter()
    assert technician.screen().page == "health"
    assert kiosk.asked == ["examine"]
    bad = Checked("paper", "hardware", Finding(Level.BAD, "error.printer_paper_out"))
    good = Checked("camera", "hardware", Finding(Level.ABSENT, "health.camera.none"))
    technician.examined(Examination(NOW, True, (good, bad)))
    rows = technician.screen().rows
    assert [(row.mark, row.name) for row in rows] == [("bad", "Paper"), ("absent", "Camera")]
    assert rows[0].do == "Put in a new roll and close the cover."
    assert rows[1].do == ""


def test_a_wrong_pin_says_so_and_a_digit_can_be_taken_back(kiosk: Kiosk) -> None:
    technician = kiosk.enter("271829")
    assert technician.screen().told == text("en", "technician.pin_wrong")
    for button in ("2", "7", "9", "erase", "1", "8", "2", "8"):
        technician.press(button)
    assert technician.screen().page == "health"


def test_too_many_wrong_ones_say_how_long_to_wait(kiosk: Kiosk) -> None:
    for _ in range(5):
        kiosk.enter("000001")
    assert kiosk.technician.screen().told == text("en", "technician.pin_blocked", minutes=1)


def test_it_closes_by_itself_and_by_its_button(kiosk: Kiosk) -> None:
    technician = kiosk.enter()
    kiosk.seconds = IDLE_S - 1
    technician.tick()
    assert technician.is_open
    technician.press("camera")
    kiosk.seconds = 2 * IDLE_S - 2
    technician.tick()
    assert technician.is_open
    kiosk.seconds = 2 * IDLE_S
    technician.tick()
    assert not technician.is_open
    kiosk.enter().press("close")
    assert not technician.is_open


def test_the_camera_is_told_in_figures(kiosk: Kiosk) -> None:
    technician = kiosk.enter()
    technician.press("camera")
    assert "15.0 pictures a second" in technician.screen().told


def test_what_is_asked_for_is_asked_once(kiosk: Kiosk) -> None:
    technician = kiosk.enter()
    for button in ("print", "export"):
        technician.press(button)
    assert kiosk.asked == ["examine", "print", "export"]
    technician.said("done")
    assert technician.screen().told == "done"


def test_a_code_held_up_enrols_the_kiosk_once(kiosk: Kiosk) -> None:
    technician = kiosk.enter()
    technician.reads(["aB3-_" * 8])
    assert kiosk.asked == ["examine"], "nothing is looked for yet"
    technician.press("enrol")
    assert technician.screen().told == text("en", "technician.enrol_how")
    technician.reads([])
    technician.reads(["079190012345||Nguyễn Văn A|01011990|Nam|Hà Nội|01012021"])
    assert technician.screen().told == text("en", "technician.enrol_other")
    for _ in range(3):
        technician.reads(["aB3-_" * 8])
    assert kiosk.asked == ["examine", "look", "look away", "aB3-_" * 8]
    assert technician.screen().told == text("en", "technician.enrolling")
    assert "aB3" not in str(technician.screen())
    technician.press("enrol")
    technician.press("close")
    assert kiosk.asked[-2:] == ["look", "look away"]


def test_pointing_at_five_crosses_gives_the_box(kiosk: Kiosk) -> None:
    technician = kiosk.enter()
    technician.press("pointer")
    stage = (1080.0, 1920.0)
    seen = []
    while (cross := technician.screen().cross) is not None:
        seen.append(cross)
        # The hand reaches only half as far across as it should.
        at = (540 + 0.5 * (cross[0] * 1080 - 540), cross[1] * 1920)
        technician.points_at((at[0] + 300, at[1]), stage)  # on its way
        for _ in range(4):
            technician.points_at(at, stage)
            kiosk.seconds += 1.0
    assert tuple(seen) == CROSSES
    width, height = PointerSettings().box_faces
    assert f"box_faces = [{width / 2}, {height}]" in technician.screen().told


def test_a_hand_that_does_not_follow_fits_nothing() -> None:
    crosses = [(0.0, 0.0), (100.0, 0.0), (50.0, 50.0), (0.0, 100.0), (100.0, 100.0)]
    assert fit(crosses, [(50.0, 50.0)] * 5, (2.2, 1.4)) is None
    assert fit(crosses[:2], crosses[:2], (2.2, 1.4)) is None
    exact = fit(crosses, crosses, (2.2, 1.4))
    assert exact is not None
    assert (exact.box_faces, exact.off_px) == ((2.2, 1.4), 0.0)
