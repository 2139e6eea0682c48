"""The visit: a pure state machine. An event and the present state in, a new state and effects out.

::

    attract ──near──▶ choose ──field──▶ confirm ──time──▶ print ──done──▶ ticket ──▶ thanks
       ▲                 ▲│my data         │back                             │remember   ▲
       │                 │└────────────────│─▶ remembering (module)
       │                 └─────────────────┘
       └── left · idle · time ◀──────────────────────────────────────────────────────────┘

No threads, no clock, no I/O: time is an argument, and the same events give the same visit.
The ticket comes before the offer to be remembered, so that "no" costs nothing.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.visit import remembering
from kiosk.visit.effects import IssueTicket, Outcome, Say
from kiosk.visit.events import (
    CameraState,
    Candidate,
    CardRead,
    CardRefused,
    CardShown,
    ChipProgress,
    Enrolled,
    Erased,
    Event,
    OfficeState,
    Person,
    Picked,
    PrinterState,
    PrintingDone,
    PrintingMoved,
    Seen,
    SlipPrinted,
    Tick,
    TicketIssued,
    TicketRefused,
    Way,
)
from kiosk.visit.phases import Step, afresh, end, enter, thank
from kiosk.visit.policy import Policy
from kiosk.visit.state import Phase, Visit, options, serves

GREETING_HOLDS_S = 0.5
"""How long a citizen stays greeted without being recognised again: a hand before the face, a
glance aside."""

OTHER_PAPER_NOTED_S = 15.0
"""How long the screen speaks of a paper that came out for somebody who was here before."""

IDLE_PHASES = frozenset({Phase.CHOOSE, Phase.CHECK, Phase.CONSENT, Phase.FORGET})
"""Phases whose deadline is pushed back whenever the person does something."""

READ_PHASES = frozenset({Phase.TICKET, Phase.CARD, Phase.THANKS})
"""Phases that begin anew for whoever asks for another language or larger type."""


def step(visit: Visit, event: Event, policy: Policy) -> Step:
    """The visit after ``event``, and what the kiosk should do about it."""
    visit = _vouched(_without_old_news(visit, event.at), event.at)
    visit, before = _time(visit, event.at, policy)
    visit, after = _happen(visit, event, policy)
    return visit, before + after


def _happen(visit: Visit, event: Event, policy: Policy) -> Step:
    match event:
        case Seen():
            return _seen(visit, event, policy)
        case Picked():
            return _picked(visit, event, policy)
        case CardRead():
            return remembering.read(visit, event, policy)
        case CardRefused():
            return remembering.refused(visit, event, policy)
        case CardShown():
            return remembering.shown(visit, event)
        case ChipProgress():
            return remembering.chip_progressed(visit, event)
        case TicketIssued():
            return _numbered(visit, event)
        case TicketRefused():
            return _refused(visit, event, policy)
        case PrintingMoved():
            return _moved(visit, event), ()
        case PrintingDone():
            return _printed(visit, event, policy)
        case Enrolled():
            return remembering.enrolled(visit, event, policy)
        case Erased():
            return remembering.erased(visit, event, policy)
        case SlipPrinted():
            return remembering.slip_printed(visit, event, policy)
        case CameraState():
            return _camera(visit, event, policy)
        case PrinterState():
            machine = replace(visit.machine, printer=event.state, printer_reason=event.reason)
            return replace(visit, machine=machine), ()
        case OfficeState():
            machine = replace(visit.machine, open=event.open, opens=event.opens, full=event.full)
            return replace(visit, machine=machine), ()
        case Tick():
            return visit, ()


# ── time ──────────────────────────────────────────────────────────────────────────────────────


def _time(visit: Visit, at: float, policy: Policy) -> Step:
    """Whatever should have happened by ``at``: the person left, or the phase ran out."""
    if _has_left(visit, at, policy):
        return end(visit, "ticket" if visit.ticket else "left", at, policy)
    if visit.deadline is None or at < visit.deadline:
        return visit, ()
    match visit.phase:
        case Phase.ATTRACT:
            return afresh(visit, at, policy), ()
        case Phase.CONFIRM:
            return _issue(visit, at, policy)
        case Phase.PRINT:
            return _unheard(visit, at, policy)
        case Phase.TICKET | Phase.CARD | Phase.CHIP | Phase.ENROL:
            return thank(visit, at, policy)
        case Phase.CONSENT | Phase.CHECK | Phase.FORGET:  # silence is no
            return thank(visit, at, policy)
        case Phase.THANKS:
            return end(visit, _outcome(visit), at, policy)
        case _:
            return end(visit, "idle", at, policy)


def _outcome(visit: Visit) -> Outcome:
    if visit.ticket is not None:
        return "ticket"
    return "left" if visit.errand == "forget" else "refused"


def _has_left(visit: Visit, at: float, policy: Policy) -> bool:
    return (
        visit.phase not in (Phase.ATTRACT, Phase.PRINT)
        and visit.person is not None
        and visit.machine.camera
        and at - visit.seen_at > policy.leave_s
    )


# ── people ────────────────────────────────────────────────────────────────────────────────────


def _seen(visit: Visit, event: Seen, policy: Policy) -> Step:
    person = event.person if event.person is not None and event.person.near else None
    if visit.phase is Phase.ATTRACT:
        waits = person is not None and (person.track != visit.served or person.hand == "engaged")
        if not waits or not serves(visit.machine, policy):
            return visit, ()
        begun = replace(visit, person=person, seen_at=event.at, others=event.others)
        return _begin(replace(begun, others_since=event.at), event.at, policy)
    if event.others and not visit.others:
        visit = replace(visit, others_since=event.at)
    if _is_another(event.person, visit):
        # Somebody else's face never carries this visit on: to the visit its person is gone.
        return _ungreeted(replace(visit, others=event.others + (person is not None))), ()
    if person is None:
        return replace(visit, others=event.others), ()
    visit = replace(visit, person=person, seen_at=event.at, others=event.others)
    if person.candidate is not None and person.candidate.citizen_id == visit.greeted:
        visit = _surer(replace(visit, vouched_at=event.at), person.candidate, policy)
    if person.hand == "engaged" and visit.phase in IDLE_PHASES:
        visit = replace(visit, deadline=event.at + policy.idle_s)
    return _greet(visit, policy)


def _is_another(person: Person | None, visit: Visit) -> bool:
    known = visit.person
    return person is not None and known is not None and person.track != known.track


def _begin(visit: Visit, at: float, policy: Policy) -> Step:
    visit = replace(
        visit,
        phase=Phase.CHOOSE,
        since=at,
        started=at,
        deadline=at + policy.idle_s,
    )
    visit, greeting = _greet(visit, policy)
    return visit, greeting or (Say("choose"),)


def _greet(visit: Visit, policy: Policy) -> Step:
    """Greet only while choosing: later a name would only be in the way."""
    person = visit.person
    if (
        visit.phase is not Phase.CHOOSE
        or person is None
        or visit.greeted is not None
        or visit.denied
        or visit.crowded()
        or person.candidate is None
        or not policy.greets(person.candidate)
    ):
        return visit, ()
    citizen = person.candidate.citizen_id
    said = () if citizen == visit.welcomed else (Say("greet"),)
    greeted = replace(visit, greeted=citizen, welcomed=citizen, vouched_at=visit.seen_at)
    return _surer(greeted, person.candidate, policy), said


def _surer(visit: Visit, candidate: Candidate, policy: Policy) -> Visit:
    """With more frames a face is recognised more surely, never less; a card is surer still."""
    if visit.match in ("card", "face_clear"):
        return visit
    return replace(visit, match=policy.match(candidate))


def _vouched(visit: Visit, at: float) -> Visit:
    """A greeting lives on frames that show whom it is for: nobody who steps into the place of a
    citizen, seen badly or not at all, reads their name or takes a ticket as theirs."""
    stale = visit.phase is Phase.CHOOSE and at - visit.vouched_at > GREETING_HOLDS_S
    by_face = visit.greeted is not None and visit.match != "card"
    return _ungreeted(visit) if by_face and stale else visit


def _ungreeted(visit: Visit) -> Visit:
    """What has been chosen stays; from the number on the ticket is whose it is."""
    if visit.phase not in (Phase.CHOOSE, Phase.CONFIRM):
        return visit
    return replace(visit, greeted=None, match="")


# ── choices ───────────────────────────────────────────────────────────────────────────────────


def _picked(visit: Visit, event: Picked, policy: Policy) -> Step:
    if event.option not in {option.id for option in options(visit, policy)}:
        return visit, ()
    if event.way in (Way.HAND, Way.FINGERS) and visit.shared(event.at):
        return visit, ()
    if visit.phase in IDLE_PHASES:
        visit = replace(visit, deadline=event.at + policy.idle_s)
    verb, _, what = event.option.partition(":")
    match verb:
        case "start":
            return _begin(replace(visit, person=None), event.at, policy)
        case "language" | "larger" | "contrast":
            return _looks_different(visit, verb, event.at, policy)
        case "more":
            return replace(visit, page=(visit.page + 1) % policy.pages), ()
        case "not_me":
            return replace(visit, greeted=None, match="", denied=True), ()
        case "priority":
            return replace(visit, priority=policy.next_priority(visit.priority)), ()
        case "field" if what in visit.machine.full:
            return replace(visit, trouble="field_full"), (Say("field_full"),)
        case "field":
            chosen = replace(visit, field=what, way=event.way, trouble="")
            return enter(chosen, Phase.CONFIRM, event.at, policy.confirm_s), (Say("confirm"),)
        case "yes":
            return _issue(visit, event.at, policy)
        case "back":
            back = replace(visit, field=None, way=None)
            return enter(back, Phase.CHOOSE, event.at, policy.idle_s), (Say("choose"),)
        case _:
            return remembering.picked(visit, event.option, event.at, policy)


def _looks_different(visit: Visit, how: str, at: float, policy: Policy) -> Step:
    """Whoever changes how a page looks gets time to read it."""
    match how:
        case "language":
            visit = replace(visit, language="en" if visit.language == "vi" else "vi")
        case "larger":
            visit = replace(visit, larger=not visit.larger)
        case _:
            visit = replace(visit, contrast=not visit.contrast)
    if visit.phase is Phase.ATTRACT and serves(visit.machine, policy):
        return _begin(visit, at, policy)
    if visit.phase is Phase.ATTRACT:
        return replace(visit, deadline=at + policy.idle_s), ()
    if visit.phase in READ_PHASES and visit.deadline is not None:
        return enter(visit, visit.phase, at, visit.deadline - visit.since), ()
    return visit, ()


def _issue(visit: Visit, at: float, policy: Policy) -> Step:
    assert visit.field is not None  # noqa: S101 -- confirm is only entered with a field
    assert visit.way is not None  # noqa: S101
    issued = IssueTicket(visit.field, visit.greeted, visit.way, visit.priority, visit.match)
    return (
        enter(visit, Phase.PRINT, at, policy.print_s),
        (issued, Say("print")),
    )


# ── the ticket ────────────────────────────────────────────────────────────────────────────────


def _waits(visit: Visit) -> bool:
    return visit.phase is Phase.PRINT and visit.ticket is None


def _numbered(visit: Visit, event: TicketIssued) -> Step:
    if not _waits(visit):
        return visit, ()
    return replace(visit, ticket=event, machine=replace(visit.machine, store_reason="")), ()


def _moved(visit: Visit, event: PrintingMoved) -> Visit:
    awaited = visit.ticket is not None and visit.ticket.ticket == event.ticket
    return replace(visit, paper=event.paper) if awaited else visit


def _printed(visit: Visit, event: PrintingDone, policy: Policy) -> Step:
    if visit.ticket is None or visit.ticket.ticket != event.ticket:
        return _printed_for_another(visit, event)
    if visit.phase is Phase.PRINT:
        told = replace(visit, printed=event.outcome, reprinted=event.again)
        if event.outcome == "printed":
            return enter(told, Phase.TICKET, event.at, policy.ticket_s), (Say("take_ticket"),)
        kept = replace(told, trouble=event.reason)
        said = Say("photograph_ticket" if event.outcome == "failed" else "check_ticket")
        return enter(kept, Phase.TICKET, event.at, policy.photograph_s), (said,)
    if visit.phase not in (Phase.TICKET, Phase.THANKS) or event.outcome != "printed":
        return visit, ()
    return _printed_after_all(visit, event, policy)


def _printed_after_all(visit: Visit, event: PrintingDone, policy: Policy) -> Step:
    """The printer was mended, or answers at last, while the person is still there."""
    if visit.printed == "printed":
        return visit, ()
    stays_s = policy.ticket_s if visit.phase is Phase.TICKET else policy.thanks_s
    out = replace(visit, printed="printed", reprinted=event.again, trouble="")
    return replace(out, deadline=event.at + stays_s), (Say("take_ticket"),)


def _printed_for_another(visit: Visit, event: PrintingDone) -> Step:
    """A paper for somebody who was here before: whoever stands there must not take it."""
    if event.outcome == "failed":
        return visit, ()
    machine = replace(visit.machine, other_paper=event.number, other_paper_at=event.at)
    return replace(visit, machine=machine), ()


def _without_old_news(visit: Visit, at: float) -> Visit:
    machine = visit.machine
    if not machine.other_paper or at - machine.other_paper_at <= OTHER_PAPER_NOTED_S:
        return visit
    return replace(visit, machine=replace(machine, other_paper=""))


def _unheard(visit: Visit, at: float, policy: Policy) -> Step:
    """The printer (or the database) never answered: say so instead of waiting for ever."""
    if visit.ticket is None:
        return _refused(visit, TicketRefused(at, "no_answer"), policy)
    lost = PrintingDone(at, visit.ticket.ticket, "uncertain", "no_answer")
    return _printed(visit, lost, policy)


def _refused(visit: Visit, event: TicketRefused, policy: Policy) -> Step:
    if not _waits(visit):
        return visit, ()
    if event.reason == "field_full" and visit.field is not None:
        return _used_up(visit, visit.field, event.at, policy)
    if event.reason == "office_closed":
        machine, said = replace(visit.machine, open=False), "closed"
    else:
        machine, said = replace(visit.machine, store_reason=event.reason), "ask_staff"
    failed = replace(visit, printed="failed", trouble=event.reason, machine=machine)
    return enter(failed, Phase.THANKS, event.at, policy.ticket_s), (Say(said),)


def _used_up(visit: Visit, field: str, at: float, policy: Policy) -> Step:
    """Somebody took the field's last number in the meantime: choose again."""
    machine = replace(visit.machine, full=visit.machine.full | {field})
    back = replace(visit, field=None, way=None, trouble="field_full", machine=machine)
    return enter(back, Phase.CHOOSE, at, policy.idle_s), (Say("field_full"),)


# ── the kiosk's parts ─────────────────────────────────────────────────────────────────────────


def _camera(visit: Visit, event: CameraState, policy: Policy) -> Step:
    machine = replace(visit.machine, camera=event.working, camera_reason=event.reason)
    visit = replace(visit, machine=machine)
    if event.working:
        return visit, ()
    # Vision counts its tracks anew after a restart: nobody seen before is known any more.
    visit = replace(visit, person=None, others=0, greeted=None, match="", served=None)
    if visit.phase in remembering.PHASES:
        return thank(visit, event.at, policy)
    return visit, ()
