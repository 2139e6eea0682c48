"""What the bench shows the models: one person, as the replay camera draws them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2

from kiosk.vision.cutouts import read_photo
from kiosk.vision.scene import SHIPPED, load_portrait

_FPS = 15
_FACE = 110 / 720
"""Width of a face about a metre away, in heights of the frame."""
_WALK_S = 1.4
_STAY_S = 1.6

Stand = tuple[float, float, float]
"""A moment in seconds, the middle of the face as a share of the width, the size (1: a metre)."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What is before the camera."""

    name: str
    size: tuple[int, int]
    """Width and height of the frame, pixels."""
    person: bool = True
    hand: bool = False
    """The person points at the screen."""


POINTING = Situation("person_and_hand", (640, 480), hand=True)
PERSON = Situation("person", (640, 480))
POINTING_WIDE = Situation("person_and_hand_720", (1280, 720), hand=True)
SITUATIONS = (
    POINTING,
    PERSON,
    Situation("nobody", (640, 480), person=False),
    POINTING_WIDE,
)


class Scenes:
    """Writes scenes into ``folder``, with a copy of the portrait beside them: reading it there
    takes no image library that a kiosk with a camera does not load as well.

    Raises :class:`~kiosk.errors.CameraError` when there is no portrait.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        shipped = SHIPPED / "portraits" / "astronaut.toml"
        photo = load_portrait(shipped).photo
        picture = cv2.cvtColor(read_photo(photo, shipped.parent), cv2.COLOR_RGB2BGR)
        cv2.imwrite(str(folder / "portrait.png"), picture)
        text = shipped.read_text(encoding="utf-8").replace(f'"{photo}"', '"portrait.png"')
        (folder / "portrait.toml").write_text(text, encoding="utf-8")

    def standing(self, situation: Situation, frames: int) -> Path:
        """``frames`` frames of a situation in which nothing but breath moves."""
        seconds = frames / _FPS
        stands = [(0.0, 0.5, 1.0), (seconds, 0.5, 1.0)] if situation.person else []
        name = f"{situation.name}-{frames}"
        return self._write(name, situation, seconds, stands)

    def arriving(self, number: int) -> Path:
        """Somebody walks in from a side, stops before the kiosk and looks at it; where and how
        near they stop differs by ``number``."""
        from_left, place = number % 2 == 0, number % 5
        stop = 0.44 + 0.03 * place
        size = 0.9 + 0.08 * place
        stands = [(0.0, -0.15 if from_left else 1.15, 0.8 * size), (_WALK_S, stop, size)]
        seconds = _WALK_S + _STAY_S
        arriving = Situation(f"arriving-{number}", (640, 480))
        return self._write(arriving.name, arriving, seconds, [*stands, (seconds, stop, size)])

    def _write(
        self, name: str, situation: Situation, seconds: float, stands: Sequence[Stand]
    ) -> Path:
        width, height = situation.size
        seed = sum(name.encode())
        lines = [f"{width = }", f"{height = }", f"duration = {seconds}", f"fps = {_FPS}"]
        lines += [f"{seed = }"]
        if stands:
            path = ", ".join(
                f"{{ {at = }, {x = }, y = 0.43, face = {size * _FACE * height:.1f} }}"
                for at, x, size in stands
            )
            lines += ["[[person]]", 'name = "citizen"', 'portrait = "portrait.toml"']
            lines += [f"path = [{path}]"]
        if situation.hand:
            still = f'{{ at = 0, pose = "point", tip = [-1.1, 1.2] }}, {{ at = {seconds} }}'
            lines += ["[[hand]]", 'person = "citizen"', f"path = [{still}]"]
        scene = self._folder / f"{name}.toml"
        scene.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return scene
