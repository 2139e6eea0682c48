"""What every part of the machine does with phases: enter one, thank, end, say."""

from __future__ import annotations

from dataclasses import replace

from kiosk.visit.effects import (
    Effect,
    ForgetCard,
    LookForCard,
    Outcome,
    Say,
    VisitEnded,
)
from kiosk.visit.policy import Policy
from kiosk.visit.state import Phase, Visit

Step = tuple[Visit, tuple[Effect, ...]]


def enter(visit: Visit, phase: Phase, at: float, lasts_s: float | None) -> Visit:
    """``visit`` in ``phase`` from ``at`` on, for so many seconds at most."""
    return replace(visit, phase=phase, since=at, deadline=None if lasts_s is None else at + lasts_s)


def thank(visit: Visit, at: float, policy: Policy, lasts_s: float | None = None) -> Step:
    """Goodbye: nothing of a card stays in memory."""
    told = replace(visit, card=None, representative=None, hint="")
    done = enter(told, Phase.THANKS, at, lasts_s or policy.thanks_s)
    return done, (LookForCard(on=False), ForgetCard(), Say("thanks"))


def end(visit: Visit, outcome: Outcome, at: float, policy: Policy) -> Step:
    """Forget everything about the visit but the state of the machine."""
    ended = VisitEnded(outcome, recognised=visit.recognised())
    fresh = replace(afresh(visit, at, policy), served=visit.person.track if visit.person else None)
    return fresh, (LookForCard(on=False), ForgetCard(), ended)


def afresh(visit: Visit, at: float, policy: Policy) -> Visit:
    """The kiosk waiting, in its own language and look."""
    return Visit(since=at, language=policy.language, machine=visit.machine, served=visit.served)
