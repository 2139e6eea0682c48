"""The visit as words: a pure function from where the visit stands to what a citizen reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import partial
from math import ceil

from kiosk.config import Settings
from kiosk.locale import Language, catalogue, text
from kiosk.ui.notice import notice
from kiosk.ui.screen import (
    Aside,
    Band,
    Feedback,
    Greeting,
    Header,
    Opening,
    ProgressStep,
    Screen,
    TicketOnScreen,
    Tile,
    TileKind,
    Tone,
    Waiting,
)
from kiosk.visit.policy import PURPOSES, Policy
from kiosk.visit.state import LOOKS, Option, Phase, Visit, options

LOST_SIGHT_S = 0.8
"""Not seen for so long: the line under the preview asks whether the person is still there."""

_COUNTED_DOWN = frozenset({Phase.CHOOSE, Phase.CARD, Phase.CONSENT})
_REFUSING = ("back", "no_thanks", "skip", "decline")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


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
    say = partial(text, visit.language)
    greeted = greeting if visit.greeted is not None and not visit.crowded() else None
    return Screen(
        language=visit.language,
        header=_header(visit.language, clock, settings),
        question=_question(visit, settings),
        instruction=_instruction(visit),
        beside=_beside(visit),
        feedback=_feedback(visit, now, settings),
        aside=_aside(visit, greeted, settings),
        tiles=tuple(
            _tile(option, visit, policy, settings, waiting)
            for option in options(visit, policy)
            if option not in LOOKS
        ),
        caption=_caption(visit, settings),
        paragraphs=_paragraphs(visit, settings),
        steps=_steps(visit),
        ticket=_ticket(visit, settings),
        opening=_opening(visit, clock.date()),
        notice=notice(visit),
        countdown=_countdown(visit, now, settings),
        lasts_s=policy.confirm_s if visit.phase is Phase.CONFIRM else 0.0,
        band=Band(
            hand=say("screen.band.hand"),
            fingers=say("screen.band.fingers"),
            keypad=say("screen.band.keypad"),
            help=say("screen.band.help"),
            looks=tuple(_look(option, visit) for option in LOOKS),
        ),
        page=visit.phase.value,
    )


# ── words that stand on every page ────────────────────────────────────────────────────────────


def _header(language: Language, clock: datetime, settings: Settings) -> Header:
    return Header(
        office=settings.office.name.in_(language),
        unit=settings.office.unit.in_(language),
        clock=f"{clock:%H:%M}",
        date=_date(language, clock.date()),
    )


def _date(language: Language, day: date) -> str:
    weekday = text(language, f"screen.date.{_WEEKDAYS[day.weekday()]}")
    return text(
        language,
        "screen.date.format",
        weekday=weekday,
        day=day.day,
        month=day.month,
        year=day.year,
    )


def _question(visit: Visit, settings: Settings) -> str:
    say = partial(text, visit.language)
    match visit.phase:
        case Phase.CONFIRM:
            return say("screen.confirm.question", field=_field_name(visit.field, visit, settings))
        case Phase.CONSENT:
            return say(f"screen.consent.{visit.question()}.question")
        case Phase.THANKS if visit.ticket is None:
            return say("screen.thanks.sorry")
        case Phase.ATTRACT if _is_closed(visit):
            return say("screen.closed.question")
        case _:
            return say(f"screen.{visit.phase}.question")


def _instruction(visit: Visit) -> str:
    say = partial(text, visit.language)
    match visit.phase:
        case Phase.CONSENT:
            return say(f"screen.consent.{visit.question()}.instruction")
        case Phase.TICKET:
            printed = visit.printed == "printed"
            return say("screen.ticket.take" if printed else "screen.ticket.keep")
        case Phase.THANKS:
            return say(f"screen.thanks.{_outcome(visit)}")
        case Phase.ATTRACT if _is_closed(visit):
            return say("screen.closed.instruction")
        case Phase.ATTRACT | Phase.CHOOSE if not visit.machine.camera:
            return say(f"screen.{visit.phase}.touch")
        case _:
            return say(f"screen.{visit.phase}.instruction")


def _outcome(visit: Visit) -> str:
    if visit.ticket is None:
        return "closed" if visit.trouble == "office_closed" else "refused"
    if visit.enrolled:
        return "remembered"
    return "not_remembered" if visit.trouble == "not_enrolled" else "ticket"


def _beside(visit: Visit) -> tuple[str, ...]:
    if visit.phase is not Phase.ATTRACT:
        return ()
    other: Language = "en" if visit.language == "vi" else "vi"
    page = "closed" if _is_closed(visit) else "attract"
    return (text(other, f"screen.{page}.question"), text(other, f"screen.{page}.instruction"))


def _feedback(visit: Visit, now: float, settings: Settings) -> Feedback:
    key, tone = _what_is_seen(visit, now, settings)
    return Feedback(text(visit.language, f"screen.feedback.{key}"), tone)


def _what_is_seen(visit: Visit, now: float, settings: Settings) -> tuple[str, Tone]:
    person = visit.person
    if _is_closed(visit):
        return "closed", "hint"
    if not visit.machine.camera:
        return "no_camera", "hint"
    if person is None:
        return "come", "hint"
    if now - visit.seen_at > LOST_SIGHT_S:
        return "lost", "hint"
    if person.hand:
        return "hand", "good"
    if person.flaw and _would_help(visit, settings):
        return person.flaw, "hint"
    return "seen", "good"


def _would_help(visit: Visit, settings: Settings) -> bool:
    """Whether to say what keeps a face from being seen well: only while something depends on
    it. Whoever has been greeted, or only takes a ticket, is not told how to hold their head."""
    recognising = visit.phase is Phase.CHOOSE and visit.greeted is None and not visit.denied
    return settings.recognition.enabled and (recognising or visit.phase is Phase.ENROL)


def _aside(visit: Visit, greeting: Greeting | None, settings: Settings) -> Aside:
    say = partial(text, visit.language)
    if greeting is not None and visit.phase is Phase.CHOOSE:
        return Aside(
            label=say("screen.greet.hello"),
            title=greeting.name,
            detail=say("screen.greet.born", birth=greeting.birth) if greeting.birth else "",
            note=say("screen.ai.greeted"),
        )
    if visit.phase is Phase.CONSENT and visit.card is not None:
        asked = PURPOSES.index(visit.question() or PURPOSES[-1]) + 1
        return Aside(
            label=say("screen.consent.step", step=asked, steps=len(PURPOSES)),
            title="",
            detail=say("screen.consent.holder", holder=visit.card.holder),
            note="",
        )
    idle = not visit.machine.camera or _is_closed(visit)
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


# ── what can be chosen ────────────────────────────────────────────────────────────────────────


def _tile(
    option: Option,
    visit: Visit,
    policy: Policy,
    settings: Settings,
    waiting: Mapping[str, Waiting],
) -> Tile:
    say = partial(text, visit.language)
    verb, _, what = option.id.partition(":")
    tile = partial(Tile, option.id, digit=option.digit, grave=option.grave)
    match verb:
        case "field":
            field, spent = settings.field(what), what in visit.machine.full
            busy = _waiting(visit.language, waiting.get(what))
            return tile(
                "field",
                field.name.in_(visit.language),
                detail=field.examples.in_(visit.language),
                waiting=say("screen.choose.spent") if spent else busy,
                spent=spent,
            )
        case "priority":
            return _priority_tile(tile, visit, settings)
        case "more":
            page = say("screen.choose.page", page=visit.page + 1, pages=policy.pages)
            return tile("more", say("screen.choose.more"), detail=page)
        case "not_me":
            return tile("aside", say("screen.greet.not_me"))
        case "agree" | "decline":
            return tile(_kind(verb), say(f"screen.consent.{what}.{verb}"))
        case _:
            key = f"screen.{visit.phase}.{verb}"
            return tile(_kind(verb), say(key), detail=_if_any(visit.language, f"{key}_detail"))


def _look(option: Option, visit: Visit) -> Tile:
    chosen = {"larger": visit.larger, "contrast": visit.contrast}.get(option.id, False)
    title = text(visit.language, f"screen.band.{option.id}")
    return Tile(option.id, "look", title, digit=option.digit, chosen=chosen)


def _priority_tile(tile: Callable[..., Tile], visit: Visit, settings: Settings) -> Tile:
    say = partial(text, visit.language)
    chosen = settings.priority(visit.priority)
    if chosen is not None:
        again = say("screen.priority.again")
        return tile("priority", chosen.name.in_(visit.language), detail=again, chosen=True)
    classes = " · ".join(one.name.in_(visit.language) for one in settings.priorities)
    return tile("priority", say("screen.priority.ask"), detail=classes)


def _kind(verb: str) -> TileKind:
    if verb == "start":
        return "start"
    return "no" if verb in _REFUSING else "answer"


def _waiting(language: Language, waiting: Waiting | None) -> str:
    if waiting is None or waiting.people is None:
        return ""
    if waiting.people == 0:
        return text(language, "screen.choose.no_wait")
    if waiting.minutes is None:
        return text(language, "screen.choose.people", people=waiting.people)
    return text(
        language, "screen.choose.people_minutes", people=waiting.people, minutes=waiting.minutes
    )


def _field_name(field_id: str | None, visit: Visit, settings: Settings) -> str:
    return "" if field_id is None else settings.field(field_id).name.in_(visit.language)


def _priority_name(visit: Visit, settings: Settings) -> str:
    claimed = settings.priority(visit.priority)
    return "" if claimed is None else claimed.name.in_(visit.language)


def _if_any(language: Language, key: str) -> str:
    return catalogue(language).get(key, "")


# ── what one page shows ───────────────────────────────────────────────────────────────────────


def _paragraphs(visit: Visit, settings: Settings) -> tuple[str, ...]:
    say = partial(text, visit.language)
    match visit.phase:
        case Phase.ATTRACT:
            contact = settings.office.contact
            return (say("screen.attract.notice"), *((contact,) if contact else ()))
        case Phase.CONSENT:
            return tuple(
                say(
                    f"screen.consent.{visit.question()}.{part}",
                    office=settings.office.name.in_(visit.language),
                    days=settings.privacy.template_days,
                )
                for part in ("what", "why", "long", "sensitive", "no")
            )
        case _:
            return ()


def _caption(visit: Visit, settings: Settings) -> str:
    if visit.phase is Phase.CONFIRM and visit.field is not None:
        examples = settings.field(visit.field).examples.in_(visit.language)
        return "\n".join(filter(None, (_priority_name(visit, settings), examples)))
    return _if_any(visit.language, f"screen.{visit.phase}.caption")


def _steps(visit: Visit) -> tuple[ProgressStep, ...]:
    if visit.phase is not Phase.PRINT:
        return ()
    numbered = visit.ticket is not None
    say = partial(text, visit.language)
    return (
        ProgressStep(say("screen.print.number"), "done" if numbered else "doing"),
        ProgressStep(say("screen.print.paper"), "doing" if numbered else "todo"),
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
        qr=ticket.reference,
    )


def _is_closed(visit: Visit) -> bool:
    """A visit that began in time goes on."""
    return visit.phase is Phase.ATTRACT and not visit.machine.open


def _opening(visit: Visit, today: date) -> Opening | None:
    say, opens = partial(text, visit.language), visit.machine.opens
    if not _is_closed(visit) or opens is None:
        return None
    day = say("screen.closed.today") if opens.date() == today else _date(visit.language, opens)
    return Opening(say("screen.closed.opens"), f"{opens:%H:%M}", day)
