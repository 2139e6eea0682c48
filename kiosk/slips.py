"""What the slips say: the proof of a consent, and of an erasure. Words only, nothing is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from kiosk.config import Settings
from kiosk.locale import Language, text
from kiosk.printer.slip import SlipFace
from wire import ConsentGiven


def consent_slip(
    settings: Settings, language: Language, given: Sequence[ConsentGiven], now: datetime
) -> SlipFace:
    """What was agreed to: for which purpose, to which text, for how long, how it is taken back.
    Found again by the first consent's id. ``given`` is not empty."""
    say = partial(text, language)
    lines = [
        say(f"ticket.slip.{one.purpose}", version=one.version)
        for one in sorted(given, key=lambda one: one.purpose)
    ]
    by = given[0].representative
    if by is not None:
        lines.append(say("ticket.slip.representative", name=by.masked.name))
    lines.append(say("ticket.slip.kept", days=settings.privacy.template_days))
    lines.append(say("ticket.slip.withdraw", contact=_contact(settings, language)))
    reference = str(given[0].consent)
    return _face(settings, language, say("ticket.slip.consent"), lines, reference, now)


def erasure_slip(settings: Settings, language: Language, citizen: str, now: datetime) -> SlipFace:
    """What was erased, where it still will be, and what stays: found again by the id the citizen
    had, which says nothing about them."""
    say = partial(text, language)
    kept_elsewhere = "erased_everywhere" if settings.sync.url else "erased_here"
    lines = [
        say("ticket.slip.erased"),
        say(f"ticket.slip.{kept_elsewhere}"),
        say("ticket.slip.proof_stays"),
        say("ticket.slip.questions", contact=_contact(settings, language)),
    ]
    return _face(settings, language, say("ticket.slip.erasure"), lines, citizen, now)


def _contact(settings: Settings, language: Language) -> str:
    return settings.office.contact or settings.office.unit.in_(language)


def _face(
    settings: Settings,
    language: Language,
    title: str,
    lines: Sequence[str],
    reference: str,
    now: datetime,
) -> SlipFace:
    office = settings.office
    return SlipFace(
        office=office.name.in_(language),
        unit=office.unit.in_(language),
        title=title,
        lines=tuple(lines),
        reference=reference,
        printed_at=now.astimezone(ZoneInfo(office.timezone)),
        language=language,
        kiosk=office.kiosk,
    )
