"""From what was seen in a frame to what the hand chooses: engagement, reach, selection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kiosk.config import PointerSettings
from kiosk.ui.engagement import Engagement, Grip
from kiosk.ui.pointer import Pointing, Selector, Target
from kiosk.ui.reach import interaction_box, to_stage
from kiosk.vision.percepts import Percept, Point


class Aim:
    """The subject's hand in the air, one :meth:`update` for each frame looked at."""

    def __init__(self, settings: PointerSettings) -> None:
        self._settings = settings
        self._engagement = Engagement(settings)
        self._selector = Selector(settings)

    def update(
        self,
        at: float,
        percept: Percept,
        stage: tuple[float, float],
        targets: Sequence[Target],
        *,
        shared: bool = False,
    ) -> Pointing:
        """What the hand does at ``at`` (seconds, never going back) on a stage of so many design
        pixels with ``targets`` on it. ``shared``: two people stand there, and no hand chooses."""
        grip = self._engagement.update(at, percept)
        fingers = grip.hand.fingers if grip.hand else None
        tip = self._tip(grip, percept.size, stage)
        pointing = self._selector.update(at, tip, fingers, targets, frozen=shared)
        return replace(pointing, hand=grip.state, raising=grip.progress)

    def _tip(
        self, grip: Grip, picture: tuple[int, int], stage: tuple[float, float]
    ) -> Point | None:
        if grip.hand is None or grip.face is None:
            return None
        box = interaction_box(grip.face, grip.side, self._settings.box_faces, picture)
        return to_stage(grip.hand.pointer, box, stage)
