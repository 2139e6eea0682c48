"""Becoming one of the office's devices: by the command, by the first boot, or by a code that the
technician holds up to the camera."""

from __future__ import annotations

from kiosk.config import Settings
from kiosk.store.changes import admitted, hear_from_the_beginning
from kiosk.store.clock import office_clock
from kiosk.store.database import Database
from kiosk.store.keys import key_for
from kiosk.sync.client import enrol_device
from wire import DeviceEnrolled


def enrol_here(settings: Settings, token: str) -> DeviceEnrolled:
    """Make this kiosk known to its central server; the services that sync need no restart.

    Opens the database beside whoever has it open. Raises :class:`SyncError` and
    :class:`StoreError`; this kiosk is then who it was before.
    """
    with Database.open(settings.store.path, key_for(settings.store)) as db:

        def keep(answer: DeviceEnrolled) -> None:
            for secret in answer.secrets:
                db.secrets.keep(secret)
            with db.transaction():
                # The office's settings come with the changes, which begin anew for a new device.
                hear_from_the_beginning(db)
                admitted(db)

        return enrol_device(settings.sync, token, office_clock(db), keep)
