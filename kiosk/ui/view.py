"""The visit as words: a pure function from where the visit stands to what a citizen reads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from math import ceil

from kiosk.config import Settings
from kiosk.locale import Language, catalogue, text
from kiosk.ui import remembering
from kiosk.ui.doorway import door, hours, lesson, opening, written
from kiosk.ui.notice import notice, out_of_sight
from kiosk.ui.remembering import paragraphs
from kiosk.ui.screen import (
    Aside,
    Band,
    Feedback,
    Greeting,
    Header,
    ProgressStep,
    Screen,
    StepState,
    TicketOnScreen,
    Tone,
    Waiting,
)
from kiosk.ui.tiles import looks, tiles
from kiosk.visit.policy import Policy
from kiosk.visit.state import Phase, Visit

_COUNTED_DOWN = frozenset(
    {Phase.CHOOSE, Phase.CARD, Phase.CHECK, Phase.CHIP, Phase.CONSENT, Phase.FORGET}
)
_AWAITING_A_HAND = frozenset({Phase.CHOOSE, Phase.CHECK, Phase.CONSENT, Phase.FORGET})
"""Pages that wait for an answer: elsewhere a hand at rest, or one with a card in it, is right."""


def screen(
    visit: Visit,
    policy: Policy,
    now: float,
    clock: datetime,
    settings: Settings,
    waiting: Mapping[str, Waiting],
    greeting: Greeting | None,
) -> Screen:
    """What to show at ``now`` (seconds, the visit's clock); ``clock`` is the office's local time.

    ``waiting`` is keyed by field id; fields nobody knows about are left out. ``greeting`` is
    shown only when the visit itself greets somebody and nobody else stands near.
    """
    greeted = greeting if visit.greeted is not None and not visit.crowded() else None
    today = clock.date()
    return Screen(
        language=visit.language,
        larger=visit.larger,
        contrast=visit.contrast,
        header=_header(visit.language, clock, settings),
        question=_question(visit, policy, settings),
        instruction=_instruction(visit, policy),
        beside=_beside(visit, policy),
        feedback=_feedback(visit, now, policy, settings),
        aside=_aside(visit, greeted, policy, settings),
        tiles=tiles(visit, policy, settings, waiting),
        icon=_icon(visit, settings),
        caption=_caption(visit, settings),
        paragraphs=paragraphs(visit, settings),
        share=visit.chip_share if visit.phase is Phase.CHIP else 0.0,
        steps=_steps(visit),
        lesson=lesson(visit, policy),
        hours=hours(visit, settings.office, today),
        ticket=_ticket(visit, settings),
        opening=opening(visit, today),
        notice=notice(visit, now, policy),
        countdown=_countdown(visit, now, settings),
        lasts_s=policy.confirm_s if visit.phase is Phase.CONFIRM else 0.0,
        band=_band(visit),
        page=visit.phase.value,
    )


# ── words that stand on every page ────────────────────────────────────────────────────────────


def _header(language: Language, clock: datetime, settings: Settings) -> Header:
    return Header(
        office=settings.office.name.in_(language),
        unit=settings.office.unit.in_(language),
        clock=f"{clock:%H:%M}",
        date=written(language, clock.date()),
    )


def _band(visit: Visit) -> Band:
    say = partial(text, visit.language)
    return Band(
        hand=say("screen.band.hand"),
        fingers=say("screen.band.fingers"),
        keypad=say("screen.band.keypad"),
        help=say("screen.band.help"),
        looks=looks(visit),
    )


def _question(visit: Visit, policy: Policy, settings: Settings) -> str:
    say = partial(text, visit.language)
    match visit.phase:
        case Phase.CONFIRM:
            return say("screen.confirm.question", field=_field_name(visit.field, visit, settings))
        case Phase.CARD | Phase.CONSENT:
            return say(f"screen.{remembering.words(visit)}.question")
        case Phase.THANKS if visit.ticket is None and visit.errand != "forget":
            return say("screen.thanks.sorry")
        case Phase.ATTRACT | Phase.CHOOSE:
            return say(f"screen.{_situation(visit, policy)}.question")
        case _:
            return say(f"screen.{visit.phase}.question")


def _instruction(visit: Visit, policy: Policy) -> str:
    say = partial(text, visit.language)
    match visit.phase:
        case Phase.CARD | Phase.CONSENT:
            return say(f"screen.{remembering.words(visit)}.instruction")
        case Phase.TICKET:
            printed = visit.printed == "printed"
            return say("screen.ticket.take" if printed else "screen.ticket.keep")
        case Phase.THANKS:
            return say(f"screen.thanks.{_outcome(visit)}")
        case Phase.ATTRACT | Phase.CHOOSE:
            situation = _situation(visit, policy)
            by_touch = situation == visit.phase and not visit.machine.camera
            return say(f"screen.{situation}.{'touch' if by_touch else 'instruction'}")
        case _:
            return say(f"screen.{visit.phase}.instruction")


def _situation(visit: Visit, policy: Policy) -> str:
    """What the first two pages are about: with no number left, nothing but that."""
    used_up = visit.machine.full.issuperset(policy.fields)
    return door(visit, policy) or ("full" if used_up else visit.phase.value)


def _outcome(visit: Visit) -> str:
    if visit.errand == "forget":
        return _outcome_of_forgetting(visit)
    if visit.ticket is None:
        return "closed" if visit.trouble == "office_closed" else "refused"
    if visit.enrolled:
        return "remembered" if "recognise" in visit.consented else "kept"
    said = f"screen.thanks.{visit.trouble}"
    return visit.trouble if visit.trouble and said in catalogue(visit.language) else "ticket"


def _outcome_of_forgetting(visit: Visit) -> str:
    if visit.forgotten:
        return "forgotten_no_slip" if visit.slip == "failed" else "forgotten"
    return visit.trouble if visit.trouble in ("not_known", "not_erased") else "kept_as_is"


def _beside(visit: Visit, policy: Policy) -> tuple[str, ...]:
    page = door(visit, policy)
    if page is None:
        return ()
    other: Language = "en" if visit.language == "vi" else "vi"
    return (text(other, f"screen.{page}.question"), text(other, f"screen.{page}.instruction"))


def _feedback(visit: Visit, now: float, policy: Policy, settings: Settings) -> Feedback:
    key, tone = _what_is_seen(visit, now, policy, settings)
    return Feedback(text(visit.language, f"screen.feedback.{key}"), tone)


def _what_is_seen(visit: Visit, now: float, policy: Policy, settings: Settings) -> tuple[str, Tone]:
    person = visit.person
    if door(visit, policy) in ("closed", "full"):
        return "closed" if not visit.machine.open else "full", "hint"
    if not visit.machine.camera:
        return "no_camera", "hint"
    if person is None:
        return "come", "hint"
    if out_of_sight(visit, now):
        return "lost", "hint"
    if person.hand in ("raising", "engaged"):
        return f"hand_{person.hand}", "good"
    if person.hand == "lost" or (person.hand == "closed" and visit.phase in _AWAITING_A_HAND):
        return f"hand_{person.hand}", "hint"
    if person.flaw and _would_help(visit, settings):
        return person.flaw, "hint"
    if person.hand == "low" and visit.phase in _AWAITING_A_HAND:
        return "hand_low", "hint"
    return "seen", "good"


def _would_help(visit: Visit, settings: Settings) -> bool:
    """Whether to say what keeps a face from being seen well: only while something depends on
    it. Whoever has been greeted, or only takes a ticket, is not told how to hold their head."""
    recognising = visit.phase is Phase.CHOOSE and visit.greeted is None and not visit.denied
    return settings.recognition.enabled and (recognising or visit.phase is Phase.ENROL)


def _aside(visit: Visit, greeting: Greeting | None, policy: Policy, settings: Settings) -> Aside:
    say = partial(text, visit.language)
    if greeting is not None and visit.phase is Phase.CHOOSE:
        return Aside(
            label=say("screen.greet.hello"),
            title=greeting.name,
            detail=say("screen.greet.born", birth=greeting.birth) if greeting.birth else "",
            note=say("screen.ai.greeted"),
        )
    if visit.phase is Phase.CONSENT and visit.card is not None:
        asked = visit.questions()
        step = asked.index(visit.question() or asked[-1]) + 1
        return Aside(
            label=say("screen.consent.step", step=step, steps=len(asked)),
            title="",
            detail=say("screen.consent.holder", holder=visit.card.holder),
            note="",
        )
    idle = not visit.machine.camera or door(visit, policy) in ("closed", "full")
    note = "" if idle else say(f"screen.ai.{_watching(visit, settings)}")
    return Aside(label="", title="", detail="", note=note)


def _watching(visit: Visit, settings: Settings) -> str:
    """What the AI system is doing, said in plain words on every page it takes part in."""
    if not settings.recognition.enabled or visit.denied:
        return "off"
    return "recognising" if visit.phase in (Phase.ATTRACT, Phase.CHOOSE) else "after"


def _countdown(visit: Visit, now: float, settings: Settings) -> str:
    if visit.phase not in _COUNTED_DOWN or visit.deadline is None:
        return ""
    left = visit.deadline - now
    if not 0 < left <= settings.visit.countdown_s:
        return ""
    return text(visit.language, "screen.countdown.left", seconds=ceil(left))


# ── what one page shows ───────────────────────────────────────────────────────────────────────


def _field_name(field_id: str | None, visit: Visit, settings: Settings) -> str:
    return "" if field_id is None else settings.field(field_id).name.in_(visit.language)


def _priority_name(visit: Visit, settings: Settings) -> str:
    claimed = settings.priority(visit.priority)
    return "" if claimed is None else claimed.name.in_(visit.language)


def _icon(visit: Visit, settings: Settings) -> str:
    if visit.phase is not Phase.CONFIRM or visit.field is None:
        return ""
    return settings.field(visit.field).icon


def _caption(visit: Visit, settings: Settings) -> str:
    if visit.phase is Phase.CONFIRM and visit.field is not None:
        examples = settings.field(visit.field).examples.in_(visit.language)
        return "\n".join(filter(None, (_priority_name(visit, settings), examples)))
    if visit.phase is Phase.THANKS and visit.errand == "forget":
        settled = visit.forgotten or visit.trouble != "not_erased"
        return text(visit.language, "screen.thanks.like_everybody") if settled else ""
    if visit.phase is Phase.CARD:
        return text(visit.language, f"screen.card.{visit.hint or 'caption'}")
    return catalogue(visit.language).get(f"screen.{visit.phase}.caption", "")


def _steps(visit: Visit) -> tuple[ProgressStep, ...]:
    """What the kiosk has really done: the number is committed, the bytes went out, the printer
    said that the paper is out."""
    if visit.phase is not Phase.PRINT:
        return ()
    done = 0 if visit.ticket is None else 2 if visit.paper == "sent" else 1
    states: tuple[StepState, ...] = (*["done"] * done, "doing", "todo", "todo")  # type: ignore[assignment]
    sending = "queue" if done == 1 and visit.paper == "queued" else "send"
    return tuple(
        ProgressStep(text(visit.language, f"screen.print.{key}"), state)
        for key, state in zip(("number", sending, "confirm"), states, strict=False)
    )


def _ticket(visit: Visit, settings: Settings) -> TicketOnScreen | None:
    ticket = visit.ticket
    if ticket is None or visit.phase not in (Phase.PRINT, Phase.TICKET, Phase.THANKS):
        return None
    say = partial(text, visit.language)
    ahead = ""
    if ticket.ahead is not None:
        ahead = say("screen.ticket.ahead", ahead=ticket.ahead) if ticket.ahead else ""
        ahead = ahead or say("screen.ticket.next")
    return TicketOnScreen(
        number=ticket.number,
        field=_field_name(ticket.field, visit, settings),
        counter=say("screen.ticket.counter", counter=ticket.counter) if ticket.counter else "",
        ahead=ahead,
        priority=_priority_name(visit, settings),
        qr=settings.ticket.code(ticket.reference),
    )
