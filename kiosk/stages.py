"""How long each stage of a visit took: what managers and the demo report."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from kiosk.visit.state import Phase, Visit


@dataclass(frozen=True, slots=True)
class VisitRecord:
    """One visit that is over, without a name."""

    ticket: str | None
    """The number on the ticket."""
    field: str | None
    outcome: str
    recognised: bool
    enrolled: bool
    approach_to_ticket_s: float | None
    stages_ms: dict[str, float] = dataclasses.field(default_factory=dict[str, float])
    """Milliseconds spent in each phase, summed over returns to it."""


class Stopwatch:
    """Follows one visit after another; fed with every change of state."""

    def __init__(self) -> None:
        self._stages: dict[str, float] = {}
        self._ticket_s: float | None = None

    def changed(self, before: Visit, after: Visit, at: float) -> None:
        """The visit went from ``before`` to ``after`` at ``at`` seconds."""
        if before.phase is after.phase:
            return
        if before.phase is Phase.ATTRACT:
            self._stages, self._ticket_s = {}, None
        else:
            name = before.phase.value
            self._stages[name] = self._stages.get(name, 0.0) + (at - before.since) * 1000
        if after.phase is Phase.TICKET:
            self._ticket_s = at - after.started

    @property
    def approach_to_ticket_s(self) -> float | None:
        """From the person being near to the ticket being out, in the visit under way."""
        return self._ticket_s

    def record(self, visit: Visit, outcome: str) -> VisitRecord:
        """The record of ``visit``, which is just over."""
        return VisitRecord(
            ticket=visit.ticket.number if visit.ticket else None,
            field=visit.field,
            outcome=outcome,
            recognised=visit.recognised(),
            enrolled=visit.enrolled,
            approach_to_ticket_s=self._ticket_s,
            stages_ms={name: round(ms, 1) for name, ms in self._stages.items()},
        )
