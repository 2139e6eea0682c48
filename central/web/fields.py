"""The office's fields and priority classes, by the names people know."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from central.db.models import Office
from central.locale import Language
from central.services.offices import settings_of
from wire import OfficeSettings, Words


@dataclass(frozen=True, slots=True)
class Names:
    """Of an office, in one language; an id that is not there any more is its own name."""

    fields: dict[str, str]
    priorities: dict[str, str]

    def field(self, of: str) -> str:
        """A field's name."""
        return self.fields.get(of, of)

    def priority(self, of: str) -> str:
        """A priority class's name; empty for none."""
        return self.priorities.get(of, of)


def names_of(session: Session, office_id: int, language: Language) -> Names:
    """The names of the office's fields and classes."""
    settings = settings_of(session.get_one(Office, office_id))
    return names_in(settings, language)


def names_in(settings: OfficeSettings | None, language: Language) -> Names:
    """The names in these settings."""
    if settings is None:
        return Names({}, {})
    return Names(
        {each.id: said(each.name, language) for each in settings.fields},
        {each.id: said(each.name, language) for each in settings.priorities},
    )


def said(words: Words, language: Language) -> str:
    """In ``language``; English falls back to Vietnamese."""
    return words.vi if language == "vi" else words.en or words.vi
