"""Plays a day through central's services: a kiosk gives numbers, officers call and serve.

Nothing is written past the services: what a page shows of this day it would show of a real one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Concatenate, ParamSpec, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.db.models import Ticket
from central.services import serving
from central.services.board import read_board, read_pace
from central.services.counters import (
    Desk,
    close_counter,
    desk_of,
    open_counter,
    open_sessions,
)
from central.services.estimate import Pace
from central.services.queue import first_in_line
from central.simulation.agenda import Actor, Agenda
from central.simulation.crowd import Person
from central.simulation.foretold import Foretold
from central.simulation.kiosk import Place, SimulatedKiosk

_PACE_LASTS = timedelta(seconds=30)
_RECALL_S, _GIVE_UP_S = 45, 55
_MINUTE = timedelta(minutes=1)
Span = tuple[datetime, datetime]
_Rest = ParamSpec("_Rest")
_Result = TypeVar("_Result")


@dataclass(slots=True)
class Officer:
    """Somebody who sits at a counter and calls."""

    user_id: int
    counter_id: int
    fields: tuple[str, ...]
    spans: tuple[Span, ...]
    slowness: float
    """Times the minutes of an officer of middling speed."""
    held: list[UUID] = field(default_factory=list[UUID])
    """Those back from filling something in: they are called first."""


@dataclass(slots=True)
class _Told:
    at: datetime
    estimate: float
    naive: float
    shared: float


class SimulatedDay:
    """One day, on its :attr:`agenda`."""

    def __init__(
        self,
        place: Place,
        kiosk: SimulatedKiosk,
        people: Sequence[Person],
        officers: Sequence[Officer],
        random: Random,
        known: Sequence[UUID] = (),
    ) -> None:
        self._place, self._random, self._known = place, random, known
        self._kiosk = kiosk
        self._persons: dict[UUID, Person] = {}
        self._told: dict[UUID, _Told] = {}
        self._called: set[UUID] = set()
        self._were_held: set[UUID] = set()
        self._pace: tuple[datetime, Pace] | None = None
        self.foretold: list[Foretold] = []
        self.agenda = Agenda(min(who.spans[0][0] for who in officers))
        self.agenda.start(self._arrivals(people))
        for who in officers:
            self.agenda.start(self._works(who))

    @property
    def tickets(self) -> int:
        """How many numbers were given so far."""
        return len(self._persons)

    @property
    def _now(self) -> datetime:
        return self.agenda.now

    def _later(self, seconds: float) -> datetime:
        return self._now + timedelta(seconds=seconds)

    def _arrivals(self, people: Sequence[Person]) -> Actor:
        for person in people:
            yield person.at
            known = self._random.choice(self._known) if self._known else None
            with self._place.database.noting() as session:
                citizen = known if person.is_recognised else None
                ticket = self._kiosk.gives(session, person, citizen, self._now)
            self._persons[ticket] = person
            self._note_told(ticket, person)
            self.agenda.wake()

    def _works(self, who: Officer) -> Actor:
        for start, end in who.spans:
            yield start
            self._open(who)
            while self._now < end or not self._at_desk(who, self._closes, who):
                ticket = self._at_desk(who, self._calls, who)
                if ticket is not None:
                    yield from self._serves(who, ticket)
                    yield self._later(self._random.uniform(8, 40))
                else:
                    self.agenda.start(self._reminder(end))
                    yield None
                    yield self._later(self._random.uniform(2, 8))

    def _reminder(self, at: datetime) -> Actor:
        yield at
        self.agenda.wake()

    def _serves(self, who: Officer, ticket: UUID) -> Actor:
        person = self._persons[ticket]
        is_first = self._note_called(ticket)
        if is_first and person.is_absent:
            yield self._later(_RECALL_S)
            self._step(who, serving.recall, ticket)
            yield self._later(_GIVE_UP_S)
            self._step(who, serving.not_there, ticket)
            if person.back_after_min is not None:
                self.agenda.start(self._comes_back(who, ticket, person.back_after_min))
            return
        yield self._later(person.walk_s)
        self._step(who, serving.arrived, ticket)
        minutes = person.minutes * who.slowness
        if person.held_min is not None and ticket not in self._were_held:
            self._were_held.add(ticket)
            yield self._later(minutes * 60 / 2)
            self._step(who, serving.hold, ticket)
            self.agenda.start(self._fills_in(who, ticket, person.held_min))
        else:
            yield self._later(minutes * 60)
            self._at_desk(who, self._leaves, ticket)
            self.agenda.wake()

    def _comes_back(self, who: Officer, ticket: UUID, minutes: float) -> Actor:
        yield self._later(minutes * 60)
        if self._at_desk(who, lambda *_: True):
            self._step(who, serving.back_in_line, ticket)
            self.agenda.wake()

    def _fills_in(self, who: Officer, ticket: UUID, minutes: float) -> Actor:
        yield self._later(minutes * 60)
        who.held.append(ticket)
        self.agenda.wake()

    def _open(self, who: Officer) -> None:
        with self._place.database.noting() as session:
            of = (self._place.office_id, who.user_id, who.counter_id, who.fields)
            open_counter(session, *of, self._now, take_over=True)

    def _at_desk(
        self,
        who: Officer,
        does: Callable[Concatenate[Session, Desk, _Rest], _Result],
        *rest: _Rest.args,
        **more: _Rest.kwargs,
    ) -> _Result | None:
        """In a transaction; None when the counter is closed."""
        with self._place.database.noting() as session:
            desk = desk_of(session, who.user_id)
            return does(session, desk, *rest, **more) if desk else None

    def _step(
        self,
        who: Officer,
        step: Callable[[Session, Desk, UUID, date, datetime], Ticket],
        ticket: UUID,
    ) -> None:
        self._at_desk(who, step, ticket, self._place.day, self._now)

    def _calls(self, session: Session, desk: Desk, who: Officer) -> UUID | None:
        day = self._place.day
        if who.held:
            return serving.call_again(session, desk, who.held.pop(0), day, self._now).id
        ticket = serving.call_next(session, desk, day, self._now)
        return ticket.id if ticket else None

    def _closes(self, session: Session, desk: Desk, who: Officer) -> bool:
        """At noon those who wait come back in the afternoon; in the evening all are served."""
        if self._now >= who.spans[-1][1] and (who.held or self._is_waited_for(session, desk)):
            return False
        close_counter(session, desk, self._place.day, self._now)
        return True

    def _is_waited_for(self, session: Session, desk: Desk) -> bool:
        of = (self._place.office_id, self._place.day, desk.session.fields, desk.counter.id)
        return first_in_line(session, *of) is not None

    def _leaves(self, session: Session, desk: Desk, ticket: UUID) -> None:
        person, of = self._persons[ticket], (session, desk, ticket)
        field = session.scalars(select(Ticket.field).where(Ticket.id == ticket)).one()
        is_served = any(
            person.sent_to in each.session.fields
            for each in open_sessions(session, self._place.office_id)
        )
        if person.sent_to and is_served and field == person.field:
            serving.transfer(*of, self._place.day, self._now, field=person.sent_to)
        else:
            serving.finish(*of, serving.FINISH[person.outcome], self._place.day, self._now)

    def _note_told(self, ticket: UUID, person: Person) -> None:
        """What the ticket says of the wait, three ways."""
        with self._place.database.reading() as session:
            pace = self._pace_now(session)
            board = read_board(session, self._place.office_id, self._place.zone, pace, self._now)
        wait, ahead = board.wait_of(ticket), board.ahead(ticket)
        serving_it = sum(person.field in counter.fields for counter in board.counters)
        if wait is not None and ahead is not None:
            naive = ahead * pace.expected(person.field)
            self._told[ticket] = _Told(self._now, wait / _MINUTE, naive, naive / serving_it)

    def _note_called(self, ticket: UUID) -> bool:
        """Whether it is the first call, which is what was foretold."""
        told = self._told.pop(ticket, None)
        if told is not None:
            real = (self._now - told.at) / _MINUTE
            self.foretold.append(Foretold(real, told.estimate, told.naive, told.shared))
        is_first = ticket not in self._called
        self._called.add(ticket)
        return is_first

    def _pace_now(self, session: Session) -> Pace:
        if self._pace is None or self._now - self._pace[0] > _PACE_LASTS:
            self._pace = (self._now, read_pace(session, self._place.office_id, self._now))
        return self._pace[1]
