"""What was found, for central."""

from __future__ import annotations

from datetime import datetime

from kiosk.config import Settings
from kiosk.health.doctor import Checked, Examination
from kiosk.locale import text
from kiosk.provision.release import running
from kiosk.store import outbox
from kiosk.store.database import Database
from kiosk.store.keys import load_key
from wire import CheckedPart, DeviceExamined, Told

_LONGEST = 400
"""Characters of a sentence; the contract's limit."""


def report(settings: Settings, examination: Examination, at: datetime) -> None:
    """Have the exchange tell central, in place of an earlier report that still waits.

    ``at`` is the office's time. Raises :class:`~kiosk.errors.StoreError`.
    """
    store = settings.store
    with Database.open(store.path, load_key(store.key_file)) as db:
        outbox.append_newest(db, told(examination), at)


def told(examination: Examination) -> DeviceExamined:
    """The examination in the words of the contract."""
    return DeviceExamined(
        release=running()[:32],
        worst=examination.worst.value,
        checks=tuple(_part(checked) for checked in examination.checked),
    )


def _part(checked: Checked) -> CheckedPart:
    finding, name = checked.finding, f"health.{checked.name}.name"
    return CheckedPart(
        check=checked.name,
        concern=checked.concern,
        level=finding.level.value,
        name=Told(vi=text("vi", name), en=text("en", name)),
        what=Told(vi=finding.what("vi")[:_LONGEST], en=finding.what("en")[:_LONGEST]),
        do=Told(vi=finding.do("vi")[:_LONGEST], en=finding.do("en")[:_LONGEST]),
        figures=dict(finding.figures),
    )
