"""Somebody who uses the real kiosk by keypad, one step at a time, and reads its screen."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtQml import QQmlPropertyMap

from kiosk.app import run
from kiosk.config import Settings
from kiosk.eventloop import Kiosk
from kiosk.stages import VisitRecord
from kiosk.visit.events import Way
from kiosk.visit.state import Phase, Visit

_LOOK_MS = 10
_PATIENCE_MS = 30_000

Notice = tuple[str, str]
"""What is wrong, and what to do."""
Steps = Generator[Callable[[], bool]]
"""What a visitor does; before each step they wait until what they yielded is true."""


@dataclass
class Door:
    """A kiosk that runs, and what was seen of it."""

    kiosk: Kiosk
    visits: list[VisitRecord] = field(default_factory=list[VisitRecord])
    phases: list[Phase] = field(default_factory=list[Phase])

    def changed(self, before: Visit, after: Visit, at: float) -> None:
        if before.phase is not after.phase:
            self.phases.append(after.phase)

    def ended(self, record: VisitRecord) -> None:
        self.visits.append(record)

    @property
    def visit(self) -> Visit:
        return self.kiosk.attendant.visit

    def reads(self, name: str) -> object:
        """A property of the screen, as QML has it."""
        return cast(QQmlPropertyMap, self.kiosk.bridge.screen).value(name)

    @property
    def notice(self) -> Notice | None:
        shown = self.reads("notice")
        return (shown["what"], shown["do"]) if isinstance(shown, dict) else None

    @property
    def number(self) -> str | None:
        """The ticket's number, as large as the screen shows it."""
        shown = self.reads("ticket")
        return shown["number"] if isinstance(shown, dict) else None

    def presses(self, option: str) -> None:
        self.kiosk.bridge.picked.emit(option, Way.KEYPAD)

    def is_at(self, *phases: Phase) -> bool:
        return self.visit.phase in phases


def run_kiosk(settings: Settings, folder: Path, visitor: Callable[[Door], Steps]) -> Door:
    """Run the kiosk until ``visitor`` has done all their steps.

    Fails when a step waits longer than any kiosk should need.
    """
    followed: list[_Follower] = []

    def observe(kiosk: Kiosk) -> Door:
        door = Door(kiosk)
        followed.append(_Follower(door, visitor(door)))
        return door

    run(settings, folder, observe)
    [follower] = followed
    if follower.fault:
        raise follower.fault
    return follower.door


class _Follower:
    """Takes the visitor's next step as soon as what they wait for is true."""

    def __init__(self, door: Door, steps: Steps) -> None:
        self.door = door
        self.fault: Exception | None = None
        self._steps = steps
        self._ready: Callable[[], bool] = lambda: True
        self._look = QTimer(door.kiosk)
        self._look.timeout.connect(self._on)
        self._look.start(_LOOK_MS)
        self._patience = QTimer(door.kiosk)
        self._patience.timeout.connect(self._give_up)
        self._patience.start(_PATIENCE_MS)

    def _on(self) -> None:
        try:
            while self._ready():
                self._ready = next(self._steps)
                self._patience.start()
        except StopIteration:
            self._leave()
        except Exception as error:  # noqa: BLE001 -- raised again by whoever runs the kiosk
            self._leave(error)

    def _give_up(self) -> None:
        door = self.door
        self._leave(
            TimeoutError(
                f"{door.visit.phase}, {door.visit.machine}, notice {door.notice}, {door.phases}"
            )
        )

    def _leave(self, fault: Exception | None = None) -> None:
        self._look.stop()
        self._patience.stop()
        self.fault = fault
        QGuiApplication.quit()
