"""Hands as vision describes them: 21 landmarks, the palm towards the camera or not."""

from __future__ import annotations

import math
from collections.abc import Collection

from kiosk.config import PointerSettings
from kiosk.ui.reach import interaction_box
from kiosk.vision.percepts import Box, FacePercept, Handedness, HandPercept, Percept, Point

SETTINGS = PointerSettings()
PICTURE = (1280, 720)
STAGE = (1080.0, 1920.0)
FACE: Box = (580.0, 160.0, 120.0, 120.0)
PALM = 0.5
"""Length of the palm, in face widths, as photographed."""
OPEN = (1, 2, 3, 4)

_KNUCKLES = ((0.28, -0.95), (0.0, -1.0), (-0.22, -0.93), (-0.42, -0.8))


def face(box: Box = FACE, track: int = 1) -> FacePercept:
    return FacePercept(track, box, 0.9, 0, 0, 0, 50, 0.8)


def hand(
    tip: Point,
    side: Handedness = "right",
    stretched: Collection[int] = OPEN,
    *,
    fingers: int | None = None,
    palm: float = PALM * FACE[2],
    lean: float = 0.0,
    back: bool = False,
) -> HandPercept:
    """A hand whose index finger ends at ``tip``; ``stretched`` fingers, 1 index … 4 little;
    ``lean`` degrees from upright; ``back``: its back towards the camera."""
    points = [(0.0, 0.0), (0.3, -0.2), (0.5, -0.4), (0.6, -0.5), (0.65, -0.6)]
    for number, (x, y) in enumerate(_KNUCKLES, start=1):
        lengths = (1.0, 1.4, 1.7, 1.9) if number in stretched else (1.0, 1.3, 1.0, 0.8)
        points += [(x * length, y * length) for length in lengths]
    mirror = (-1 if side == "left" else 1) * (-1 if back else 1)
    c, s = math.cos(math.radians(lean)), math.sin(math.radians(lean))
    turned = [(c * x * mirror - s * y, s * x * mirror + c * y) for x, y in points]
    ox, oy = turned[8]
    placed = tuple((tip[0] + (x - ox) * palm, tip[1] + (y - oy) * palm) for x, y in turned)
    return HandPercept(side, 0.9, len(stretched) if fingers is None else fingers, placed[8], placed)


def percept(
    *hands: HandPercept,
    at: float = 0.0,
    faces: tuple[FacePercept, ...] = (face(),),
    subject: int = 1,
) -> Percept:
    return Percept(0, at, PICTURE, faces, hands, subject=subject)


def centre(box: Box) -> Point:
    return box[0] + box[2] / 2, box[1] + box[3] / 2


def in_box(
    across: float = 0.5, down: float = 0.5, side: Handedness = "right", box: Box = FACE
) -> Point:
    """A place in the picture, as shares of the interaction box, ``across`` as the screen is."""
    x, y, width, height = interaction_box(box, side, SETTINGS.box_faces, PICTURE)
    return x + (1 - across) * width, y + down * height
