from __future__ import annotations

import math

import numpy as np
import pytest

from kiosk.vision.percepts import Box
from kiosk.vision.pictures import PictureSpotter
from kiosk.vision.tracking import FaceTracker

FPS = 15


class Wall:
    """Faces in front of a camera whose detector trembles."""

    def __init__(self, jitter: float = 0.003) -> None:
        self._tracker, self._spotter = FaceTracker(), PictureSpotter()
        self._random = np.random.default_rng(1)
        self._jitter = jitter
        self._frame = 0

    def show(self, *faces: Box) -> frozenset[int]:
        self._frame += 1
        at = self._frame / FPS
        tracks = self._tracker.update([self._seen(face) for face in faces], [0.9] * len(faces), at)
        return self._spotter.update([t for t in tracks if t], self._tracker.alive, at)

    def show_for(self, seconds: float, *faces: Box) -> frozenset[int]:
        return [self.show(*faces) for _ in range(round(seconds * FPS))][-1]

    def _seen(self, face: Box) -> Box:
        dx, dy = self._random.normal(0, self._jitter * face[2], 2)
        return (face[0] + dx, face[1] + dy, face[2], face[3])


PORTRAIT: Box = (300, 100, 80, 80)


def swaying(at: float, reach: float = 0.02, width: float = 100) -> Box:
    """A head that leans by so many of its widths to either side within some seconds."""
    return (640 + reach * width * math.sin(1.3 * at), 300, width, width)


def test_a_portrait_on_the_wall_is_a_picture_after_a_while() -> None:
    wall = Wall()
    assert wall.show_for(14, PORTRAIT) == frozenset()
    assert wall.show_for(2, PORTRAIT) == {1}


@pytest.mark.parametrize("reach", [0.008, 0.02, 0.1])
def test_a_living_head_is_none(reach: float) -> None:
    wall = Wall()
    for frame in range(60 * FPS):
        assert wall.show(swaying(frame / FPS, reach)) == frozenset()


def test_whoever_walked_in_is_none_however_still_they_stand() -> None:
    wall = Wall()
    for step in range(10):
        wall.show((300 + 10 * step, 200, 100, 100))
    assert wall.show_for(60, (400, 200, 100, 100)) == frozenset()


def test_a_picture_that_was_hidden_is_known_at_once() -> None:
    wall = Wall()
    wall.show_for(20, PORTRAIT)
    wall.show_for(2)
    assert wall.show(PORTRAIT) == {2}


def test_a_face_where_a_picture_hangs_is_a_person_once_it_moves() -> None:
    wall = Wall()
    wall.show_for(20, PORTRAIT)
    wall.show_for(2)
    wall.show(PORTRAIT)
    moved = [wall.show((300 + step, 100, 80, 80)) for step in range(30)]
    assert moved[-1] == frozenset()


def test_a_picture_in_a_hand_moves() -> None:
    wall = Wall()
    for frame in range(30 * FPS):
        assert wall.show(swaying(frame / FPS, 0.03, 60)) == frozenset()
