"""What stands on the screen while nobody uses it: for whom it is, how to use it, opening hours."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Literal

from kiosk.config import Office
from kiosk.hours import ALL_DAY
from kiosk.locale import Language, text
from kiosk.ui.screen import LessonPicture, LessonStep, Opening
from kiosk.visit.policy import Policy
from kiosk.visit.state import Phase, Visit, serves

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WITH_CAMERA: tuple[LessonPicture, ...] = ("feet", "palm", "point")
_WITHOUT: tuple[LessonPicture, ...] = ("touch", "keypad")


Door = Literal["attract", "closed", "full"]


def door(visit: Visit, policy: Policy) -> Door | None:
    """What the page at the door is about; ``None`` during a visit, which goes on to its end even
    when the office closes meanwhile."""
    if visit.phase is not Phase.ATTRACT:
        return None
    if not visit.machine.open:
        return "closed"
    return "attract" if serves(visit.machine, policy) else "full"


def lesson(visit: Visit, policy: Policy) -> tuple[LessonStep, ...]:
    """How to begin, picture by picture."""
    if door(visit, policy) != "attract":
        return ()
    pictures = _WITH_CAMERA if visit.machine.camera else _WITHOUT
    return tuple(
        LessonStep(picture, text(visit.language, f"screen.lesson.{picture}"))
        for picture in pictures
    )


def hours(visit: Visit, office: Office, today: date) -> str:
    """When people are served today; empty on other pages and where the office has no hours."""
    if visit.phase is not Phase.ATTRACT:
        return ""
    spans = office.opening().spans(today)
    if not spans or spans == (ALL_DAY,):
        return ""
    said = " · ".join(f"{span.start:%H:%M}\N{EN DASH}{span.end:%H:%M}" for span in spans)
    return text(visit.language, "screen.attract.hours", hours=said)


def opening(visit: Visit, today: date) -> Opening | None:
    """When to come back."""
    say, opens = partial(text, visit.language), visit.machine.opens
    if visit.phase is not Phase.ATTRACT or visit.machine.open or opens is None:
        return None
    day = say("screen.closed.today") if opens.date() == today else written(visit.language, opens)
    return Opening(say("screen.closed.opens"), f"{opens:%H:%M}", day)


def written(language: Language, day: date) -> str:
    """``day`` the way it is read: ``Thứ Ba, 24/11/2026``."""
    weekday = text(language, f"screen.date.{_WEEKDAYS[day.weekday()]}")
    return text(
        language,
        "screen.date.format",
        weekday=weekday,
        day=day.day,
        month=day.month,
        year=day.year,
    )
