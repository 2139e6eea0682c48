"""The one notice of a page: what is the matter, and what to do about it."""

from __future__ import annotations

from functools import partial

from kiosk.locale import catalogue, text
from kiosk.ui.screen import Notice
from kiosk.visit.policy import Policy
from kiosk.visit.state import Phase, Visit

LOST_SIGHT_S = 0.8
"""Not seen for so long: the screen asks whether the person is still there."""

_KEPT_FROM_CHOOSING = frozenset({"small", "near", "dark", "bright"})
"""Flaws that also keep a hand from being seen: they concern whoever only wants a ticket."""


def notice(visit: Visit, now: float, policy: Policy) -> Notice | None:
    """The one thing that most needs saying; trouble with the paper in hand comes first."""
    match visit.phase:
        case Phase.TICKET | Phase.THANKS if visit.ticket and visit.printed != "printed":
            key = "uncertain" if visit.printed == "uncertain" else "failed"
            return _told(visit, key, key)
        case Phase.CARD if visit.trouble:
            return _told(visit, visit.trouble, "card")
        case Phase.CHIP if visit.trouble:
            return _told(visit, visit.trouble, "chip")
        case Phase.CHOOSE if visit.machine.full.issuperset(policy.fields):
            return _told(visit, "all_full", "all_full")
        case Phase.CHOOSE if visit.trouble:
            return _told(visit, visit.trouble, "field_full")
        case Phase.TICKET | Phase.THANKS if visit.reprinted:
            return _told(visit, "reprinted", "reprinted")
        case Phase.ATTRACT if not visit.machine.open:
            return None
    if visit.machine.other_paper:
        return _told(visit, "other_paper", "other_paper", number=visit.machine.other_paper)
    if visit.phase in (Phase.TICKET, Phase.THANKS):
        return None
    if visit.machine.store_reason:
        return _told(visit, visit.machine.store_reason, "store")
    if visit.shared(now):
        return _told(visit, "crowded", "crowded")
    return _about_the_parts(visit) or _about_the_person(visit, now)


def out_of_sight(visit: Visit, now: float) -> bool:
    """The person has not been seen for a moment, but is not given up yet."""
    return visit.person is not None and now - visit.seen_at > LOST_SIGHT_S


def _about_the_parts(visit: Visit) -> Notice | None:
    """The printer first: without a camera every page says already how else to choose."""
    machine = visit.machine
    if machine.printer == "bad":
        return _told(visit, machine.printer_reason, "printer")
    return None if machine.camera else _told(visit, machine.camera_reason, "no_camera")


def _about_the_person(visit: Visit, now: float) -> Notice | None:
    """What keeps a hand from choosing, while it could."""
    person = visit.person
    if person is None or visit.phase is not Phase.CHOOSE:
        return None
    if out_of_sight(visit, now):
        return _told(visit, "lost", "lost")
    shown = person.hand in ("raising", "engaged", "lost")
    if person.flaw in _KEPT_FROM_CHOOSING and not shown and visit.greeted is None:
        return _told(visit, person.flaw, person.flaw)
    return None


def _told(visit: Visit, key: str, general: str, **fields: str) -> Notice:
    told = key if f"screen.notice.{key}" in catalogue(visit.language) else general
    say = partial(text, visit.language)
    return Notice(say(f"screen.notice.{told}", **fields), say(f"screen.notice.{general}_do"))
