"""What central decided about the office, in place of the same keys of the settings file."""

from __future__ import annotations

import logging

from pydantic import ValidationError

from kiosk.config import Settings
from kiosk.store.database import Database
from wire import OfficeSettings

_log = logging.getLogger(__name__)


def keep_office(db: Database, office: OfficeSettings, revision: int) -> None:
    """Take the office's settings from central: those of change ``revision``."""
    db.execute(
        "INSERT OR REPLACE INTO office VALUES (1, ?, ?)", (revision, office.model_dump_json())
    )


def office_revision(db: Database) -> int:
    """Which change the settings kept are of; 0: there are none."""
    row = db.row("SELECT revision FROM office")
    return row["revision"] if row else 0


def with_office(db: Database, settings: Settings) -> Settings:
    """``settings`` with the fields, priorities, hours and holidays that central gave.

    Ones that a kiosk of this release cannot use are passed over, with a line in the log.
    """
    row = db.row("SELECT body FROM office")
    if row is None:
        return settings
    try:
        return _merged(settings, OfficeSettings.model_validate_json(row["body"]))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        _log.error("The office's settings from central cannot be used: %s, %s", where, first["msg"])
        return settings


def _merged(settings: Settings, office: OfficeSettings) -> Settings:
    given = office.model_dump(mode="json")
    tables = settings.model_dump(mode="json", exclude_none=True)
    tables["fields"] = given["fields"]
    tables["priorities"] = given["priorities"]
    tables["office"] |= {"hours": given["hours"], "holidays": given["holidays"]}
    return Settings.model_validate(tables)
