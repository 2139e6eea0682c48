"""Somebody at the door, played into the machine one event at a time."""

from __future__ import annotations

from kiosk.visit.effects import Effect, IssueTicket, VisitEnded
from kiosk.visit.events import (
    Candidate,
    Event,
    Person,
    Picked,
    PrintingDone,
    Seen,
    TicketIssued,
    Way,
)
from kiosk.visit.machine import step
from kiosk.visit.policy import Policy
from kiosk.visit.state import Visit

POLICY = Policy(fields=tuple("abcdefgh"), priorities=("elderly", "disabled"))
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

    def prints(self, outcome: str = "printed", reason: str = "") -> Door:
        self.happens(TicketIssued(self.at, "t1", "A001", "R", "a", "1", 3))
        return self.papers("t1", outcome, reason)

    def papers(
        self, ticket: str, outcome: str = "printed", reason: str = "", *, again: bool = False
    ) -> Door:
        done = PrintingDone(self.at, ticket, outcome, reason, again, "A001")  # type: ignore[arg-type]
        return self.happens(done)

    def issued(self) -> list[IssueTicket]:
        return [e for e in self.effects if isinstance(e, IssueTicket)]

    def ended(self) -> list[VisitEnded]:
        return [e for e in self.effects if isinstance(e, VisitEnded)]
