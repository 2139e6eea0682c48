"""How the screen looks is chosen on any page and forgotten with the visit."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from kiosk.visit.events import (
    OfficeState,
    PrintingMoved,
    Tick,
    TicketIssued,
    Way,
)
from kiosk.visit.state import Phase, Visit, options

from .door import POLICY, Door

LOOKS = {"contrast": 7, "larger": 8, "language": 0}


def _closed() -> Door:
    return Door().happens(OfficeState(0.0, open=False, opens=datetime(2026, 11, 25, 7, 30)))


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("open_", [True, False], ids=["open", "closed"])
def test_every_page_offers_every_look_by_the_same_key(phase: Phase, open_: bool) -> None:
    visit = Visit(phase=phase, field="a")
    visit = replace(visit, machine=replace(visit.machine, open=open_))
    offered = {option.id: option.digit for option in options(visit, POLICY)}
    assert LOOKS.items() <= offered.items()
    digits = [digit for digit in offered.values() if digit is not None]
    assert len(set(digits)) == len(digits)


@pytest.mark.parametrize("way", Way)
def test_a_look_is_chosen_again_to_undo_it(way: Way) -> None:
    door = Door().sees(hand="engaged").picks("larger", way).picks("contrast", way)
    assert (door.visit.larger, door.visit.contrast) == (True, True)
    door.picks("larger", way)
    assert (door.visit.larger, door.visit.contrast) == (False, True)


def test_a_look_ends_with_the_visit() -> None:
    door = (
        Door().sees(hand="engaged").picks("larger").picks("contrast").picks("language").nobody(3.0)
    )
    assert (door.visit.phase, door.visit.larger, door.visit.contrast) == (
        Phase.ATTRACT,
        False,
        False,
    )
    assert door.visit.language == POLICY.language


def test_a_look_begins_a_visit() -> None:
    door = Door().picks("larger", Way.KEYPAD)
    assert (door.visit.phase, door.visit.larger) == (Phase.CHOOSE, True)


def test_out_of_hours_a_look_lasts_for_a_while_and_is_no_visit() -> None:
    door = _closed().picks("larger", Way.TOUCH).picks("language", Way.TOUCH)
    assert (door.visit.phase, door.visit.larger, door.visit.language) == (
        Phase.ATTRACT,
        True,
        "en",
    )
    door.happens(Tick(POLICY.idle_s + 0.1))
    assert (door.visit.larger, door.visit.language) == (False, POLICY.language)
    assert not door.visit.machine.open
    assert door.ended() == []


def test_whoever_wants_larger_type_gets_time_to_read() -> None:
    door = Door().sees(hand="engaged").picks("field:a").picks("yes").prints()
    assert door.visit.phase is Phase.TICKET
    door.sees(POLICY.ticket_s - 0.5).picks("larger").sees(POLICY.ticket_s - 0.5)
    assert door.visit.phase is Phase.TICKET
    assert door.sees(1.0).visit.phase is Phase.THANKS


def test_only_ones_own_ticket_moves_forward_on_the_screen() -> None:
    door = Door().sees(hand="engaged").picks("field:a").picks("yes")
    assert door.happens(PrintingMoved(door.at, "t0", "sent")).visit.paper == "queued"
    door.happens(TicketIssued(door.at, "t1", "A001", "R", "a", "1", 3))
    assert door.happens(PrintingMoved(door.at, "t0", "sent")).visit.paper == "queued"
    assert door.happens(PrintingMoved(door.at, "t1", "sending")).visit.paper == "sending"
    assert door.happens(PrintingMoved(door.at, "t1", "sent")).visit.paper == "sent"
