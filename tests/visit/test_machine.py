"""The visit machine: its story told once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from kiosk.visit.effects import Enrol, IssueTicket, LookForCard, Say, VisitEnded
from kiosk.visit.events import (
    CameraState,
    Candidate,
    CardRead,
    CardRefused,
    Enrolled,
    OfficeState,
    Person,
    Seen,
    Tick,
    TicketIssued,
    TicketRefused,
    Way,
)
from kiosk.visit.machine import OTHER_PAPER_NOTED_S
from kiosk.visit.state import LOOKS, Phase, Visit, options

from .door import POLICY, SURE, Door


def test_first_visit_from_approach_to_being_remembered() -> None:
    door = Door().sees(1.0)
    assert door.visit.phase is Phase.CHOOSE
    door.picks("field:c").sees(1.0)
    assert door.visit.phase is Phase.CONFIRM
    door.sees(0.7)
    assert door.visit.phase is Phase.PRINT
    assert door.issued() == [IssueTicket("c", None, Way.HAND)]
    door.prints()
    assert (door.visit.phase, door.visit.printed) == (Phase.TICKET, "printed")
    door.sees(1).picks("remember").happens(CardRead(door.at, "card-1", "NGUYỄN V** A**"))
    assert door.visit.phase is Phase.CONSENT
    door.sees(1).picks("agree:keep_identity").sees(1).picks("agree:recognise")
    assert Enrol("card-1", 1) in door.effects
    door.happens(Enrolled(door.at, ok=True)).nobody(3)
    assert door.visit.phase is Phase.ATTRACT
    assert door.ended() == [VisitEnded("ticket", recognised=False)]
    assert LookForCard(on=True) in door.effects


def test_second_visit_is_greeted_and_the_ticket_carries_the_citizen() -> None:
    door = Door().sees(0.5, candidate=SURE)
    assert door.visit.greeted == "citizen-1"
    assert Say("greet") in door.effects
    door.picks("field:b").sees(2, candidate=SURE)
    assert door.issued() == [IssueTicket("b", "citizen-1", Way.HAND, match="face_clear")]
    door.prints()
    assert "remember" not in {o.id for o in options(door.visit, POLICY)}


@pytest.mark.parametrize(
    "candidate",
    [
        None,
        replace(SURE, false_match_probability=1.1e-7),
        replace(SURE, enrolled=1_100_000),
        replace(SURE, rival_probability=1e-7),
    ],
    ids=["nobody", "chance would do", "chance would do among so many", "two would do"],
)
def test_an_unsure_candidate_is_not_greeted(candidate: Candidate | None) -> None:
    assert Door().sees(1, candidate=candidate).visit.greeted is None


BARELY = replace(SURE, false_match_probability=1e-7)


@pytest.mark.parametrize(
    ("seen", "match"),
    [
        ([BARELY], "face_enough"),
        ([BARELY, SURE], "face_clear"),
        ([SURE, BARELY], "face_clear"),
        ([None], ""),
        ([SURE, None], ""),
    ],
    ids=["just", "surer with more frames", "surest counts", "nobody", "no longer there"],
)
def test_the_ticket_says_how_surely_they_were_recognised(
    seen: list[Candidate | None], match: str
) -> None:
    door = Door()
    for candidate in seen:
        door.sees(1, candidate=candidate)
    door.picks("field:b").sees(2, candidate=seen[-1])
    assert [issued.match for issued in door.issued()] == [match]


def test_recognition_switched_off_never_greets_nor_offers() -> None:
    door = Door(replace(POLICY, recognise=False)).sees(1, candidate=SURE)
    assert door.visit.greeted is None
    door.picks("field:a").sees(2).prints()
    assert "remember" not in {o.id for o in options(door.visit, door.policy)}


def test_not_me_silences_recognition_for_the_visit() -> None:
    door = Door().sees(1, candidate=SURE).picks("not_me").sees(1, candidate=SURE)
    assert door.visit.greeted is None
    door.picks("field:a").sees(2, candidate=SURE)
    assert door.issued() == [IssueTicket("a", None, Way.HAND)]


def test_taking_the_choice_back_prints_nothing() -> None:
    door = Door().sees(1).picks("field:a").sees(0.5).picks("back").sees(5)
    assert door.visit.phase is Phase.CHOOSE
    assert not door.issued()


def test_walking_away_while_confirming_prints_nothing() -> None:
    policy = replace(POLICY, confirm_s=5.0)
    door = Door(policy).sees(1).picks("field:a").nobody(3)
    assert door.visit.phase is Phase.ATTRACT
    assert door.ended() == [VisitEnded("left", recognised=False)]
    assert not door.issued()


def test_somebody_elses_face_does_not_carry_a_visit_on() -> None:
    door = Door().sees(1, candidate=SURE)
    door.sees(2.7, track=2)
    assert door.ended() == [VisitEnded("left", recognised=True)]
    assert door.visit.greeted is None


def test_a_greeting_ends_in_the_frame_that_shows_somebody_else() -> None:
    door = Door().sees(1, candidate=SURE)
    door.happens(Seen(door.at + 0.07, Person(2, near=False)))
    assert door.visit.greeted is None
    door.picks("field:a", Way.TOUCH).happens(Tick(door.at + 2))
    assert door.issued() == [IssueTicket("a", None, Way.TOUCH)]


def test_a_choice_made_by_a_citizen_is_no_ticket_of_theirs_once_somebody_else_stands_there() -> (
    None
):
    door = Door().sees(1, candidate=SURE).picks("field:a")
    door.happens(Seen(door.at + 0.07, Person(2, near=True))).happens(Tick(door.at + 2))
    assert door.issued() == [IssueTicket("a", None, Way.HAND)]


def test_a_candidate_of_a_track_that_is_gone_greets_nobody() -> None:
    door = Door().sees(1).sees(0.3, track=2)
    door.sees(0.1, track=1, candidate=SURE)  # late, but of the person the visit is with
    assert door.visit.greeted == "citizen-1"
    door.sees(0.1, track=2, candidate=replace(SURE, citizen_id="citizen-2"))
    assert door.visit.greeted is None


def test_a_greeting_outlives_a_hand_before_the_face_but_not_by_much() -> None:
    door = Door().sees(1, candidate=SURE).sees(0.4)
    assert door.visit.greeted == "citizen-1"
    door.sees(0.2)
    assert door.visit.greeted is None
    door.sees(0.1, candidate=SURE)
    assert door.visit.greeted == "citizen-1"
    assert door.effects.count(Say("greet")) == 1  # a welcome is said once


def test_a_step_back_is_not_somebody_else() -> None:
    door = Door().sees(1, candidate=SURE)
    door.happens(Seen(door.at + 0.07, Person(1, near=False)))
    assert door.visit.greeted == "citizen-1"


def test_a_second_person_hides_the_name_and_stops_the_hand_but_not_the_keypad() -> None:
    door = Door().sees(1, candidate=SURE).sees(1, others=1, candidate=SURE)
    assert door.visit.crowded()
    door.picks("field:a", Way.HAND)
    assert door.visit.phase is Phase.CHOOSE
    door.picks("field:a", Way.KEYPAD)
    assert door.visit.phase is Phase.CONFIRM


def test_somebody_behind_who_seems_near_for_a_moment_takes_no_choice_away() -> None:
    door = Door().sees(1).sees(0.5, others=1)
    assert door.picks("field:a", Way.HAND).visit.phase is Phase.CONFIRM


def test_without_a_face_the_keypad_takes_the_same_ticket() -> None:
    door = Door().happens(CameraState(0.0, working=False))
    door.picks("start", Way.KEYPAD).picks("field:a", Way.KEYPAD).happens(Tick(2.0))
    assert door.issued() == [IssueTicket("a", None, Way.KEYPAD)]
    door.prints().happens(Tick(20.0)).happens(Tick(40.0))
    assert door.visit.phase is Phase.ATTRACT


def test_after_a_camera_failure_nobody_is_taken_for_whoever_was_there_before() -> None:
    door = Door().sees(1, candidate=SURE)
    door.happens(CameraState(door.at, working=False))
    assert (door.visit.phase, door.visit.person, door.visit.greeted) == (Phase.CHOOSE, None, None)
    door.happens(CameraState(door.at, working=True)).sees(1)
    assert door.visit.greeted is None
    door.picks("field:a").sees(2)
    assert door.issued() == [IssueTicket("a", None, Way.HAND)]


@pytest.mark.parametrize("question", ["keep_identity", "recognise"])
def test_silence_and_no_are_no(question: str) -> None:
    for answer in (f"decline:{question}", None):
        door = Door().sees(1).picks("field:a").sees(2).prints().picks("remember")
        door.happens(CardRead(door.at, "card-1", "X"))
        if question == "recognise":
            door.picks("agree:keep_identity")
        if answer:
            door.picks(answer)
        door.sees(30)
        assert not [e for e in door.effects if isinstance(e, Enrol) and e.track is not None]


@pytest.mark.parametrize(
    ("outcome", "said"), [("failed", "photograph_ticket"), ("uncertain", "check_ticket")]
)
def test_without_paper_the_number_stays_long_enough_to_be_photographed(
    outcome: str, said: str
) -> None:
    door = Door().sees(1).picks("field:a").sees(2).prints(outcome, "printer_paper_out").sees(20)
    assert (door.visit.phase, door.visit.printed) == (Phase.TICKET, outcome)
    assert door.visit.trouble == "printer_paper_out"
    assert door.visit.ticket is not None
    assert Say(said) in door.effects
    assert options(door.visit, POLICY) == LOOKS  # nothing hides the number


def test_a_printer_that_never_answers_is_uncertain_not_waited_for() -> None:
    door = Door().sees(1).picks("field:a").sees(2)
    door.happens(TicketIssued(door.at, "t1", "A001", "R", "a", "1", None)).sees(21)
    assert (door.visit.printed, door.visit.trouble) == ("uncertain", "no_answer")
    door.papers("t1")
    assert (door.visit.printed, door.visit.trouble) == ("printed", "")
    assert door.effects[-1] == Say("take_ticket")


@pytest.mark.parametrize("waits_s", [1, 27])
def test_paper_that_comes_after_all_is_taken_by_whoever_still_waits(waits_s: float) -> None:
    door = Door().sees(1).picks("field:a").sees(2).prints("uncertain", "printer_paper_out")
    door.sees(waits_s)
    phase = door.visit.phase
    door.papers("t1", again=True)
    assert (door.visit.printed, door.visit.reprinted) == ("printed", True)
    assert door.visit.phase is phase
    assert door.effects[-1] == Say("take_ticket")
    assert door.visit.machine.other_paper == ""


def test_a_reprint_that_fails_takes_no_paper_away() -> None:
    door = Door().sees(1).picks("field:a").sees(2).prints()
    door.papers("t1", "failed", "printer_paper_out", again=True)
    assert (door.visit.printed, door.visit.trouble) == ("printed", "")


def test_somebody_elses_paper_is_announced_for_a_while() -> None:
    door = Door().sees(1).papers("t0", again=True)
    assert door.visit.machine.other_paper == "A001"
    door.sees(OTHER_PAPER_NOTED_S - 1)
    assert door.visit.machine.other_paper == "A001"
    door.sees(1.2)
    assert door.visit.machine.other_paper == ""
    assert door.papers("t0", "failed").visit.machine.other_paper == ""


def test_a_priority_class_is_claimed_by_going_round_them() -> None:
    door = Door().sees(1)
    claimed = [door.picks("priority").visit.priority for _ in range(4)]
    assert claimed == ["elderly", "disabled", "", "elderly"]
    door.picks("field:a").picks("back").picks("field:b").sees(2)
    assert door.issued() == [IssueTicket("b", None, Way.HAND, "elderly")]
    assert door.prints().nobody(3).visit.priority == ""


def test_an_office_without_priority_classes_asks_for_none() -> None:
    door = Door(replace(POLICY, priorities=())).sees(1).picks("priority")
    assert "priority" not in {o.id for o in options(door.visit, door.policy)}
    assert door.visit.priority == ""


def test_nobody_begins_a_visit_out_of_hours() -> None:
    opens = datetime(2026, 11, 30, 7, 30, tzinfo=UTC)
    door = Door().happens(OfficeState(0.0, open=False, opens=opens))
    door.sees(2, hand="engaged").picks("start", Way.TOUCH).picks("language", Way.TOUCH)
    assert (door.visit.phase, door.visit.machine.opens) == (Phase.ATTRACT, opens)
    door.happens(OfficeState(door.at, open=True)).sees(0.2)
    assert door.visit.phase is Phase.CHOOSE


def test_the_office_closes_during_a_visit() -> None:
    door = Door().sees(1).happens(OfficeState(1.0, open=False)).picks("field:a").sees(2)
    door.happens(TicketRefused(door.at, "office_closed"))
    assert (door.visit.phase, door.visit.trouble) == (Phase.THANKS, "office_closed")
    assert door.effects[-1] == Say("closed")
    assert door.visit.machine == replace(Visit().machine, open=False)


def test_a_field_without_numbers_says_so_and_another_can_be_chosen() -> None:
    door = Door().happens(OfficeState(0.0, open=True, full=frozenset("a"))).sees(1)
    door.picks("field:a")
    assert (door.visit.phase, door.visit.trouble) == (Phase.CHOOSE, "field_full")
    assert door.effects[-1] == Say("field_full")
    door.picks("field:b")
    assert (door.visit.phase, door.visit.trouble) == (Phase.CONFIRM, "")


def test_the_last_number_taken_by_somebody_else_leads_back_to_the_choice() -> None:
    door = Door().sees(1).picks("field:a").sees(2)
    door.happens(TicketRefused(door.at, "field_full"))
    assert (door.visit.phase, door.visit.trouble) == (Phase.CHOOSE, "field_full")
    assert door.visit.machine == replace(Visit().machine, full=frozenset("a"))
    door.picks("field:b").sees(2)
    assert [issue.field for issue in door.issued()] == ["a", "b"]
    assert door.prints().visit.phase is Phase.TICKET


def test_no_number_no_ticket() -> None:
    door = Door().sees(1).picks("field:a").sees(2)
    door.happens(TicketRefused(door.at, "store_full"))
    assert (door.visit.phase, door.visit.trouble) == (Phase.THANKS, "store_full")


def test_that_no_numbers_are_given_is_known_until_one_is() -> None:
    door = Door().sees(1).picks("field:a").sees(2)
    door.happens(TicketRefused(door.at, "store_full")).nobody(20)
    assert (door.visit.phase, door.visit.machine.store_reason) == (Phase.ATTRACT, "store_full")
    door.sees(1, track=2).picks("field:a").sees(2, track=2).prints()
    assert door.visit.machine.store_reason == ""


def test_choosing_a_language_at_the_door_starts_a_visit_in_it() -> None:
    door = Door().picks("language", Way.TOUCH)
    assert (door.visit.phase, door.visit.language) == (Phase.CHOOSE, "en")
    door.happens(Tick(60))
    assert (door.visit.phase, door.visit.language) == (Phase.ATTRACT, "vi")


def test_whoever_was_just_served_needs_a_raised_hand_to_start_again() -> None:
    door = Door().sees(1).picks("field:a").sees(2).prints().picks("no_thanks").sees(6)
    assert door.visit.phase is Phase.ATTRACT
    door.sees(0.2, hand="engaged")
    assert door.visit.phase is Phase.CHOOSE


def test_a_wrong_code_is_said_and_the_card_is_still_awaited() -> None:
    door = Door().sees(1).picks("field:a").sees(2).prints().picks("remember")
    door.happens(CardRefused(door.at, "not_a_card"))
    assert (door.visit.phase, door.visit.trouble) == (Phase.CARD, "not_a_card")
