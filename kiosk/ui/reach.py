"""From a hand in the camera's picture to a point on the stage.

The stage is the screen in design pixels (1080 wide in portrait, 1920 in landscape, whatever
the window's real size), origin top left. The picture is not mirrored, the stage is: the
pointer goes the way the person sees their own hand go in the preview.
"""

from __future__ import annotations

from kiosk.vision.percepts import Box, Handedness, Point

INNER = 0.2
"""The box begins so many face widths beside the middle of the face: an arm hangs from the
shoulder, not from the chin."""

BELOW = 0.3
"""The box begins so many face widths below the middle of the face, about at the mouth: higher,
and the arm tires and the hand hides the face."""

PALM = 0.8
"""Room kept for the palm under the lowest fingertip, in face widths: a hand cut off by the edge
of the picture is not found."""

BESIDE = 0.35
"""The same beside the outermost fingertip."""

LEAST = 1.3
"""A box is at least so many face widths wide and high: less, and a tremor crosses tiles."""

LEAST_LINES = 0.2
"""And at least this share of the picture's height high: what is seen of a fingertip trembles by a
few pixels, however far away it is."""


def interaction_box(
    face: Box, side: Handedness, box_faces: tuple[float, float], picture: tuple[int, int]
) -> Box:
    """Where the fingertip of the ``side`` hand covers the whole screen, in picture pixels.

    It hangs beside and below the face and grows with it, so that a child, a person in a
    wheelchair and a tall man all reach every tile with the same movement of the arm. It is kept,
    with room for the hand round its fingertip, inside the square in the middle of the picture
    where hands are looked for: smaller for whoever stands near, and at last before the face.
    """
    x, y, width, height = face
    box_width, box_height = (faces * width for faces in box_faces)
    middle, inner = x + width / 2, INNER * width
    first, last = _square(picture)
    first, last = first + BESIDE * width, last - BESIDE * width
    room = middle - inner - first if side == "right" else last - middle - inner
    box_width = max(LEAST * width, min(box_width, room))
    left = middle - inner - box_width if side == "right" else middle + inner
    top = y + height / 2 + BELOW * width
    lowest = picture[1] - PALM * width
    box_height = max(box_height, LEAST_LINES * picture[1])
    box_height = max(LEAST * width, min(box_height, lowest - top))
    left = max(first, min(left, last - box_width))
    top = max(0.0, min(top, lowest - box_height))
    return left, top, box_width, box_height


def to_unit(point: Point, box: Box) -> Point:
    """``point`` in the unit square of ``box``, mirrored: x = 0 is the screen's left edge."""
    x, y, width, height = box
    return 1 - (point[0] - x) / width, (point[1] - y) / height


def to_stage(point: Point, box: Box, stage: tuple[float, float]) -> Point:
    """Where ``point`` of the picture is on the stage; from outside the box, on the nearest edge."""
    across, down = to_unit(point, box)
    return _clamped(across) * stage[0], _clamped(down) * stage[1]


def _square(picture: tuple[int, int]) -> tuple[float, float]:
    width, height = picture
    spare = max(0.0, (width - height) / 2)
    return spare, width - spare


def _clamped(value: float) -> float:
    return max(0.0, min(1.0, value))
