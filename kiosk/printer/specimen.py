"""A ticket nobody is called by: for the preview, the technician's test and the bench."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from kiosk.config import Settings
from kiosk.locale import Language
from kiosk.printer.layout import render
from kiosk.printer.template import TicketTemplate
from kiosk.printer.ticket import TicketFace

_AHEAD = 4
_REFERENCE = "SPECIMEN22222222"
"""As long as a real one and of the same alphabet (base32); central knows none like it."""


def specimen(
    settings: Settings,
    moment: datetime,
    *,
    language: Language,
    field: str = "",
    priority: str = "",
    name: str | None = None,
) -> TicketFace:
    """A ticket as of ``moment`` (aware) with the number 0 of its series, which is never given.

    ``field`` and ``priority`` are ids; without a field it is of the first one. Raises
    :class:`ConfigError` for one that is not configured.
    """
    business = settings.field(field) if field else settings.fields[0]
    first = settings.priority(priority)
    face = TicketFace.of(
        settings,
        field=business.id,
        priority=priority,
        number=f"{business.prefix}{first.mark if first else ''}000",
        reference=_REFERENCE,
        issued_at=moment,
        ahead=_AHEAD,
        wait_min=round(_AHEAD * business.minutes_each),
        name=name,
        language=language,
    )
    return replace(face, specimen=True)


def warm_up(settings: Settings, template: TicketTemplate, moment: datetime) -> None:
    """Draw a ticket for nobody, so that the first citizen does not wait for the fonts."""
    render(specimen(settings, moment, language="vi"), template)
