from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from kiosk.bench.booth import Background, Canvas, Standing
from kiosk.vision.camera import Image
from kiosk.vision.face_search import FaceSearch
from kiosk.vision.faces import FaceDetection, FaceDetector
from kiosk.vision.percepts import Box
from kiosk.vision.region import central_square, overlap

SIZE = (1280, 720)
FAR = Standing(0.47, 0.58, 80)
"""Two metres away."""


class Counted:
    """The real detector, or one that finds nothing; and how often it was asked."""

    def __init__(self, detector: Callable[[Image], list[FaceDetection]]) -> None:
        self._detector = detector
        self.looks = 0

    def __call__(self, image: Image) -> list[FaceDetection]:
        self.looks += 1
        return self._detector(image)


def pictures(background: Background, *people: Standing, count: int = 10) -> list[Image]:
    canvas = Canvas(SIZE, background, 2.0)
    return [
        central_square(canvas.picture(number, [(each, []) for each in people]))[0]
        for number in range(count)
    ]


def expected(standing: Standing) -> Box:
    x, y, width, height = standing.box(SIZE)
    return x - (SIZE[0] - SIZE[1]) / 2, y, width, height


def seen_of(search: FaceSearch, shown: list[Image]) -> list[list[FaceDetection]]:
    seen: list[list[FaceDetection]] = []
    for number, picture in enumerate(shown):
        seen.append(search(picture, number))
        search.proven([face.box for face in seen[-1] if face.score > 0.7])
    return seen


def test_somebody_two_metres_away_before_shelves_is_found_and_kept(detector: FaceDetector) -> None:
    shown = pictures("shelves", FAR)
    assert all(detector(picture) == [] for picture in shown), "one look would do"
    seen = seen_of(FaceSearch(detector), shown)
    assert len(seen[-1]) == 1
    assert overlap(seen[-1][0].box, expected(FAR)) > 0.6
    found_at = next(number for number, faces in enumerate(seen) if faces)
    assert all(len(faces) == 1 for faces in seen[found_at:])


@pytest.mark.parametrize("at", [(0.35, 0.2), (0.65, 0.2), (0.35, 0.7), (0.65, 0.7), (0.5, 0.45)])
def test_they_are_found_wherever_they_stand(
    detector: FaceDetector, at: tuple[float, float]
) -> None:
    seen = seen_of(FaceSearch(detector), pictures("shelves", Standing(*at, 80)))
    assert any(faces for faces in seen)


def test_whoever_one_look_sees_costs_one_look(detector: FaceDetector) -> None:
    counted = Counted(detector)
    seen = seen_of(FaceSearch(counted), pictures("wall", Standing(face=120)))
    assert all(len(faces) == 1 for faces in seen)
    assert counted.looks == 10


def test_an_empty_room_costs_half_a_look_more(detector: FaceDetector) -> None:
    counted = Counted(detector)
    assert not any(seen_of(FaceSearch(counted), pictures("wall")))
    assert counted.looks == 15


def test_whoever_left_is_not_looked_for_for_long(detector: FaceDetector) -> None:
    counted = Counted(detector)
    here = pictures("wall", Standing(face=120), count=2)
    seen_of(FaceSearch(counted), here + [np.zeros_like(here[0])] * 40)
    assert counted.looks <= 42 + 8 + (40 - 8) / 2 + 1


def test_a_pocket_taken_for_a_face_is_not_looked_for(detector: FaceDetector) -> None:
    """What was not proven to be a face is let go at once."""
    pocket = FaceDetection((300.0, 400.0, 90.0, 90.0), np.zeros((6, 2), np.float32), 0.6)
    answers = iter([[pocket], [], [], []])
    counted = Counted(lambda _: next(answers))
    search = FaceSearch(counted)
    blank = np.zeros((720, 720, 3), np.uint8)
    assert [len(search(blank, number)) for number in (0, 1, 3)] == [1, 0, 0]
    assert counted.looks == 3
