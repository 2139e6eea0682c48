"""The technician's screen: what is pressed, and what is shown. Decides and remembers; carries
nothing out itself.

It opens with a long press on the emblem or F12, asks for the PIN, and closes by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from kiosk.config import PointerSettings
from kiosk.errors import KioskError
from kiosk.health.doctor import Examination
from kiosk.health.parts import Parts
from kiosk.locale import Language, text
from kiosk.technician_pin import TechnicianPin
from kiosk.ui.calibration import CROSSES, Point, fit
from kiosk.ui.technician import (
    TechnicianButton,
    TechnicianPage,
    TechnicianRow,
    TechnicianScreen,
)

IDLE_S = 180.0
"""Nothing pressed for so long: closed, so that no citizen finds it open."""
PIN_DIGITS = 6
_REST_S = 1.5
"""A hand must rest so long on a cross."""
_STILL_PX = 60.0
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}")
"""As the contract says (:class:`wire.EnrolDevice`); no payload of a card looks like it: those have
bars between their fields."""


class Hands(Protocol):
    """What is done for the technician."""

    def examine(self) -> None:
        """Examine the kiosk; the answer comes through :meth:`Technician.examined`."""
        ...

    def print_test(self) -> None:
        """Print a specimen; the answer comes through :meth:`Technician.said`."""
        ...

    def export(self) -> None:
        """Write the log where it can be taken away; the answer as above."""
        ...

    def look_for_codes(self, on: bool) -> None:
        """Start or stop reading codes held up to the camera; they come through
        :meth:`Technician.reads`."""
        ...

    def enrol(self, token: str) -> None:
        """Make this kiosk one of the office's devices; the answer as above."""
        ...


@dataclass
class _Rest:
    """Where the hand came to rest, and since when."""

    at: Point
    since: float


class Technician:
    """One technician at the kiosk. ``now`` tells seconds, ``parts`` how camera and printer are."""

    def __init__(
        self,
        pin: TechnicianPin,
        hands: Hands,
        pointer: PointerSettings,
        now: Callable[[], float],
        parts: Callable[[], Parts],
        language: Language = "vi",
    ) -> None:
        self._pin = pin
        self._hands = hands
        self._box = pointer.box_faces
        self._now = now
        self._parts = parts
        self._language: Language = language
        self._page: TechnicianPage = "closed"
        self._entered = ""
        self._told = ""
        self._examination: Examination | None = None
        self._pressed_at = now()
        self._pointed: list[Point] = []
        self._stage: Point = (1.0, 1.0)
        self._rest: _Rest | None = None
        self._looks = False

    @property
    def is_open(self) -> bool:
        """Whether the screen is the technician's."""
        return self._page != "closed"

    def knock(self) -> None:
        """The emblem was pressed for long, or F12."""
        self._pressed_at = self._now()
        if not self.is_open:
            self._page, self._entered = "pin", ""
            self._told = "" if self._pin.is_set else self._words("pin_none")

    def press(self, button: str) -> None:
        """A button, a digit, ``erase``."""
        if not self.is_open:
            return
        self._pressed_at = self._now()
        if button == "close":
            self._close()
        elif self._page == "pin":
            self._digit(button)
        elif button == "check":
            self._look_again()
        elif button in ("health", "camera", "pointer", "enrol"):
            self._turn_to(button)
        elif button == "print":
            self._told = self._words("printing")
            self._hands.print_test()
        elif button == "export":
            self._told = self._words("exporting")
            self._hands.export()

    def tick(self) -> None:
        """Time went by."""
        if self.is_open and self._now() - self._pressed_at >= IDLE_S:
            self._close()

    def examined(self, examination: Examination) -> None:
        """The examination is done."""
        self._examination = examination
        self._told = text(self._language, f"health.told.{examination.worst}")

    def said(self, sentence: str) -> None:
        """Something that was asked for came to an end."""
        self._told = sentence

    def reads(self, codes: Sequence[str]) -> None:
        """What was held up to the camera. A token is used at once; it is never shown."""
        if self._page != "enrol" or not self._looks or not codes:
            return
        self._pressed_at = self._now()
        token = next((code for code in codes if _TOKEN.fullmatch(code)), None)
        if token is None:
            self._told = self._words("enrol_other")
            return
        self._look(False)
        self._told = self._words("enrolling")
        self._hands.enrol(token)

    def points_at(self, at: Point | None, stage: Point) -> None:
        """Where the pointer is on the stage of that size, pixels; ``None``: nobody points."""
        if self._page != "pointer" or len(self._pointed) == len(CROSSES):
            return
        self._stage = stage
        if at is None or self._rest is None or _distance(at, self._rest.at) > _STILL_PX:
            self._rest = _Rest(at, self._now()) if at else None
        elif self._now() - self._rest.since >= _REST_S:
            self._pressed_at = self._now()
            self._pointed.append(self._rest.at)
            self._rest = None
            if len(self._pointed) == len(CROSSES):
                self._told = self._calibrated()

    def screen(self) -> TechnicianScreen:
        """What is to be seen now."""
        if not self.is_open:
            return TechnicianScreen()
        return TechnicianScreen(
            page=self._page,
            title=self._words(f"title_{self._page}"),
            told=self._camera_words() if self._page == "camera" else self._told,
            entered=len(self._entered),
            rows=self._rows() if self._page == "health" else (),
            buttons=self._buttons(),
            cross=self._cross(),
        )

    def _close(self) -> None:
        self._look(False)
        self._page, self._entered, self._told = "closed", "", ""

    def _digit(self, button: str) -> None:
        if button == "erase":
            self._entered = self._entered[:-1]
        elif button.isdecimal() and len(button) == 1 and self._pin.is_set:
            self._entered += button
        if len(self._entered) == PIN_DIGITS:
            self._try_pin()

    def _try_pin(self) -> None:
        entered, self._entered = self._entered, ""
        try:
            opened = self._pin.try_(entered)
        except KioskError as error:
            self._told = f"{error.what(self._language)} {error.do(self._language)}"
            return
        if opened:
            self._turn_to("health")
            self._look_again()
        elif wait := self._pin.blocked_for():
            self._told = self._words("pin_blocked", minutes=-(-wait.seconds // 60))
        else:
            self._told = self._words("pin_wrong")

    def _look_again(self) -> None:
        self._told = self._words("examining")
        self._hands.examine()

    def _turn_to(self, page: TechnicianPage) -> None:
        self._page, self._pointed, self._rest = page, [], None
        self._told = self._words(f"{page}_how") if page in ("pointer", "enrol") else ""
        self._look(page == "enrol")

    def _look(self, on: bool) -> None:
        if on is not self._looks:
            self._looks = on
            self._hands.look_for_codes(on)

    def _cross(self) -> Point | None:
        done = len(self._pointed)
        return CROSSES[done] if self._page == "pointer" and done < len(CROSSES) else None

    def _calibrated(self) -> str:
        width, height = self._stage
        found = fit([(x * width, y * height) for x, y in CROSSES], self._pointed, self._box)
        if found is None:
            return self._words("pointer_failed")
        box = f"[{found.box_faces[0]}, {found.box_faces[1]}]"
        return self._words("pointer_fitted", off_px=round(found.off_px), box_faces=box)

    def _camera_words(self) -> str:
        parts = self._parts()
        view = parts.view
        if parts.camera != "working" or view is None:
            return self._words("camera_none")
        blur = "–" if view.blur_px is None else view.blur_px
        return self._words(
            "camera_is",
            frames_per_s=parts.frames_per_s,
            blur_px=blur,
            light=round(view.light),
            blown_percent=round(view.blown * 100),
        )

    def _rows(self) -> tuple[TechnicianRow, ...]:
        if self._examination is None:
            return ()
        language = self._language
        found = [
            (each.finding.level.rank, index, each)
            for index, each in enumerate(self._examination.checked)
        ]
        worst_first = sorted(found, key=lambda item: (-item[0], item[1]))
        return tuple(
            TechnicianRow(
                mark=each.finding.level.value,
                name=text(language, f"health.{each.name}.name"),
                what=each.finding.what(language),
                do=each.finding.do(language),
            )
            for _, _, each in worst_first
        )

    def _buttons(self) -> tuple[TechnicianButton, ...]:
        ids = {
            "pin": ("close",),
            "health": ("check", "camera", "print", "pointer", "enrol", "export", "close"),
            "camera": ("health", "close"),
            "pointer": ("pointer", "health", "close"),
            "enrol": ("enrol", "health", "close"),
        }[self._page]
        return tuple(TechnicianButton(each, self._label(each)) for each in ids)

    def _label(self, button: str) -> str:
        again = button == self._page
        return self._words("button_again" if again else f"button_{button}")

    def _words(self, key: str, **fields: object) -> str:
        return text(self._language, f"technician.{key}", **fields)


def _distance(one: Point, other: Point) -> float:
    return float(((one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2) ** 0.5)
