"""A hand in a picture becomes a choice on the stage."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from kiosk.ui.aim import Aim
from kiosk.ui.pointer import Pointing, Target
from kiosk.vision.percepts import Handedness, HandPercept
from kiosk.visit.events import Way

from .hands import SETTINGS, STAGE, hand, in_box, percept

FRAME_S = 1 / 15
TILES = tuple(
    Target(f"field:{i}", (48 + i % 2 * 528, 734 + i // 2 * 340, 456, 280), digit=i + 1)
    for i in range(6)
)


class Person:
    def __init__(self) -> None:
        self.aim = Aim(SETTINGS)
        self.at = 0.0
        self.pointings: list[Pointing] = []

    def holds(self, *hands: HandPercept, seconds: float) -> Person:
        for _ in range(round(seconds / FRAME_S)):
            self.at += FRAME_S
            self.pointings.append(
                self.aim.update(self.at, percept(*hands, at=self.at), STAGE, TILES)
            )
        return self

    @property
    def picks(self) -> Sequence[tuple[str, Way]]:
        return [pointing.picked for pointing in self.pointings if pointing.picked]


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("tile", TILES, ids=lambda tile: tile.id)
def test_every_tile_is_chosen_with_either_hand(side: Handedness, tile: Target) -> None:
    x, y, width, height = tile.rect
    place = in_box((x + width / 2) / STAGE[0], (y + height / 2) / STAGE[1], side)
    person = Person().holds(hand(place, side), seconds=2.5)
    assert person.picks == [(tile.id, Way.HAND)]


def test_until_it_is_engaged_nothing_is_pointed_at() -> None:
    person = Person().holds(hand(in_box(0.25, 0.45), stretched=()), seconds=4)
    assert person.picks == []
    assert {(p.hand, p.position, p.progress) for p in person.pointings} == {("closed", None, 0.0)}


def test_a_choice_takes_at_most_two_seconds_from_the_hand_up() -> None:
    person = Person().holds(hand(in_box(0.25, 0.45)), seconds=2)
    assert next(at for at, p in enumerate(person.pointings) if p.picked) * FRAME_S <= 2.0


ASIDE = in_box(0.5, 0.05)


@pytest.mark.parametrize(
    ("stretched", "seconds"), [((1,), 2.3), ((1, 2), 1.5), ((1, 2, 3), 1.5), ((1, 2, 3, 4), 1.5)]
)
def test_raised_fingers_choose_at_once(stretched: tuple[int, ...], seconds: float) -> None:
    person = Person().holds(hand(ASIDE, stretched=stretched), seconds=seconds)
    assert person.picks == [(f"field:{len(stretched) - 1}", Way.FINGERS)]


def test_an_open_hand_that_waits_chooses_nothing_for_a_long_while() -> None:
    """Whoever has never used such a screen raises an open hand and waits what happens."""
    person = Person().holds(hand(ASIDE, fingers=5), seconds=4)
    assert person.picks == []
    assert person.pointings[-1].target == "field:4"  # and sees what will


def test_five_is_shown_by_closing_the_hand_and_opening_it() -> None:
    person = Person().holds(hand(ASIDE, fingers=5), seconds=1)
    person.holds(hand(ASIDE, stretched=(), fingers=0), seconds=0.6)
    person.holds(hand(ASIDE, fingers=5), seconds=2.6)
    assert person.picks == [("field:4", Way.FINGERS)]
