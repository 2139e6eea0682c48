"""Whoever stands between the visit and the world: events in, effects carried out.

It holds what the visit must not know — the document behind a card, the database, the devices —
and hands each effect to the part that carries it out. No Qt here: :mod:`kiosk.app` calls it
from the event loop, one call at a time.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from pydantic import ValidationError

from kiosk import perception
from kiosk.clock import Clock
from kiosk.config import Settings
from kiosk.errors import KioskError, StoreError
from kiosk.live_gallery import LiveGallery
from kiosk.parts import Observer, Parts
from kiosk.remembrance import Remembrance
from kiosk.stages import Stopwatch
from kiosk.store.records import Records
from kiosk.store.tickets import IssuedTicket, Tickets
from kiosk.ui.screen import Greeting, Waiting
from kiosk.vision.percepts import Enrolment, Percept
from kiosk.visit.effects import (
    Effect,
    Enrol,
    EraseCitizen,
    ForgetCard,
    IssueTicket,
    LookForCard,
    PrintSlip,
    ReadChip,
    Say,
    VisitEnded,
)
from kiosk.visit.events import (
    CameraState,
    Event,
    HandState,
    OfficeState,
    Picked,
    Printed,
    PrinterState,
    PrintingDone,
    PrintingMoved,
    Tick,
    TicketIssued,
    TicketRefused,
    Way,
)
from kiosk.visit.machine import step
from kiosk.visit.policy import Policy
from kiosk.visit.state import Machine, Visit

_log = logging.getLogger(__name__)

PRINTER_TOLD_S = 10.0
"""Least time between two words to central about the printer."""
TIDY_S = 60.0
"""Time between two looks for what is too old or was turned by an earlier secret."""
_EXPECTED = frozenset({"office_closed", "field_full"})
"""Reasons for giving no number that are no fault."""


class Attendant:
    """Runs one visit after another."""

    def __init__(
        self,
        settings: Settings,
        parts: Parts,
        clock: Clock,
        observers: Sequence[Observer] = (),
        machine: Machine = Machine(),  # noqa: B008 -- a frozen value
    ) -> None:
        """``machine`` is what is known of the kiosk's parts at the start."""
        self._settings = settings
        self._parts = parts
        self._clock = clock
        self._observers = tuple(observers)
        self._events: deque[Event] = deque()
        self._busy = False
        self._stopwatch = Stopwatch()
        self._gallery = LiveGallery(parts.eyes)
        self._tidy_at = float("-inf")
        self.policy = policy_of(settings)
        self.cards = Remembrance(
            settings, parts, clock, self.policy, self._happens, self._keep, self._today
        )
        self.visit = Visit(language=settings.screen.language, machine=machine)
        self.greeting: Greeting | None = None
        self.office_changed = False
        """Central has decided otherwise about fields or hours than what is offered here."""
        self.waiting: dict[str, Waiting] = {}
        """How busy each field is; a field nobody knows about is left out."""
        self._at_the_printer: dict[str, str] = {}
        self._printer: PrinterState | None = None
        self._printer_told: PrinterState | None = None

    # ── what happens ──────────────────────────────────────────────────────────────────────────

    def saw(self, percept: Percept, *, hand: HandState = "none") -> None:
        """A frame was looked at; ``hand`` says what the subject's does."""
        self._clock.frame(percept.at)
        now = self._clock.now()
        self._happens(perception.seen(percept, now, self._settings, hand))
        self.cards.saw(percept, self.visit)

    def scanned(self, payload: bytes) -> None:
        """The scanner read a code."""
        self.cards.scanned(payload, self.visit)

    def picked(self, option: str, way: Way) -> None:
        """An option was chosen."""
        self._happens(Picked(self._clock.now(), option, way))

    def ticked(self) -> None:
        """Time went by."""
        self._happens(Tick(self._clock.now()))

    def camera(self, *, working: bool, reason: str = "") -> None:
        """The camera went away (``reason`` keys why) or came back."""
        machine = self.visit.machine
        if (working, reason) != (machine.camera, machine.camera_reason):
            self._happens(CameraState(self._clock.now(), working, reason))

    def printer(self, state: PrinterState) -> None:
        """The printer's state changed (``state.at`` is set here)."""
        self._printer = replace(state, at=self._clock.now())
        self._happens(self._printer)

    def sending(self, ticket: str) -> None:
        """Bytes of a ticket are about to reach the printer.

        Raises :class:`StoreError` when that cannot be committed: then none may go out.
        """
        if self._parts.records is not None:
            self._parts.records.tickets.begin_print(ticket)
        self._happens(PrintingMoved(self._clock.now(), ticket, "sending"))

    def sent(self, ticket: str) -> None:
        """A ticket was handed over to the printer whole; what it says of it is awaited."""
        self._happens(PrintingMoved(self._clock.now(), ticket, "sent"))

    def printed(self, ticket: str, outcome: Printed, reason: str, *, again: bool = False) -> None:
        """The printer is finished with a ticket; ``again``: with a paper marked as a reprint."""
        self._keep(
            lambda records: records.tickets.record_print(ticket, outcome, reason, again=again)
        )
        number = self._at_the_printer.get(ticket, "")
        if outcome != "uncertain":  # else it may be owed, and come out later
            self._at_the_printer.pop(ticket, None)
        self._happens(PrintingDone(self._clock.now(), ticket, outcome, reason, again, number))

    def collected(self, enrolment: Enrolment) -> None:
        """Vision made a template of the person who consented."""
        self.cards.collected(enrolment, self.visit)
        self._keep(self._follow_gallery)

    def show_gallery(self, model_id: str) -> None:
        """Give vision the templates of everybody who may be recognised."""
        if self.policy.recognise:
            self._gallery.use(model_id)
            self._keep(self._follow_gallery)

    def _follow_gallery(self, records: Records) -> None:
        self._gallery.follow(records.citizens)

    def resume(self) -> None:
        """Print what a crash or power cut kept from the printer."""
        self._keep(self._print_left_over)

    def _print_left_over(self, records: Records) -> None:
        for ticket in records.resume():
            self._print(ticket)

    def consult(self) -> None:
        """Ask the records what may have changed by itself: how busy and how full the fields are,
        whether the office is open, which papers the staff want printed again, whom to recognise.
        To be called every few seconds."""
        self.waiting = {}
        self._keep(self._consult)

    def _consult(self, records: Records) -> None:
        self.office_changed = records.office_changed()
        self.waiting = dict(self._queues(records))
        self._ask_for_numbers(records.tickets)
        for ticket in records.tickets.reprints_due():
            self._print(ticket, again=True)
        self._tell_about_the_printer(records)
        self._tidy_up(records)
        self._gallery.follow(records.citizens)

    def _tidy_up(self, records: Records) -> None:
        """A little at a time, so that the screen never waits; after a fault not again at once."""
        now = self._clock.now()
        if now < self._tidy_at:
            return
        self._tidy_at = now + TIDY_S
        if records.tidy_up():
            self._tidy_at = now

    def _queues(self, records: Records) -> Iterator[tuple[str, Waiting]]:
        for field in self._settings.fields:
            queue = records.tickets.queue(field.id)
            if queue is not None:
                yield field.id, Waiting(queue.ahead, queue.wait_min)

    def _ask_for_numbers(self, tickets: Tickets) -> None:
        fields = [field.id for field in self._settings.fields]
        full = frozenset(each for each in fields if tickets.availability(each) == "full")
        is_open, machine = tickets.is_open(), self.visit.machine
        opens = None if is_open else tickets.next_opening()
        if (is_open, opens, full) != (machine.open, machine.opens, machine.full):
            self._happens(OfficeState(self._clock.now(), is_open, opens, full))

    def _tell_about_the_printer(self, records: Records) -> None:
        """Central hears of each lasting change; one whose state flickers is not told of each."""
        now, printer, told = self._clock.now(), self._printer, self._printer_told
        if printer is None:
            return
        if told is not None:
            same = (told.state, told.reason) == (printer.state, printer.reason)
            if same or now - told.at < PRINTER_TOLD_S:
                return
        records.printer_changed(printer.state, printer.reason)
        self._printer_told = replace(printer, at=now)

    # ── the visit, one event at a time ────────────────────────────────────────────────────────

    def _happens(self, event: Event) -> None:
        """Events that effects cause are dealt with after the one at hand, never inside it."""
        self._events.append(event)
        if self._busy:
            return
        self._busy = True
        try:
            while self._events:
                self._step(self._events.popleft())
        finally:
            self._busy = False

    def _step(self, event: Event) -> None:
        before = self.visit
        self.visit, effects = step(before, event, self.policy)
        self._stopwatch.changed(before, self.visit, event.at)
        self._know_whom_to_greet(before)
        for effect in effects:
            self._carry(effect, before)
        if self.visit != before:
            for observer in self._observers:
                observer.changed(before, self.visit, event.at)

    def _know_whom_to_greet(self, before: Visit) -> None:
        citizen = self.visit.greeted
        if citizen == before.greeted:
            return
        self.greeting = None
        if citizen is not None:
            self._keep(lambda records: self._learn(records, citizen))

    def _learn(self, records: Records, citizen: str) -> None:
        known = records.citizens.greeting(citizen)
        if known is not None:
            self.greeting = Greeting(known.masked_name, known.masked_birth)
            records.citizens.touch(citizen)

    def _carry(self, effect: Effect, before: Visit) -> None:
        match effect:
            case IssueTicket():
                self._issue(effect)
            case LookForCard(on=on):
                self.cards.look_for_card(on)
            case ReadChip():
                self.cards.read_chip()
            case Enrol(track=track):
                self.cards.enrol(track, self.visit)
            case EraseCitizen(citizen_id=citizen):
                self.cards.erase(citizen)
                self._keep(self._follow_gallery)
            case PrintSlip():
                self.cards.print_slip(self.visit)
            case ForgetCard():
                self.cards.forget_cards()
            case Say(key=key):
                self._parts.mouth.say(key, self.visit.language)
            case VisitEnded():
                self._conclude(effect, before)

    def _issue(self, effect: IssueTicket) -> None:
        """The number is committed first; only then may paper move."""
        if self._parts.records is None:
            self._happens(TicketRefused(self._clock.now(), "store_closed"))
            return
        try:
            ticket = self._parts.records.tickets.issue(
                effect.field,
                effect.citizen_id,
                effect.way.value,
                language=self.visit.language,
                priority=effect.priority,
                match=effect.match,
            )
        except StoreError as error:
            level = logging.INFO if error.key in _EXPECTED else logging.ERROR
            _log.log(level, "%s", error.both())
            self._happens(TicketRefused(self._clock.now(), error.key))
            return
        self._happens(
            TicketIssued(
                self._clock.now(),
                ticket.id,
                ticket.number,
                ticket.reference,
                ticket.field,
                counter=self._settings.field(ticket.field).counter,
                ahead=ticket.ahead,
            )
        )
        self._print(ticket, name=self.greeting.name if self.greeting else None)

    def _print(self, ticket: IssuedTicket, *, name: str | None = None, again: bool = False) -> None:
        self._at_the_printer[ticket.id] = ticket.number
        self._parts.paper.print(ticket, name=name, again=again)

    def _conclude(self, effect: VisitEnded, before: Visit) -> None:
        self.cards.ended()
        record = self._stopwatch.record(before, effect.outcome)
        self._keep(
            lambda records: records.visit_ended(
                effect.outcome, record.approach_to_ticket_s, recognised=effect.recognised
            )
        )
        for observer in self._observers:
            observer.ended(record)

    def _today(self) -> datetime:
        """The office's time, or the machine's when there is no database."""
        return self._parts.records.now() if self._parts.records else datetime.now(UTC)

    def _keep(self, what: Callable[[Records], object]) -> bool:
        """Do something with the records; a fault is logged and the visit goes on."""
        if self._parts.records is None:
            return False
        try:
            what(self._parts.records)
        except KioskError as error:
            _log.error("%s", error.both())
            return False
        except ValidationError as error:
            # The details hold what the card said: only how many faults there were is logged.
            _log.error("A record outside the sync contract: %d faults", error.error_count())
            return False
        return True


def policy_of(settings: Settings) -> Policy:
    """The visit's policy as the office configured it."""
    visit = settings.visit
    return Policy(
        fields=tuple(field.id for field in settings.fields),
        priorities=tuple(one.id for one in settings.priorities),
        language=settings.screen.language,
        recognise=settings.recognition.enabled,
        wrong_greeting_visits=settings.recognition.wrong_greeting_visits,
        leave_s=visit.leave_s,
        confirm_s=visit.confirm_s,
        idle_s=visit.idle_s,
        print_s=visit.print_s,
        ticket_s=visit.ticket_s,
        photograph_s=visit.photograph_s,
        card_s=visit.card_s,
        enrol_s=visit.enrol_s,
        thanks_s=visit.thanks_s,
        chip=settings.reader.chip != "none",
    )
