"""The visit machine: its story told once, and its promises kept under any events."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.visit.effects import Effect, Enrol, IssueTicket, LookForCard, Say, VisitEnded
from kiosk.visit.events import (
    CameraState,
    Candidate,
    CardRead,
    CardRefused,
    Enrolled,
    Event,
    Person,
    Picked,
    PrinterState,
    PrintingDone,
    Seen,
    Tick,
    TicketIssued,
    TicketRefused,
    Way,
)
from kiosk.visit.machine import GREETING_HOLDS_S, step
from kiosk.visit.policy import Policy
from kiosk.visit.state import Phase, Visit, options

POLICY = Policy(fields=tuple("abcdefgh"))
SURE = Candidate("citizen-1", 1e-9, 0.1, enrolled=10_000)


class Door:
    """Plays events into the machine and keeps what came out."""

    def __init__(self, policy: Policy = POLICY) -> None:
        self.policy = policy
        self.visit = Visit()
        self.effects: list[Effect] = []
        self.at = 0.0

    def happens(self, event: Event) -> Door:
        self.visit, effects = step(self.visit, event, self.policy)
        self.effects.extend(effects)
        self.at = event.at
        return self

    def sees(self, seconds: float = 0.1, track: int = 1, others: int = 0, **traits: object) -> Door:
        person = Person(track, near=True, **traits)  # type: ignore[arg-type]
        end = self.at + seconds
        while self.at < end - 1e-9:
            self.happens(Seen(self.at + 0.1, person, others))
        return self

    def nobody(self, seconds: float) -> Door:
        end = self.at + seconds
        while self.at < end - 1e-9:
            self.happens(Seen(self.at + 0.1, None))
        return self

    def picks(self, option: str, way: Way = Way.HAND) -> Door:
        return self.happens(Picked(self.at, option, way))

    def prints(self, outcome: str = "printed") -> Door:
        self.happens(TicketIssued(self.at, "t1", "A001", "R", "a", "1", 3))
        return self.happens(PrintingDone(self.at, "t1", outcome))  # type: ignore[arg-type]

    def issued(self) -> list[IssueTicket]:
        return [e for e in self.effects if isinstance(e, IssueTicket)]

    def ended(self) -> list[VisitEnded]:
        return [e for e in self.effects if isinstance(e, VisitEnded)]


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
    assert door.issued() == [IssueTicket("b", "citizen-1", Way.HAND)]
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
    door = Door().sees(1, candidate=SURE).sees(0.8)
    assert door.visit.greeted == "citizen-1"
    door.sees(0.4)
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
        assert not [e for e in door.effects if isinstance(e, Enrol)]


def test_a_failed_print_keeps_the_number_on_the_screen_and_says_so() -> None:
    door = Door().sees(1).picks("field:a").sees(2).prints("failed")
    assert (door.visit.phase, door.visit.printed) == (Phase.TICKET, "failed")
    assert door.visit.ticket is not None
    assert Say("photograph_ticket") in door.effects


def test_a_printer_that_never_answers_is_uncertain_not_waited_for() -> None:
    door = Door().sees(1).picks("field:a").sees(2)
    door.happens(TicketIssued(door.at, "t1", "A001", "R", "a", "1", None)).sees(21)
    assert door.visit.printed == "uncertain"


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
    door.sees(0.2, hand=True)
    assert door.visit.phase is Phase.CHOOSE


def test_a_wrong_code_is_said_and_the_card_is_still_awaited() -> None:
    door = Door().sees(1).picks("field:a").sees(2).prints().picks("remember")
    door.happens(CardRefused(door.at, "not_a_card"))
    assert (door.visit.phase, door.visit.trouble) == (Phase.CARD, "not_a_card")


# ── promises under any events ─────────────────────────────────────────────────────────────────

OTHER = replace(SURE, citizen_id="citizen-2")
PEOPLE = st.builds(
    Person,
    track=st.integers(1, 3),
    near=st.booleans(),
    hand=st.booleans(),
    candidate=st.none() | st.just(SURE) | st.just(OTHER),
)
VERBS = ("start", "language", "more", "not_me", "yes", "back", "remember", "no_thanks", "skip")
ARGUED = ("field:a", "field:b", "agree:keep_identity", "agree:recognise", "decline:recognise")
OPTION_IDS = st.sampled_from((*VERBS, *ARGUED, "agree:None", "nonsense"))
PRINTER_STATES = st.sampled_from(["ok", "bad", "unknown"])
NOW = st.just(0.0)
TICKETS = st.sampled_from(["t1", "t2"])
OUTCOMES = st.sampled_from(["printed", "uncertain", "failed"])


EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(Seen, NOW, st.none() | PEOPLE, st.integers(0, 2)),
    st.builds(Tick, NOW),
    st.builds(Picked, NOW, OPTION_IDS, st.sampled_from(Way)),
    st.builds(CardRead, NOW, st.just("card"), st.just("X")),
    st.builds(CardRefused, NOW, st.just("not_a_card")),
    st.builds(Enrolled, NOW, st.booleans()),
    st.builds(
        TicketIssued,
        NOW,
        TICKETS,
        st.just("A001"),
        st.just("R"),
        st.just("a"),
        st.just("1"),
        st.none(),
    ),
    st.builds(TicketRefused, NOW, st.just("store_full")),
    st.builds(PrintingDone, NOW, TICKETS, OUTCOMES),
    st.builds(CameraState, NOW, st.booleans()),
    st.builds(PrinterState, NOW, PRINTER_STATES),
)


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    gaps = st.sampled_from([0.0, 0.1, 0.5, 1.6, 3.0])
    at, events = 0.0, list[Event]()
    for gap, event in draw(st.lists(st.tuples(gaps, EVENTS), max_size=60)):
        at += gap
        events.append(replace(event, at=at))
    return events


def _run(events: list[Event]) -> tuple[list[Visit], list[tuple[Effect, ...]]]:
    visits, effects = [Visit()], list[tuple[Effect, ...]]()
    for event in events:
        visit, out = step(visits[-1], event, POLICY)
        visits.append(visit)
        effects.append(out)
    return visits, effects


@given(histories())
def test_always_comes_back_to_attract(events: list[Event]) -> None:
    visits, _ = _run(events)
    visit, at = visits[-1], (events[-1].at if events else 0.0)
    for _ in range(len(Phase)):
        at += 60.0
        visit, _out = step(visit, Tick(at), POLICY)
    assert visit.phase is Phase.ATTRACT


@given(histories())
def test_one_visit_issues_at_most_one_ticket(events: list[Event]) -> None:
    _, effects = _run(events)
    issued = 0
    for effect in (e for out in effects for e in out):
        if isinstance(effect, VisitEnded):
            issued = 0
        issued += isinstance(effect, IssueTicket)
        assert issued <= 1


@given(histories())
def test_nobody_is_enrolled_without_both_consents_in_this_visit(events: list[Event]) -> None:
    visits, effects = _run(events)
    for before, event, out in zip(visits, events, effects, strict=False):
        if any(isinstance(e, Enrol) for e in out):
            assert before.consented == ("keep_identity",)
            assert isinstance(event, Picked)
            assert event.option == "agree:recognise"
            assert before.card is not None


@given(histories())
def test_a_greeting_belongs_to_the_person_in_front(events: list[Event]) -> None:
    visits, _ = _run(events)
    for before, after in pairwise(visits):
        if after.greeted is not None and before.greeted is None:
            assert after.person is not None
            assert after.person.candidate is not None
            assert after.person.candidate.citizen_id == after.greeted
        if after.greeted is not None and before.greeted is not None:
            assert before.person is not None
            assert after.person is not None
            assert before.person.track == after.person.track


@given(histories())
def test_while_choosing_only_who_was_just_seen_is_greeted(events: list[Event]) -> None:
    visits, _ = _run(events)
    seen: list[tuple[float, Person]] = []
    for visit, event in zip(visits[1:], events, strict=True):
        if isinstance(event, Seen) and event.person:
            seen.append((event.at, event.person))
        if visit.phase is Phase.CHOOSE and visit.greeted is not None:
            vouched, last = [n for n, (_, p) in enumerate(seen) if _names(p, visit)][-1], seen[-1]
            assert event.at - seen[vouched][0] <= GREETING_HOLDS_S
            assert {person.track for _, person in seen[vouched:]} == {last[1].track}


def _names(person: Person, visit: Visit) -> bool:
    return person.candidate is not None and person.candidate.citizen_id == visit.greeted


@given(histories())
def test_attract_remembers_nothing_of_the_visit_before(events: list[Event]) -> None:
    for visit in _run(events)[0]:
        if visit.phase is Phase.ATTRACT:
            bare = Visit(
                since=visit.since,
                machine=visit.machine,
                served=visit.served,
                seen_at=visit.seen_at,
            )
            assert visit == bare
