"""The part of the visit that has to do with being remembered, and forgotten.

::

    ticket ──remember──▶ card ──▶ (check) ──▶ (chip) ──▶ consent ──▶ … ──▶ enrol ──▶ thanks
                          ▲                                 │                        │slip
    choose ──my data──────┤   a child: the representative's card, then consent       ▼
       │ greeted          └── to be forgotten: forget ──yes, for sure──▶ thanks ◀────┘
       └─────────────────────────────▲

What is in brackets is left out where there is nothing to check and no reader of chips. Nothing is
kept before the last question is answered; "no", silence and leaving keep nothing.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.visit.effects import (
    Enrol,
    EraseCitizen,
    ForgetCard,
    LookForCard,
    PrintSlip,
    ReadChip,
    Say,
)
from kiosk.visit.events import (
    CardRead,
    CardRefused,
    CardShown,
    ChipProgress,
    Enrolled,
    Erased,
    SlipPrinted,
)
from kiosk.visit.phases import Step, enter, thank
from kiosk.visit.policy import ADULT_AGE, Policy
from kiosk.visit.state import Errand, Phase, Visit

PHASES = frozenset({Phase.CARD, Phase.CHECK, Phase.CHIP, Phase.CONSENT, Phase.ENROL, Phase.FORGET})
"""Phases of this part: they end without a camera, for they are about whoever it sees."""


def look_for_card(visit: Visit, errand: Errand, at: float, policy: Policy) -> Step:
    """Ask for a card, to be remembered or forgotten by."""
    asked = replace(visit, errand=errand, trouble="", hint="")
    return enter(asked, Phase.CARD, at, policy.card_s), (LookForCard(on=True), Say("card"))


def shown(visit: Visit, event: CardShown) -> Step:
    """How to hold the card, as long as it is looked for."""
    return (replace(visit, hint=event.hint) if visit.phase is Phase.CARD else visit), ()


def read(visit: Visit, event: CardRead, policy: Policy) -> Step:
    """A card was read, in whatever way."""
    if visit.phase is Phase.CHOOSE:
        return _greeted_by_card(visit, event)
    if visit.phase not in (Phase.CARD, Phase.CHIP):
        return visit, ()
    if visit.card is not None and visit.needs_representative():
        return _represented(visit, event, policy)
    got = replace(visit, card=event, trouble="", hint="")
    stop = LookForCard(on=False)
    if event.to_confirm:
        asked = enter(got, Phase.CHECK, event.at, policy.idle_s)
        return asked, (stop, Say("check"))
    after, effects = _checked(got, event.at, policy)
    return after, (stop, *effects)


def refused(visit: Visit, event: CardRefused, policy: Policy) -> Step:
    """What was shown is no card, or a chip could not be read: another try, or without it."""
    if visit.phase is Phase.CARD:
        return replace(visit, trouble=event.reason), ()
    if visit.phase is not Phase.CHIP:
        return visit, ()
    if event.final:
        return thank(replace(visit, trouble=event.reason), event.at, policy)
    return replace(visit, trouble=event.reason, chip_share=0.0), ()


def chip_progressed(visit: Visit, event: ChipProgress) -> Step:
    """The chip is being read."""
    if visit.phase is not Phase.CHIP:
        return visit, ()
    return replace(visit, chip_share=event.share, trouble=""), ()


def _greeted_by_card(visit: Visit, event: CardRead) -> Step:
    """A known citizen laid their card on the scanner: they are known as by their face, until
    somebody else stands there."""
    if event.known is None or visit.denied or visit.crowded():
        return visit, (ForgetCard(),)
    said = () if event.known == visit.welcomed else (Say("greet"),)
    greeted = replace(visit, greeted=event.known, welcomed=event.known, match="card")
    return greeted, (ForgetCard(), *said)


def _checked(visit: Visit, at: float, policy: Policy) -> Step:
    """The card's data are right."""
    card = visit.card
    assert card is not None  # noqa: S101 -- read just now
    if visit.errand == "forget":
        if card.known is None:
            return thank(replace(visit, trouble="not_known"), at, policy)
        return _ask_to_forget(replace(visit, erasing=card.known), at, policy)
    if policy.chip and not card.chip:
        waiting = enter(replace(visit, chip_share=0.0), Phase.CHIP, at, policy.card_s)
        return waiting, (ReadChip(), Say("chip"))
    return _consent_or_representative(visit, at, policy)


def _consent_or_representative(visit: Visit, at: float, policy: Policy) -> Step:
    if visit.needs_representative():
        asked = enter(visit, Phase.CARD, at, policy.card_s)
        return asked, (LookForCard(on=True), Say("representative"))
    return enter(visit, Phase.CONSENT, at, policy.idle_s), (Say("consent"),)


def _represented(visit: Visit, event: CardRead, policy: Policy) -> Step:
    """Somebody consents for a child: an adult, with a card of their own."""
    fit = event.age is not None and event.age >= ADULT_AGE and not event.same
    if not fit or event.to_confirm:
        return replace(visit, trouble="not_representative"), ()
    done = replace(visit, representative=event, trouble="", hint="")
    asked = enter(done, Phase.CONSENT, event.at, policy.idle_s)
    return asked, (LookForCard(on=False), Say("consent"))


# ── choices ───────────────────────────────────────────────────────────────────────────────────


def picked(visit: Visit, option: str, at: float, policy: Policy) -> Step:
    """A choice on one of this part's pages, or the one that leads to them."""
    verb, _, what = option.partition(":")
    match verb:
        case "remember":
            return look_for_card(visit, "remember", at, policy)
        case "my_data" if visit.greeted is not None:
            return _ask_to_forget(replace(visit, erasing=visit.greeted), at, policy)
        case "my_data":
            return look_for_card(visit, "forget", at, policy)
        case "skip" if visit.phase is Phase.CHIP and not visit.needs_representative():
            return _consent_or_representative(visit, at, policy)
        case "right":
            return _checked(visit, at, policy)
        case "wrong":
            again, effects = look_for_card(replace(visit, card=None), visit.errand, at, policy)
            return again, (ForgetCard(), *effects)
        case "agree":
            return _answered(replace(visit, consented=(*visit.consented, what)), at, policy)
        case "decline" if what == "recognise":
            return _answered(replace(visit, declined=(*visit.declined, what)), at, policy)
        case "forget":
            return _erase(visit, at, policy)
        case "slip":
            return replace(visit, slip="printing"), (PrintSlip(),)
        case _:  # no_thanks, skip, decline, keep
            return thank(visit, at, policy)


def _answered(visit: Visit, at: float, policy: Policy) -> Step:
    if visit.question() is not None:
        return enter(visit, Phase.CONSENT, at, policy.idle_s), (Say("consent"),)
    if visit.card is None or visit.person is None:
        return thank(visit, at, policy)
    by_face = "recognise" in visit.consented
    enrolling = enter(visit, Phase.ENROL, at, policy.enrol_s)
    track = visit.person.track if by_face else None
    return enrolling, (Enrol(visit.card.card, track), *((Say("look_here"),) if by_face else ()))


def enrolled(visit: Visit, event: Enrolled, policy: Policy) -> Step:
    """The citizen is known from now on, or could not be."""
    if visit.phase is not Phase.ENROL:
        return visit, ()
    done = replace(visit, enrolled=event.ok, trouble="" if event.ok else event.reason)
    return thank(done, event.at, policy, policy.ticket_s if event.ok else None)


# ── forgotten ─────────────────────────────────────────────────────────────────────────────────


def _ask_to_forget(visit: Visit, at: float, policy: Policy) -> Step:
    asked = enter(replace(visit, errand="forget"), Phase.FORGET, at, policy.idle_s)
    return asked, (LookForCard(on=False), Say("forget"))


def _erase(visit: Visit, at: float, policy: Policy) -> Step:
    if visit.erasing is None:
        return thank(visit, at, policy)
    # Whoever is forgotten is greeted no more, and no ticket of this visit is theirs.
    gone = replace(visit, greeted=None, match="", welcomed=None, denied=True)
    return enter(gone, Phase.FORGET, at, policy.enrol_s), (EraseCitizen(visit.erasing),)


def erased(visit: Visit, event: Erased, policy: Policy) -> Step:
    """The citizen is forgotten, and gets it in writing."""
    if visit.phase is not Phase.FORGET:
        return visit, ()
    if not event.ok:
        return thank(replace(visit, trouble="not_erased"), event.at, policy, policy.ticket_s)
    done = replace(visit, erasing=None, forgotten=True, slip="printing")
    after, effects = thank(done, event.at, policy, policy.ticket_s)
    return after, (PrintSlip(), *effects)


def slip_printed(visit: Visit, event: SlipPrinted, policy: Policy) -> Step:
    """The paper that proves a consent or an erasure came out, or did not."""
    if visit.phase is not Phase.THANKS or visit.slip != "printing":
        return visit, ()
    slip = "printed" if event.ok else "failed"
    return replace(visit, slip=slip, deadline=event.at + policy.ticket_s), ()
