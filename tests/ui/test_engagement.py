"""A hand that is shown on purpose, and everything that is none."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.ui.engagement import HIDDEN_S, LOWERED_S, Engagement, Grip
from kiosk.vision.percepts import Box, Handedness, HandPercept

from .hands import FACE, SETTINGS, face, hand, in_box, percept

FRAME_S = 1 / 15
RAISED = hand(in_box())


class Watch:
    """Shows an engagement one picture after another."""

    def __init__(self) -> None:
        self.engagement = Engagement(SETTINGS)
        self.at = 0.0
        self.grips: list[Grip] = []

    def sees(self, *hands: HandPercept, seconds: float = 1.0, subject: int = 1) -> Watch:
        faces = (face(), face((900.0, 160.0, 120.0, 120.0), 2))
        return self.shows(lambda: percept(*hands, faces=faces, subject=subject), seconds)

    def shows(self, picture: Callable[[], object], seconds: float) -> Watch:
        for _ in range(max(1, round(seconds / FRAME_S))):
            self.at += FRAME_S
            self.grips.append(self.engagement.update(self.at, picture()))  # type: ignore[arg-type]
        return self

    @property
    def state(self) -> str:
        return self.grips[-1].state

    @property
    def ever(self) -> set[str]:
        return {grip.state for grip in self.grips}


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("stretched", [(1,), (1, 2), (2, 3, 4), (1, 2, 3, 4)])
def test_a_hand_held_up_engages(side: Handedness, stretched: tuple[int, ...]) -> None:
    watch = Watch().sees(hand(in_box(side=side), side, stretched))
    assert watch.state == "engaged"
    assert watch.grips[-1].side == side


def test_it_takes_a_moment_and_says_how_far_it_is() -> None:
    watch = Watch().sees(RAISED, seconds=SETTINGS.engage_s - FRAME_S)
    assert watch.state == "raising"
    assert 0.5 < watch.grips[-1].progress < 1
    assert watch.sees(RAISED, seconds=3 * FRAME_S).state == "engaged"


@pytest.mark.parametrize(
    "box", [(600.0, 330.0, 64.0, 64.0), (560.0, 90.0, 160.0, 160.0)], ids=["child", "tall"]
)
def test_children_and_tall_people_engage_alike(box: Box) -> None:
    shown = hand(in_box(box=box), palm=0.5 * box[2])
    watch = Watch().shows(lambda: percept(shown, faces=(face(box),)), 1)
    assert watch.state == "engaged"


def test_a_hand_as_high_as_the_head_engages() -> None:
    assert Watch().sees(hand(in_box(0.5, -0.9))).state == "engaged"


NOT_MEANT = {
    "at rest on the chest": hand((600.0, 400.0), lean=-70, back=True),
    "hanging": hand((480.0, 600.0), lean=175, stretched=()),
    "on the counter": hand((520.0, 500.0), lean=-100),
    "scratching the head": hand((630.0, 160.0), lean=-35),
    "at the glasses": hand((620.0, 200.0), lean=-20, stretched=(1,)),
    "at the chin": hand((628.0, 270.0), lean=-10, stretched=(1, 2), back=True),
    "a telephone held up": hand(in_box(), stretched=(), lean=-5),
    "a telephone held up, from behind": hand(in_box(), stretched=(1, 2), back=True),
    "the back of a hand": hand(in_box(), back=True),
    "far outside": hand((1100.0, 300.0)),
    "somebody far behind": hand(in_box(), palm=0.2 * FACE[2]),
    "somebody far in front": hand(in_box(), palm=1.6 * FACE[2]),
    "lying": hand(in_box(), lean=80),
}


@pytest.mark.parametrize("name", NOT_MEANT)
def test_a_hand_that_is_not_shown_never_engages(name: str) -> None:
    watch = Watch().sees(NOT_MEANT[name], seconds=5)
    assert watch.ever <= {"low", "closed"}
    assert watch.grips[-1].hand is None


def test_a_fist_is_asked_to_open() -> None:
    assert Watch().sees(hand(in_box(), stretched=())).state == "closed"
    assert Watch().sees(hand((600.0, 500.0), lean=-100)).state == "low"
    assert Watch().sees().state == "none"


def test_a_waving_hand_does_not_engage() -> None:
    watch = Watch()
    for frame in range(60):
        watch.sees(hand(in_box(0.3 if frame % 4 < 2 else 0.7)), seconds=FRAME_S)
    assert "engaged" not in watch.ever


def test_somebody_who_walks_past_does_not_engage() -> None:
    watch = Watch()
    for frame in range(20):
        watch.sees(hand(in_box(-0.3 + frame * 0.15)), seconds=FRAME_S)
    assert "engaged" not in watch.ever


def test_once_engaged_any_pose_points() -> None:
    watch = Watch().sees(RAISED)
    for pose in (hand(in_box(), stretched=()), hand(in_box(), back=True), hand(in_box(), lean=70)):
        assert watch.sees(pose, seconds=0.2).state == "engaged"


def test_a_hand_that_is_lost_and_found_stays_engaged() -> None:
    watch = Watch().sees(RAISED).sees(seconds=0.4)
    assert watch.state == "lost"
    assert watch.sees(hand(in_box(), stretched=()), seconds=FRAME_S).state == "engaged"


def test_a_lowered_hand_must_be_shown_again() -> None:
    watch = Watch().sees(RAISED).sees(seconds=LOWERED_S + 2 * FRAME_S)
    assert watch.state == "none"
    assert watch.sees(hand(in_box(), stretched=()), seconds=2).state == "closed"


def test_a_hand_that_hangs_down_is_lowered() -> None:
    watch = Watch().sees(RAISED).sees(hand(in_box(0.5, 1.0), lean=175), seconds=1)
    assert watch.state == "low"


def test_the_first_short_loss_does_not_start_over() -> None:
    watch = Watch().sees(RAISED, seconds=0.3).sees(seconds=FRAME_S)
    assert watch.sees(RAISED, seconds=0.3).state == "engaged"


def test_the_hand_that_holds_papers_does_not_hide_the_one_that_is_raised() -> None:
    papers = hand((640.0, 460.0), "left", stretched=(), lean=60, back=True)
    watch = Watch().sees(papers).sees(papers, RAISED)
    assert watch.state == "engaged"
    assert watch.grips[-1].hand is RAISED


def test_the_hand_that_points_goes_on_pointing_when_another_comes_up() -> None:
    other = hand(in_box(0.5, 0.1, "left"), "left")
    watch = Watch().sees(RAISED).sees(other, RAISED)
    assert watch.grips[-1].hand is RAISED
    watch.sees(other, seconds=FRAME_S)
    assert watch.grips[-1].hand is None


def test_handedness_that_flips_for_a_frame_changes_nothing() -> None:
    flipped = hand(in_box(), "left", back=True)
    watch = Watch().sees(RAISED).sees(flipped, seconds=FRAME_S)
    assert (watch.state, watch.grips[-1].side) == ("engaged", "right")


def test_another_subject_must_raise_a_hand_of_their_own() -> None:
    watch = Watch().sees(RAISED).sees(RAISED, seconds=FRAME_S, subject=2)
    assert watch.state != "engaged"


def test_a_face_hidden_by_its_own_hand_is_remembered_for_a_moment() -> None:
    watch = Watch().sees(RAISED).shows(lambda: percept(RAISED, faces=()), HIDDEN_S - FRAME_S)
    assert watch.state == "engaged"
    assert watch.shows(lambda: percept(RAISED, faces=()), LOWERED_S + 0.2).state == "none"


HANDS = st.builds(
    hand,
    st.tuples(st.floats(200, 1080), st.floats(0, 720)),
    st.sampled_from(["left", "right"]),
    st.sets(st.integers(1, 4)),
    palm=st.floats(10, 200),
    lean=st.floats(-180, 180),
    back=st.booleans(),
)


@given(st.lists(st.lists(HANDS, max_size=2), max_size=30))
def test_nothing_points_before_it_was_shown_for_long_enough(
    pictures: list[list[HandPercept]],
) -> None:
    watch = Watch()
    for hands in pictures:
        watch.sees(*hands, seconds=FRAME_S)
    shown = [grip.state for grip in watch.grips]
    for index, grip in enumerate(watch.grips):
        assert (grip.hand is not None) == (grip.state == "engaged")
        if grip.state == "engaged" and shown[index - 1] not in ("engaged", "lost", "low"):
            assert shown[: index + 1].count("raising") * FRAME_S >= SETTINGS.engage_s - 2 * FRAME_S


def test_a_hand_shown_nearer_takes_over_from_somebody_behind() -> None:
    behind, own = hand(in_box(1.0, -0.5), palm=0.41 * FACE[2]), hand(in_box(0.3, 0.4))
    watch = Watch().shows(lambda: percept(behind), 1)
    assert watch.grips[-1].hand == behind
    watch.shows(lambda: percept(behind, own), SETTINGS.engage_s - 2 * FRAME_S)
    assert watch.grips[-1].hand == behind
    watch.shows(lambda: percept(behind, own), 4 * FRAME_S)
    assert watch.grips[-1].hand == own


def test_the_other_hand_of_the_same_person_takes_nothing_over() -> None:
    first, second = hand(in_box(0.8, 0.2)), hand(in_box(0.2, 0.6))
    watch = Watch().shows(lambda: percept(first), 1).shows(lambda: percept(first, second), 2)
    assert watch.grips[-1].hand == first
