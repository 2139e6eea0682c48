"""The visit machine's promises, kept under any events."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from kiosk.visit.effects import Effect, Enrol, EraseCitizen, IssueTicket, VisitEnded
from kiosk.visit.events import (
    CameraState,
    CardRead,
    CardRefused,
    CardShown,
    Enrolled,
    Erased,
    Event,
    HandState,
    OfficeState,
    Person,
    Picked,
    PrinterState,
    PrintingDone,
    Seen,
    SlipPrinted,
    Tick,
    TicketIssued,
    TicketRefused,
    Way,
)
from kiosk.visit.machine import GREETING_HOLDS_S, step
from kiosk.visit.policy import ADULT_AGE, ASSENT_AGE, CHILD_AGE
from kiosk.visit.state import Phase, Visit, options

from .door import POLICY, SURE

OTHER = replace(SURE, citizen_id="citizen-2")
PEOPLE = st.builds(
    Person,
    track=st.integers(1, 3),
    near=st.booleans(),
    hand=st.sampled_from(get_args(HandState)),
    candidate=st.none() | st.just(SURE) | st.just(OTHER),
)
LOOKS = ("language", "larger", "contrast")
CHOOSING = ("start", "more", "not_me", "my_data", "yes", "back")
REMEMBERING = ("remember", "no_thanks", "skip", "right", "wrong", "forget", "keep", "slip")
VERBS = (*LOOKS, *CHOOSING, *REMEMBERING)
REFUSALS = st.sampled_from(["store_full", "office_closed", "field_full"])
ARGUED = (
    "field:a",
    "field:b",
    "agree:keep_identity",
    "agree:recognise",
    "agree:assent",
    "decline:recognise",
)
OPTION_IDS = st.sampled_from((*VERBS, *ARGUED, "priority", "agree:None", "nonsense"))
PRINTER_STATES = st.sampled_from(["ok", "bad", "unknown"])
NOW = st.just(0.0)
TICKETS = st.sampled_from(["t1", "t2"])
OUTCOMES = st.sampled_from(["printed", "uncertain", "failed"])


EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(Seen, NOW, st.none() | PEOPLE, st.integers(0, 2)),
    st.builds(Tick, NOW),
    st.builds(Picked, NOW, OPTION_IDS, st.sampled_from(Way)),
    st.builds(
        CardRead,
        NOW,
        st.just("card"),
        st.just("X"),
        age=st.sampled_from([None, 5, 9, 40]),
        known=st.sampled_from([None, "citizen-1"]),
        to_confirm=st.sampled_from([(), (("number", "1"),)]),
        same=st.booleans(),
    ),
    st.builds(CardRefused, NOW, st.just("not_a_card"), st.booleans()),
    st.builds(CardShown, NOW, st.sampled_from(["", "closer", "still", "tilt"])),
    st.builds(Enrolled, NOW, st.booleans()),
    st.builds(Erased, NOW, st.booleans()),
    st.builds(SlipPrinted, NOW, st.booleans()),
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
    st.builds(TicketRefused, NOW, REFUSALS),
    st.builds(PrintingDone, NOW, TICKETS, OUTCOMES, st.just(""), st.booleans(), st.just("A001")),
    st.builds(
        OfficeState, NOW, st.booleans(), st.none(), st.sets(st.sampled_from("ab")).map(frozenset)
    ),
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
    """But one whose numbers are used up may be followed by one for another field."""
    visits, effects = _run(events)
    issued = 0
    for before, event, out in zip(visits, events, effects, strict=False):
        waits = before.phase is Phase.PRINT and before.ticket is None
        if waits and isinstance(event, TicketRefused) and event.reason == "field_full":
            issued = 0
        for effect in out:
            if isinstance(effect, VisitEnded):
                issued = 0
            issued += isinstance(effect, IssueTicket)
            assert issued <= 1


@given(histories())
def test_a_number_is_only_asked_for_while_none_is_held(events: list[Event]) -> None:
    visits, effects = _run(events)
    for before, after, out in zip(visits[:-1], visits[1:], effects, strict=True):
        if any(isinstance(effect, IssueTicket) for effect in out):
            assert before.ticket is None
            assert after.ticket is None
        if after.ticket != before.ticket and before.ticket is not None:
            assert any(isinstance(effect, VisitEnded) for effect in out)


@given(histories())
def test_paper_that_came_out_stays_out(events: list[Event]) -> None:
    visits, effects = _run(events)
    for before, after, out in zip(visits[:-1], visits[1:], effects, strict=True):
        if before.printed == "printed" and not any(isinstance(e, VisitEnded) for e in out):
            assert after.printed == "printed"


@given(histories())
def test_a_ticket_without_paper_is_shown_and_nothing_hides_it(events: list[Event]) -> None:
    for visit in _run(events)[0]:
        if visit.ticket is not None and visit.printed in ("failed", "uncertain"):
            assert visit.phase in (Phase.TICKET, Phase.THANKS)
            assert {option.id for option in options(visit, POLICY)} == set(LOOKS)


@given(histories())
def test_a_closed_office_begins_no_visit(events: list[Event]) -> None:
    for before, after in pairwise(_run(events)[0]):
        if before.phase is Phase.ATTRACT and after.phase is not Phase.ATTRACT:
            assert before.machine.open


@given(histories())
def test_only_the_offices_own_priority_classes_are_claimed(events: list[Event]) -> None:
    _, effects = _run(events)
    for effect in (e for out in effects for e in out):
        if isinstance(effect, IssueTicket):
            assert effect.priority in ("", *POLICY.priorities)
            assert (effect.match == "") == (effect.citizen_id is None)


@given(histories())
def test_nobody_is_enrolled_without_every_answer_in_this_visit(events: list[Event]) -> None:
    visits, effects = _run(events)
    for before, event, out in zip(visits, events, effects, strict=False):
        for enrol in (e for e in out if isinstance(e, Enrol)):
            assert isinstance(event, Picked)
            assert before.card is not None
            verb, _, last = event.option.partition(":")
            agreed = {*before.consented, *([last] if verb == "agree" else [])}
            assert "keep_identity" in agreed
            assert (enrol.track is not None) == ("recognise" in agreed)
            age = before.card.age
            if age is not None and age < CHILD_AGE:
                assert before.representative is not None
                assert (before.representative.age or 0) >= ADULT_AGE
                assert age < ASSENT_AGE or "assent" in agreed


@given(histories())
def test_nobody_is_erased_but_by_a_grave_choice_about_the_one_shown(events: list[Event]) -> None:
    visits, effects = _run(events)
    for before, event, out in zip(visits, events, effects, strict=False):
        for erase in (e for e in out if isinstance(e, EraseCitizen)):
            assert isinstance(event, Picked)
            assert (event.option, before.phase) == ("forget", Phase.FORGET)
            assert erase.citizen_id == before.erasing


@given(histories())
def test_no_card_outlives_its_visit(events: list[Event]) -> None:
    for visit in _run(events)[0]:
        if visit.phase in (Phase.THANKS, Phase.ATTRACT):
            assert visit.card is None
            assert visit.representative is None


@given(histories())
def test_a_greeting_belongs_to_the_person_in_front(events: list[Event]) -> None:
    visits, _ = _run(events)
    for before, after in pairwise(visits):
        if after.greeted is not None and after.match == "card":
            continue  # a card was laid down: see test_remembering
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
        by_face = visit.greeted is not None and visit.match != "card"
        if visit.phase is Phase.CHOOSE and by_face:
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
