"""A ticket nobody is called by: for the preview, the technician's test and the bench."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from kiosk.config import FieldOfBusiness, PriorityClass, Settings
from kiosk.errors import ConfigError
from kiosk.locale import Language
from kiosk.printer.ticket import TicketFace

_AHEAD = 4
_REFERENCE = "SPECIMEN22222222"
"""As long as a real one and of the same alphabet (base32); central knows none like it."""

_Named = TypeVar("_Named", FieldOfBusiness, PriorityClass)


def specimen(
    settings: Settings,
    moment: datetime,
    *,
    language: Language,
    field_id: str | None = None,
    priority_id: str | None = None,
    name: str | None = None,
    reprint: bool = False,
) -> TicketFace:
    """A ticket of the office in ``settings`` as of ``moment`` (aware), number 0 of its series.

    Without ``field_id`` it is of the first field. Raises :class:`ConfigError` ``ticket_field``
    or ``ticket_priority`` for one that is not configured.
    """
    office = settings.office
    field = _named(settings.fields, field_id, "ticket_field") if field_id else settings.fields[0]
    first = _named(settings.priorities, priority_id, "ticket_priority") if priority_id else None
    return TicketFace(
        office=office.name.in_(language),
        unit=office.unit.in_(language),
        field=field.name.in_(language),
        number=f"{field.prefix}{first.mark if first else ''}000",
        counter=field.counter,
        ahead=_AHEAD,
        wait_min=round(_AHEAD * field.minutes_each),
        printed_at=moment.astimezone(ZoneInfo(office.timezone)),
        name=name,
        reference=_REFERENCE,
        language=language,
        kiosk=office.kiosk,
        priority=first.name.in_(language) if first else None,
        reprint=reprint,
        specimen=True,
    )


def _named(among: tuple[_Named, ...], name: str, key: str) -> _Named:
    for each in among:
        if each.id == name:
            return each
    raise ConfigError(key, id=name, known=", ".join(each.id for each in among) or "–")
