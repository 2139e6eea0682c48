"""Words of the pages that have to do with cards, consent and being forgotten."""

from __future__ import annotations

from functools import partial

from kiosk.config import Settings
from kiosk.locale import text
from kiosk.visit.state import Phase, Visit

_PARTS = ("what", "why", "long", "sensitive", "no")
"""What the law wants said before each question (docs/privacy.md)."""


def words(visit: Visit) -> str:
    """Where the question and instruction of a page with several wordings are in the catalogue."""
    if visit.phase is Phase.CONSENT:
        return f"consent.{visit.question() or visit.questions()[-1]}"
    if visit.needs_representative():
        return "card.representative"
    return "card.forget" if visit.errand == "forget" else "card"


def paragraphs(visit: Visit, settings: Settings) -> tuple[str, ...]:
    """The longer text of a page: the notice at the door, what a consent is about, what was read
    off a card, what forgetting means."""
    say = partial(text, visit.language)
    match visit.phase:
        case Phase.ATTRACT:
            contact = settings.office.contact
            return (say("screen.attract.notice"), *((contact,) if contact else ()))
        case Phase.CONSENT:
            return tuple(
                say(
                    f"screen.{words(visit)}.{part}",
                    office=settings.office.name.in_(visit.language),
                    days=settings.privacy.template_days,
                )
                for part in _PARTS
            )
        case Phase.CHECK if visit.card is not None and not visit.crowded():
            read = visit.card.to_confirm
            return tuple(f"{say(f'screen.check.{key}')}: {value}" for key, value in read)
        case Phase.FORGET:
            return tuple(say(f"screen.forget.{part}") for part in ("what", "where", "proof", "no"))
        case _:
            return ()
