"""No accident: what a hand must do before anything is chosen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.config import PointerSettings
from kiosk.ui.pointer import CALM_S, HOLD, LOWERED_S, READING_S, SNAP, Pointing, Selector, Target
from kiosk.vision.percepts import Point
from kiosk.visit.events import Way

SETTINGS = PointerSettings()
FRAME_S = 1 / 15
TILES = tuple(
    Target(f"field:{i}", (48 + i % 2 * 528, 734 + i // 2 * 340, 456, 280), digit=i + 1)
    for i in range(6)
)
GRAVE = Target("agree", (48, 1400, 456, 160), grave=True, digit=1)
NOWHERE = (540.0, 400.0)


def middle(target: Target) -> Point:
    x, y, width, height = target.rect
    return x + width / 2, y + height / 2


class Arm:
    """Moves a fingertip frame by frame and keeps what came of it."""

    def __init__(self, targets: Sequence[Target] = TILES, frame_s: float = FRAME_S) -> None:
        self.selector = Selector(SETTINGS)
        self.targets = targets
        self.frame_s = frame_s
        self.at = 0.0
        self.seen: list[Pointing] = []

    def hold(self, tip: Point | None, seconds: float, fingers: int | None = 2) -> Arm:
        for _ in range(round(seconds / self.frame_s)):
            self.at += self.frame_s
            raised = None if tip is None else fingers
            self.seen.append(self.selector.update(self.at, tip, raised, self.targets))
        return self

    def comes_to(self, target: Target) -> Arm:
        """From elsewhere, until the pointer is on ``target``."""
        self.hold(NOWHERE, self.frame_s, fingers=0)
        while self.seen[-1].target != target.id:
            self.hold(middle(target), self.frame_s)
        return self

    @property
    def picks(self) -> list[tuple[str, Way]]:
        return [pointing.picked for pointing in self.seen if pointing.picked is not None]


def test_resting_on_a_tile_chooses_it_once() -> None:
    arm = Arm().hold(middle(TILES[2]), 5)
    assert arm.picks == [("field:2", Way.HAND)]


@pytest.mark.parametrize(
    ("target", "needs"),
    [
        (TILES[0], SETTINGS.settle_s + SETTINGS.dwell_s),
        (GRAVE, SETTINGS.settle_s + SETTINGS.grave_dwell_s),
    ],
)
def test_a_choice_takes_settling_and_dwelling(target: Target, needs: float) -> None:
    arm = Arm([target]).comes_to(target).hold(middle(target), needs - 2 * FRAME_S)
    assert arm.picks == []
    assert arm.hold(middle(target), CALM_S + 4 * FRAME_S).picks != []


def test_a_pointer_that_appeared_on_a_tile_leaves_time_to_read() -> None:
    needs = SETTINGS.settle_s + READING_S + SETTINGS.dwell_s
    arm = Arm().hold(middle(TILES[0]), needs - FRAME_S)
    assert arm.picks == []
    assert arm.hold(middle(TILES[0]), 3 * FRAME_S).picks == [("field:0", Way.HAND)]


def test_a_hand_that_talks_over_a_tile_chooses_nothing() -> None:
    x, y = middle(TILES[2])
    arm = Arm().comes_to(TILES[2])
    for frame in range(20 * 15):
        arm.hold((x + 170 * math.sin(2 * math.pi * 0.9 * frame / 15), y), FRAME_S)
    assert arm.picks == []


def test_a_hand_that_trembles_chooses() -> None:
    """By 2 % of the screen to either side, five times a second."""
    x, y = middle(TILES[2])
    arm = Arm().comes_to(TILES[2])
    for frame in range(2 * 15):
        arm.hold((x + 0.02 * 1080 * math.sin(2 * math.pi * 5.3 * frame / 15), y), FRAME_S)
    assert arm.picks == [("field:2", Way.HAND)]


def test_moving_on_within_the_tile_does_not_choose_at_one_blow() -> None:
    x, y = middle(TILES[0])
    arm = Arm().hold((x - 80, y), SETTINGS.settle_s + READING_S)
    arm.hold((x + 80, y), 0.4)
    assert arm.picks == []
    assert arm.seen[-1].progress < 0.6


def test_the_ring_starts_after_settling() -> None:
    arm = Arm().comes_to(TILES[0]).hold(middle(TILES[0]), SETTINGS.settle_s - FRAME_S)
    assert arm.seen[-1].progress == pytest.approx(0, abs=1e-5)
    assert arm.seen[-1].target == "field:0"
    arm.hold(middle(TILES[0]), 0.5)
    assert 0.3 < arm.seen[-1].progress < 0.7


def test_a_short_loss_runs_the_ring_back_and_does_not_reset_it() -> None:
    arm = Arm().comes_to(TILES[0]).hold(middle(TILES[0]), 0.75)
    before = arm.seen[-1].progress
    arm.hold(None, 0.2)
    assert 0 < arm.seen[-1].progress < before
    assert arm.seen[-1].target == "field:0"
    assert arm.hold(middle(TILES[0]), 0.7).picks == [("field:0", Way.HAND)]


def test_a_lowered_hand_starts_over() -> None:
    arm = Arm().hold(middle(TILES[0]), 0.9).hold(None, LOWERED_S + 0.2)
    assert arm.seen[-1] == Pointing()
    assert arm.hold(middle(TILES[0]), 0.8).picks == []


def test_another_tile_starts_over() -> None:
    arm = Arm()
    for _ in range(6):
        arm.hold(middle(TILES[0]), 0.6).hold(middle(TILES[3]), 0.6)
    assert arm.picks == []


def test_trembling_at_the_edge_keeps_the_tile() -> None:
    x, y, width, height = TILES[0].rect
    arm = Arm()
    for step in range(40):
        shake = HOLD * 0.8 if step % 2 else -HOLD * 0.8
        arm.hold((x + width + shake, y + height / 2), FRAME_S)
    assert arm.picks == [("field:0", Way.HAND)]


def test_after_a_choice_the_pointer_must_leave_every_tile() -> None:
    arm = Arm().hold(middle(TILES[0]), 3)
    assert not arm.seen[-1].armed
    arm.hold(NOWHERE, 0.6).hold(middle(TILES[1]), 2)
    assert arm.picks == [("field:0", Way.HAND), ("field:1", Way.HAND)]


def test_a_quick_hand_that_crosses_a_gap_between_two_frames_has_left() -> None:
    arm = Arm().hold(middle(TILES[0]), 2).hold(middle(TILES[1]), 2.5)
    assert arm.picks == [("field:0", Way.HAND), ("field:1", Way.HAND)]


def test_a_page_that_appears_under_the_hand_is_not_chosen() -> None:
    arm = Arm([]).hold(middle(TILES[0]), 1)
    arm.targets = TILES
    assert arm.hold(middle(TILES[0]), 3).picks == []
    assert not arm.seen[-1].armed
    assert arm.hold(NOWHERE, 0.6).hold(middle(TILES[0]), 2).picks == [("field:0", Way.HAND)]


def test_a_button_that_appears_elsewhere_does_not_disturb() -> None:
    arm = Arm().comes_to(TILES[0]).hold(middle(TILES[0]), 0.65)
    arm.targets = [*TILES, Target("not_me", (480, 300, 340, 76))]
    assert arm.hold(middle(TILES[0]), 0.6).picks == [("field:0", Way.HAND)]


def test_lowering_the_hand_arms_again() -> None:
    arm = Arm().hold(middle(TILES[0]), 2).hold(None, 1).hold(middle(TILES[0]), 2)
    assert len(arm.picks) == 2


def test_a_late_frame_does_not_fill_the_ring_at_one_blow() -> None:
    arm = Arm(frame_s=0.6).hold(middle(TILES[0]), 1.2)
    assert arm.picks == []


# ── raised fingers ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("fingers", "seconds"), [(1, 1.6), (2, 0.8), (3, 0.8), (4, 0.8)])
def test_fingers_held_still_choose_the_tile_with_their_digit(fingers: int, seconds: float) -> None:
    arm = Arm().hold(NOWHERE, seconds - 2 * FRAME_S, fingers)
    assert arm.picks == []
    arm.hold(NOWHERE, 4 * FRAME_S, fingers)
    assert arm.picks == [(f"field:{fingers - 1}", Way.FINGERS)]


def test_an_open_hand_means_five_sooner_once_it_showed_something_else() -> None:
    arm = Arm().hold(NOWHERE, 3.8, fingers=5).hold(NOWHERE, 0.6, fingers=0)
    assert arm.picks == []
    assert arm.hold(NOWHERE, 2.5, fingers=5).picks == [("field:4", Way.FINGERS)]
    assert arm.hold(None, 1).hold(NOWHERE, 3.8, fingers=5).picks == arm.picks[:1]
    assert arm.hold(NOWHERE, 0.5, fingers=5).picks[1:] == [("field:4", Way.FINGERS)]


def test_a_fist_chooses_nothing() -> None:
    assert Arm().hold(NOWHERE, 5, fingers=0).picks == []


def test_fingers_on_a_tile_point() -> None:
    assert Arm().hold(middle(TILES[4]), 2, fingers=1).picks == [("field:4", Way.HAND)]


@pytest.mark.parametrize("fingers", [1, 3, 5])
def test_a_moving_hand_shows_no_number(fingers: int) -> None:
    arm = Arm()
    for step in range(60):
        arm.hold((100 + step * 40 % 800, 300 + step * 60 % 300), FRAME_S, fingers)
    assert arm.picks == []


def test_the_same_fingers_count_once() -> None:
    arm = Arm().hold(NOWHERE, 4, fingers=3)
    assert len(arm.picks) == 1
    arm.hold(NOWHERE, 1.5, fingers=0).hold(NOWHERE, 2.5, fingers=3)
    assert len(arm.picks) == 2


def test_fingers_raised_before_the_page_changed_mean_nothing_on_it() -> None:
    arm = Arm().hold(NOWHERE, 0.5, fingers=2)
    arm.targets = [
        Target("yes", (48, 1500, 400, 200), digit=1),
        Target("back", (576, 1500, 400, 200), digit=2),
    ]
    assert arm.hold(NOWHERE, 4, fingers=2).picks == []


def test_while_frozen_the_ring_waits_and_goes_on() -> None:
    arm = Arm().comes_to(TILES[2]).hold(middle(TILES[2]), 0.65)
    before = arm.seen[-1].progress
    for _ in range(60):
        arm.at += FRAME_S
        frozen = arm.selector.update(arm.at, middle(TILES[2]), 3, TILES, frozen=True)
        assert (frozen.target, frozen.picked) == ("field:2", None)
        assert frozen.progress == pytest.approx(before)
    assert arm.hold(middle(TILES[2]), 0.6).picks == [("field:2", Way.HAND)]


def test_between_two_tiles_the_ring_waits_on_the_one_held() -> None:
    x, y, width, height = TILES[0].rect
    arm = Arm().hold(middle(TILES[0]), 0.4).hold((x + width / 2, y + height + SNAP + 6), 5)
    assert arm.seen[-1].target == "field:0"
    assert arm.picks == []


def test_a_flickering_count_is_outvoted() -> None:
    arm = Arm()
    for step in range(16):
        arm.hold(NOWHERE, FRAME_S, fingers=4 if step % 5 == 4 else 3)
    assert arm.picks == [("field:2", Way.FINGERS)]


# ── promises under any movement ───────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Move:
    """A stretch of time with the hand somewhere (or nowhere)."""

    tip: Point | None
    seconds: float
    fingers: int
    changes_page: bool = False


PLACES = st.one_of(
    st.none(),
    st.sampled_from([middle(tile) for tile in TILES]),
    st.tuples(st.floats(0, 1080), st.floats(0, 1920)),
)
MOVES = st.lists(
    st.builds(Move, PLACES, st.floats(0.05, 2.0), st.integers(0, 5), st.booleans()), max_size=25
)


def play(moves: Sequence[Move]) -> Arm:
    arm = Arm()
    for move in moves:
        if move.changes_page:
            arm.targets = [GRAVE] if arm.targets is TILES else TILES
        arm.hold(move.tip, move.seconds, move.fingers)
    return arm


def on(pointing: Pointing, target: Target) -> bool:
    return pointing.target == target.id


@given(MOVES)
def test_a_hand_never_chooses_without_resting_long_enough(moves: Sequence[Move]) -> None:
    arm = play(moves)
    for index, pointing in enumerate(arm.seen):
        if pointing.picked is None or pointing.picked[1] is not Way.HAND:
            continue
        chosen = next(t for t in (*TILES, GRAVE) if t.id == pointing.picked[0])
        rested = 0
        for before in reversed(arm.seen[: index + 1]):
            if before.target not in (chosen.id, None) or (before.picked and before is not pointing):
                break
            rested += on(before, chosen)
        dwell = SETTINGS.grave_dwell_s if chosen.grave else SETTINGS.dwell_s
        assert rested * FRAME_S >= SETTINGS.settle_s + dwell - 1e-6


@given(MOVES)
def test_two_choices_by_hand_never_follow_without_leaving(moves: Sequence[Move]) -> None:
    arm = play(moves)
    chosen = [i for i, p in enumerate(arm.seen) if p.picked]
    for first, second in pairwise(chosen):
        picked = arm.seen[second].picked
        if picked is not None and picked[1] is Way.HAND:
            between = arm.seen[first:second]
            assert not between[0].armed
            assert any(pointing.armed for pointing in between)


@given(MOVES)
def test_the_ring_never_leaves_its_range_nor_jumps_forward(moves: Sequence[Move]) -> None:
    arm = play(moves)
    assert all(0 <= pointing.progress <= 1 for pointing in arm.seen)
    for before, after in pairwise(arm.seen):
        if after.target == before.target and after.target and not after.picked:
            assert after.progress - before.progress <= FRAME_S / (SETTINGS.fingers_s / 2)


@given(MOVES)
def test_only_options_of_the_present_page_are_chosen(moves: Sequence[Move]) -> None:
    arm = Arm()
    for move in moves:
        if move.changes_page:
            arm.targets = [GRAVE] if arm.targets is TILES else TILES
        start = len(arm.seen)
        arm.hold(move.tip, move.seconds, move.fingers)
        ids = {target.id for target in arm.targets}
        assert all(p.picked[0] in ids for p in arm.seen[start:] if p.picked)


def test_snapping_reaches_a_little_beyond_the_tile_and_no_farther() -> None:
    x, y, _, height = TILES[1].rect
    assert Arm().hold((x - SNAP + 2, y + height / 2), 1).seen[-1].target == "field:1"
    assert Arm().hold((x - SNAP - 2, y + height / 2), 1).seen[-1].target is None
