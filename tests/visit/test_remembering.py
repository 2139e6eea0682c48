"""Being remembered and forgotten, question by question."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.visit.effects import Enrol, EraseCitizen, LookForCard, PrintSlip, ReadChip
from kiosk.visit.events import (
    CardRead,
    CardRefused,
    CardShown,
    ChipProgress,
    Enrolled,
    Erased,
    SlipPrinted,
    Way,
)
from kiosk.visit.state import Phase, options

from .door import POLICY, SURE, Door

WITH_CHIPS = replace(POLICY, chip=True)


def at_the_card(door: Door | None = None) -> Door:
    return (door or Door()).sees(1).picks("field:a").sees(2).prints().picks("remember")


def reads(door: Door, **traits: object) -> Door:
    return door.happens(CardRead(door.at, "card-1", "NGUYỄN V** A**", **traits))  # type: ignore[arg-type]


def enrolments(door: Door) -> list[Enrol]:
    return [each for each in door.effects if isinstance(each, Enrol)]


def ids(door: Door) -> set[str]:
    return {option.id for option in options(door.visit, door.policy)}


# ── consent ───────────────────────────────────────────────────────────────────────────────────


def test_yes_to_the_card_and_no_to_the_face_keeps_the_card_only() -> None:
    door = reads(at_the_card()).picks("agree:keep_identity").picks("decline:recognise")
    assert enrolments(door) == [Enrol("card-1", None)]
    door.happens(Enrolled(door.at, ok=True))
    assert (door.visit.phase, door.visit.enrolled) == (Phase.THANKS, True)


def test_no_to_the_card_keeps_nothing() -> None:
    door = reads(at_the_card()).picks("decline:keep_identity")
    assert door.visit.phase is Phase.THANKS
    assert not enrolments(door)


def test_nothing_is_chosen_beforehand_and_yes_is_grave() -> None:
    door = reads(at_the_card())
    assert door.visit.consented == ()
    by_id = {option.id: option for option in options(door.visit, POLICY)}
    assert by_id["agree:keep_identity"].grave
    assert not by_id["decline:keep_identity"].grave


@pytest.mark.parametrize("age", [3, 9])
def test_for_a_child_an_adult_consents_with_their_own_card(age: int) -> None:
    door = reads(at_the_card(), age=age)
    assert (door.visit.phase, door.visit.needs_representative()) == (Phase.CARD, True)
    for wrong in ({"age": 17}, {"age": 40, "same": True}, {"age": None}):
        reads(door, **wrong)
        assert (door.visit.phase, door.visit.trouble) == (Phase.CARD, "not_representative")
    reads(door, age=40)
    door.picks("agree:keep_identity").picks("agree:recognise")
    if age >= 7:
        assert (door.visit.question(), enrolments(door)) == ("assent", [])
        door.picks("agree:assent")
    assert enrolments(door) == [Enrol("card-1", 1)]


def test_a_child_who_says_no_is_not_remembered() -> None:
    door = reads(reads(at_the_card(), age=9), age=40)
    door.picks("agree:keep_identity").picks("agree:recognise").picks("decline:assent")
    assert (door.visit.phase, enrolments(door)) == (Phase.THANKS, [])


def test_what_a_machine_read_in_print_is_confirmed_first() -> None:
    door = reads(at_the_card(), to_confirm=(("number", "001"),))
    assert door.visit.phase is Phase.CHECK
    door.picks("wrong")
    assert (door.visit.phase, door.visit.card) == (Phase.CARD, None)
    reads(door, to_confirm=(("number", "001"),)).picks("right")
    assert door.visit.phase is Phase.CONSENT


def test_silence_over_what_was_read_keeps_nothing() -> None:
    door = reads(at_the_card(), to_confirm=(("number", "001"),)).sees(30)
    assert door.visit.card is None
    assert not enrolments(door)


# ── how to hold the card, and the chip ────────────────────────────────────────────────────────


def test_a_hint_is_shown_as_long_as_the_card_is_looked_for() -> None:
    door = at_the_card()
    door.happens(CardShown(door.at, "closer"))
    assert door.visit.hint == "closer"
    assert reads(door).visit.hint == ""
    assert door.happens(CardShown(door.at, "still")).visit.hint == ""


def test_the_chip_is_asked_for_where_there_is_a_reader() -> None:
    door = reads(at_the_card(Door(WITH_CHIPS)))
    assert door.visit.phase is Phase.CHIP
    assert ReadChip() in door.effects
    door.happens(ChipProgress(door.at, 0.5))
    assert door.visit.chip_share == 0.5
    door.happens(CardRefused(door.at, "chip_removed"))
    assert (door.visit.phase, door.visit.trouble, door.visit.chip_share) == (
        Phase.CHIP,
        "chip_removed",
        0.0,
    )
    assert reads(door, chip=True).visit.phase is Phase.CONSENT


def test_without_the_chip_it_goes_on_by_the_code() -> None:
    assert reads(at_the_card(Door(WITH_CHIPS))).picks("skip").visit.phase is Phase.CONSENT


def test_a_forged_chip_ends_it() -> None:
    door = reads(at_the_card(Door(WITH_CHIPS)))
    door.happens(CardRefused(door.at, "chip_failed", final=True))
    assert (door.visit.phase, door.visit.trouble) == (Phase.THANKS, "chip_failed")
    assert not enrolments(door)


def test_a_face_that_is_not_the_holders_is_said_and_not_kept() -> None:
    door = reads(at_the_card()).picks("agree:keep_identity").picks("agree:recognise")
    door.happens(Enrolled(door.at, ok=False, reason="not_holder"))
    assert (door.visit.enrolled, door.visit.trouble) == (False, "not_holder")


# ── the slip ──────────────────────────────────────────────────────────────────────────────────


def test_a_slip_is_printed_on_request_once() -> None:
    door = reads(at_the_card()).picks("agree:keep_identity").picks("agree:recognise")
    assert "slip" not in ids(door)
    door.happens(Enrolled(door.at, ok=True)).picks("slip").picks("slip")
    assert door.effects.count(PrintSlip()) == 1
    door.happens(SlipPrinted(door.at, ok=True))
    assert door.visit.slip == "printed"
    assert "slip" not in ids(door)


# ── forgotten ─────────────────────────────────────────────────────────────────────────────────


def test_whoever_is_greeted_can_be_forgotten_without_a_card_or_a_ticket() -> None:
    door = Door().sees(1, candidate=SURE).picks("my_data")
    assert (door.visit.phase, door.visit.erasing) == (Phase.FORGET, "citizen-1")
    door.picks("forget")
    assert EraseCitizen("citizen-1") in door.effects
    door.happens(Erased(door.at, ok=True))
    assert (door.visit.phase, door.visit.forgotten) == (Phase.THANKS, True)
    assert PrintSlip() in door.effects
    assert door.visit.greeted is None
    door.nobody(5)
    assert door.ended()[0].outcome == "left"
    assert not door.ended()[0].recognised


def test_forgetting_can_be_thought_better_of() -> None:
    for answer in ("keep", None):
        door = Door().sees(1, candidate=SURE).picks("my_data")
        if answer:
            door.picks(answer)
        door.sees(30)
        assert not [e for e in door.effects if isinstance(e, EraseCitizen)]


def test_by_card_somebody_is_forgotten_who_is_not_recognised() -> None:
    door = Door().sees(1).picks("my_data")
    assert LookForCard(on=True) in door.effects
    reads(door, known="citizen-2")
    assert (door.visit.phase, door.visit.erasing) == (Phase.FORGET, "citizen-2")
    door.picks("forget", Way.KEYPAD)
    assert EraseCitizen("citizen-2") in door.effects


def test_of_somebody_unknown_there_is_nothing_to_forget() -> None:
    door = reads(Door().sees(1).picks("my_data"))
    assert (door.visit.phase, door.visit.trouble) == (Phase.THANKS, "not_known")


def test_an_erasure_that_failed_is_said() -> None:
    door = Door().sees(1, candidate=SURE).picks("my_data").picks("forget")
    door.happens(Erased(door.at, ok=False))
    assert (door.visit.trouble, door.visit.forgotten) == ("not_erased", False)


# ── known by card ─────────────────────────────────────────────────────────────────────────────


def test_a_known_card_on_the_scanner_greets_its_holder_until_somebody_else_stands_there() -> None:
    door = reads(Door().sees(1), known="citizen-2").sees(3)
    assert door.visit.greeted == "citizen-2"
    door.picks("field:a").sees(2)
    assert (door.issued()[0].citizen_id, door.issued()[0].match) == ("citizen-2", "card")
    other = reads(Door().sees(1), known="citizen-2").sees(0.1, track=2)
    assert other.visit.greeted is None


def test_an_unknown_card_on_the_scanner_changes_nothing_while_choosing() -> None:
    door = reads(Door().sees(1))
    assert (door.visit.phase, door.visit.greeted, door.visit.card) == (Phase.CHOOSE, None, None)
