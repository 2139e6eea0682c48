"""From the camera's picture to the stage."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.ui.reach import interaction_box, to_stage, to_unit
from kiosk.vision.percepts import Box, Handedness

from .hands import FACE, PICTURE, SETTINGS, STAGE, centre


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
    assert to_stage(centre(box), box, STAGE) == pytest.approx((540, 960))


def test_a_tip_outside_rests_at_the_edge() -> None:
    x, y, width, height = box = interaction_box(FACE, "right", SETTINGS.box_faces, PICTURE)
    assert to_stage((x - 0.1 * width, y + height / 2), box, STAGE) == pytest.approx((1080, 960))
    assert to_stage((x + width / 2, y - height), box, STAGE) == pytest.approx((540, 0))
