from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.vision.percepts import Box
from kiosk.vision.tracking import FaceTracker, SubjectChooser, Track, likeness, prominence

SIZE = (1280, 720)


def box(x: float, width: float = 100.0, y: float = 200.0) -> Box:
    """A square face centred at x."""
    return (x - width / 2, y, width, width)


class Camera:
    """Shows boxes to a tracker, so many frames a second."""

    def __init__(self, fps: float = 15) -> None:
        self.tracker = FaceTracker()
        self.fps = fps
        self.frame = 0

    def show(self, *boxes: Box, score: float = 0.9) -> list[Track | None]:
        self.frame += 1
        return self.tracker.update(boxes, [score] * len(boxes), self.frame / self.fps)


def ids(camera: Camera, *boxes: Box, score: float = 0.9) -> list[int | None]:
    return [track and track.id for track in camera.show(*boxes, score=score)]


def test_a_walking_face_keeps_its_id() -> None:
    camera = Camera()
    walk = [ids(camera, box(x)) for x in range(300, 900, 40)]
    assert walk == [[1]] * len(walk)


def test_two_faces_passing_each_other_keep_theirs() -> None:
    camera = Camera()
    for step in range(40):
        near, far = box(400 + 10 * step, 120), box(800 - 10 * step, 60)
        assert ids(camera, near, far) == [1, 2]


def test_order_of_detections_does_not_matter() -> None:
    camera = Camera()
    assert ids(camera, box(300), box(700)) == [1, 2]
    assert ids(camera, box(705), box(305)) == [2, 1]


def test_a_face_out_of_sight_for_a_moment_comes_back_as_itself() -> None:
    camera = Camera(fps=8)
    ids(camera, box(500))
    for _ in range(3):
        assert ids(camera) == []
        assert camera.tracker.alive == {1}
    assert ids(camera, box(505)) == [1]


def test_a_face_out_of_sight_for_longer_is_somebody_new() -> None:
    camera = Camera(fps=6)
    ids(camera, box(500))
    for _ in range(4):
        ids(camera)
    assert camera.tracker.alive == frozenset()
    assert ids(camera, box(500)) == [2]


@pytest.mark.parametrize("after", [box(900), box(570, 40), box(500, 300, y=500)])
def test_a_face_elsewhere_or_of_another_size_is_somebody_new(after: Box) -> None:
    camera = Camera()
    ids(camera, box(500))
    assert ids(camera, after) == [2]


def test_a_faint_detection_goes_on_with_a_track_but_begins_none() -> None:
    camera = Camera()
    assert ids(camera, box(500), score=0.55) == [None]
    assert ids(camera, box(500), score=0.7) == [1]
    assert ids(camera, box(500), score=0.5) == [1]


def test_steady_means_seen_in_the_frame_before_in_the_same_place() -> None:
    camera = Camera()
    steady = [
        [bool(track and track.steady) for track in camera.show(*boxes)]
        for boxes in ([box(500)], [box(505)], [box(570)], [box(570)], [], [box(570)])
    ]
    assert steady == [[False], [True], [False], [True], [], [False]]


def test_a_slow_camera_cannot_say_that_a_face_stayed() -> None:
    camera = Camera(fps=3)
    assert [camera.show(box(500))[0] for _ in range(3)][-1] == Track(1, box(500), 1.0)
    assert ids(camera) == []
    assert ids(camera, box(500)) == [2]  # two thirds of a second out of sight


def test_speed_is_in_face_widths_a_second() -> None:
    camera = Camera(fps=10)
    camera.show(box(500))
    (track,) = camera.show(box(530))
    assert track is not None
    assert track.speed == pytest.approx(3.0)


def test_renewed_track_goes_on_under_another_id() -> None:
    camera = Camera()
    ids(camera, box(500))
    assert camera.tracker.renew(1) == 2
    assert camera.tracker.alive == {2}
    assert ids(camera, box(505), box(900)) == [2, 3]


_boxes = st.lists(
    st.tuples(st.floats(-50, 1300), st.floats(-50, 700), st.floats(0, 400), st.floats(0, 400)),
    max_size=4,
)


@given(st.lists(st.tuples(_boxes, st.floats(0.5, 1)), max_size=30))
def test_ids_are_unique_in_a_frame_and_never_used_again_when_lost(
    scene: list[tuple[list[Box], float]],
) -> None:
    camera = Camera(fps=4)
    gone: set[int] = set()
    for boxes, score in scene:
        before = camera.tracker.alive
        given_ids = [i for i in ids(camera, *boxes, score=score) if i is not None]
        assert len(set(given_ids)) == len(given_ids)
        assert not gone & set(given_ids)
        assert set(given_ids) <= camera.tracker.alive
        gone |= before - camera.tracker.alive


def test_likeness_prefers_overlap_to_nearness() -> None:
    assert likeness(box(500), box(510)) > 1 > likeness(box(500), box(575)) > 0
    assert likeness(box(500), box(700)) == 0


def test_prominent_is_large_and_central() -> None:
    assert prominence(box(640, 120), SIZE) > prominence(box(640, 100), SIZE)
    assert prominence(box(640), SIZE) > prominence(box(300), SIZE)


class Lobby:
    """Drives a chooser at 10 frames a second."""

    def __init__(self) -> None:
        self.chooser = SubjectChooser()
        self.at = 0.0

    def frame(self, faces: dict[int, Box], alive: set[int] | None = None) -> int | None:
        self.at += 0.1
        known = frozenset(faces if alive is None else alive)
        return self.chooser.update(faces, known, SIZE, self.at)


def test_nobody() -> None:
    assert Lobby().frame({}) is None


def test_the_nearest_central_face_is_the_subject() -> None:
    assert Lobby().frame({1: box(100, 100), 2: box(640, 90), 3: box(700, 50)}) == 2


def test_someone_a_little_nearer_does_not_take_over() -> None:
    lobby = Lobby()
    lobby.frame({1: box(640, 100)})
    assert {lobby.frame({1: box(600, 100), 2: box(700, 120)}) for _ in range(50)} == {1}


def test_someone_clearly_nearer_takes_over_after_a_second() -> None:
    lobby = Lobby()
    lobby.frame({1: box(640, 100)})
    history = [lobby.frame({1: box(500, 100), 2: box(700, 180)}) for _ in range(15)]
    assert history == [1] * 10 + [2] * 5


def test_a_passer_by_starts_from_zero_each_time() -> None:
    lobby = Lobby()
    lobby.frame({1: box(640, 100)})
    for _ in range(5):
        assert {lobby.frame({1: box(640), 2: box(700, 200)}) for _ in range(7)} == {1}
        assert lobby.frame({1: box(640)}) == 1


def test_a_subject_out_of_sight_for_a_moment_is_not_yielded() -> None:
    lobby = Lobby()
    lobby.frame({1: box(640), 2: box(200)})
    assert {lobby.frame({2: box(200)}, alive={1, 2}) for _ in range(8)} == {1}
    assert lobby.frame({2: box(200)}, alive={2}) == 2


def test_subject_ends_with_its_track() -> None:
    lobby = Lobby()
    lobby.frame({1: box(640)})
    assert lobby.frame({}, alive={1}) == 1
    assert lobby.frame({}, alive=set()) is None


def test_renamed_subject_stays_the_subject() -> None:
    lobby = Lobby()
    lobby.frame({1: box(640), 2: box(600, 99)})
    lobby.chooser.renamed(1, 3)
    assert lobby.frame({3: box(640), 2: box(600, 99)}) == 3
