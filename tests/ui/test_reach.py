"""From the camera's picture to the stage."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.config import PointerSettings
from kiosk.ui.reach import Reach, interaction_box, to_unit
from kiosk.vision.percepts import Box, FacePercept, Handedness, HandPercept, Percept, Point

SETTINGS = PointerSettings()
PICTURE = (1280, 720)
STAGE = (1080.0, 1920.0)
FACE: Box = (580.0, 160.0, 120.0, 120.0)


def face(box: Box = FACE, track: int = 1) -> FacePercept:
    return FacePercept(track, box, 0.9, 0, 0, 0, 50, 0.8)


def hand(tip: Point, side: Handedness = "right", fingers: int = 1) -> HandPercept:
    return HandPercept(side, 0.9, fingers, tip, ())


def percept(
    *hands: HandPercept, at: float = 0.0, faces: tuple[FacePercept, ...] = (face(),)
) -> Percept:
    return Percept(0, at, PICTURE, faces, hands, subject=1)


def centre(box: Box) -> Point:
    return box[0] + box[2] / 2, box[1] + box[3] / 2


def test_the_box_hangs_beside_and_below_the_face_on_the_hands_side() -> None:
    right = interaction_box(FACE, "right", SETTINGS.box_faces, PICTURE)
    left = interaction_box(FACE, "left", SETTINGS.box_faces, PICTURE)
    assert centre(right)[0] < centre(FACE)[0] < centre(left)[0]
    assert right[1] > centre(FACE)[1]
    assert right[2:] == left[2:] == pytest.approx((2.2 * 120, 1.4 * 120))


faces = st.tuples(st.floats(280, 900), st.floats(0, 500), st.floats(60, 160)).map(
    lambda f: (f[0], f[1], f[2], f[2])
)


@given(faces, st.sampled_from(["left", "right"]))
def test_the_box_stays_where_hands_are_looked_for(box: Box, side: Handedness) -> None:
    x, y, width, height = interaction_box(box, side, SETTINGS.box_faces, PICTURE)
    assert x >= 280 - 1e-6
    assert x + width <= 1000 + 1e-6
    assert y >= 0
    assert y + height <= 720


def test_the_pointer_goes_the_way_the_person_sees_their_hand_go() -> None:
    box = interaction_box(FACE, "right", SETTINGS.box_faces, PICTURE)
    left_of_picture, right_of_picture = (box[0], box[1]), (box[0] + box[2], box[1] + box[3])
    assert to_unit(left_of_picture, box) == pytest.approx((1, 0))
    assert to_unit(right_of_picture, box) == pytest.approx((0, 1))


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_middle_of_the_box_is_the_middle_of_the_stage(side: Handedness) -> None:
    box = interaction_box(FACE, side, SETTINGS.box_faces, PICTURE)
    found = Reach(SETTINGS).follow(percept(hand(centre(box), side, 3)), STAGE)
    assert found is not None
    assert found.tip == pytest.approx((540, 960))
    assert found.fingers == 3


def test_no_subject_no_hand() -> None:
    box = interaction_box(FACE, "right", SETTINGS.box_faces, PICTURE)
    assert Reach(SETTINGS).follow(percept(hand(centre(box)), faces=()), STAGE) is None


def test_a_hand_far_from_the_subject_is_somebody_elses() -> None:
    assert Reach(SETTINGS).follow(percept(hand((1200.0, 600.0))), STAGE) is None


def test_a_tip_just_outside_rests_at_the_edge() -> None:
    x, y, width, height = interaction_box(FACE, "right", SETTINGS.box_faces, PICTURE)
    found = Reach(SETTINGS).follow(percept(hand((x - 0.1 * width, y + height / 2))), STAGE)
    assert found is not None
    assert found.tip == pytest.approx((1080, 960))


def test_the_pointer_does_not_jump_when_handedness_flips_for_a_frame() -> None:
    reach = Reach(SETTINGS)
    tip = centre(interaction_box(FACE, "right", SETTINGS.box_faces, PICTURE))
    first = reach.follow(percept(hand(tip, "right")), STAGE)
    second = reach.follow(percept(hand(tip, "left"), at=0.07), STAGE)
    assert first == second


def test_a_hand_that_was_lowered_may_be_the_other_one_next_time() -> None:
    reach = Reach(SETTINGS)
    boxes = [interaction_box(FACE, s, SETTINGS.box_faces, PICTURE) for s in ("right", "left")]
    reach.follow(percept(hand(centre(boxes[0]), "right")), STAGE)
    other = reach.follow(percept(hand(centre(boxes[1]), "left"), at=2.0), STAGE)
    assert other is not None
    assert other.tip == pytest.approx((540, 960))


def test_of_two_hands_the_higher_points_and_keeps_pointing() -> None:
    box = interaction_box(FACE, "right", SETTINGS.box_faces, PICTURE)
    x, y = centre(box)
    reach = Reach(SETTINGS)
    first = reach.follow(percept(hand((x, y + 60)), hand((x, y))), STAGE)
    assert first is not None
    assert first.tip[1] == pytest.approx(960)
    second = reach.follow(percept(hand((x + 90, y - 40)), hand((x, y + 5)), at=0.07), STAGE)
    assert second is not None
    assert second.tip[0] == pytest.approx(540)
