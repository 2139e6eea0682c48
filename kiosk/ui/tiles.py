"""What can be chosen, as words: one tile for each option of a visit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from kiosk.config import Settings
from kiosk.locale import Language, catalogue, text
from kiosk.ui.screen import Tile, TileKind, Waiting
from kiosk.visit.policy import Policy
from kiosk.visit.state import LOOKS, Option, Phase, Visit, options

_REFUSING = ("back", "no_thanks", "skip", "decline", "wrong", "keep")


def tiles(
    visit: Visit, policy: Policy, settings: Settings, waiting: Mapping[str, Waiting]
) -> tuple[Tile, ...]:
    """The answers to the page's question; how the screen looks is chosen in the bottom band."""
    return tuple(
        _tile(option, visit, policy, settings, waiting)
        for option in options(visit, policy)
        if option not in LOOKS
    )


def looks(visit: Visit) -> tuple[Tile, ...]:
    """High contrast, larger type and the other language, by the same keys on every page."""
    chosen = {"larger": visit.larger, "contrast": visit.contrast}
    return tuple(
        Tile(
            option.id,
            "look",
            text(visit.language, f"screen.band.{option.id}"),
            digit=option.digit,
            chosen=chosen.get(option.id, False),
        )
        for option in LOOKS
    )


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
            return _field_tile(tile, what, visit, settings, waiting.get(what))
        case "priority":
            return _priority_tile(tile, visit, settings)
        case "more":
            page = say("screen.choose.page", page=visit.page + 1, pages=policy.pages)
            return tile("more", say("screen.choose.more"), detail=page, icon="more")
        case "not_me":
            return tile("aside", say("screen.greet.not_me"))
        case "my_data":
            return tile("aside", say(f"screen.greet.{'forget' if visit.greeted else 'my_data'}"))
        case "agree" | "decline":
            return tile(_kind(verb), say(f"screen.consent.{what}.{verb}"))
        case _:
            key = f"screen.{visit.phase}.{verb}"
            with_ticket = visit.ticket is not None or visit.phase is Phase.ATTRACT
            detail = catalogue(visit.language).get(f"{key}_detail", "") if with_ticket else ""
            return tile(_kind(verb), say(key), detail=detail)


def _field_tile(
    tile: Callable[..., Tile], id_: str, visit: Visit, settings: Settings, waiting: Waiting | None
) -> Tile:
    field, spent = settings.field(id_), id_ in visit.machine.full
    spent_words = text(visit.language, "screen.choose.spent")
    return tile(
        "field",
        field.name.in_(visit.language),
        detail=field.examples.in_(visit.language),
        waiting=spent_words if spent else _waiting(visit.language, waiting),
        icon=field.icon,
        prefix=field.prefix,
        spent=spent,
    )


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
