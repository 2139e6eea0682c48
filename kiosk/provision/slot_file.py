"""``/data/slots/slots.json``: the state of :mod:`kiosk.provision.slots`, and what is installed."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from kiosk.errors import ProvisionError
from kiosk.provision import durable
from kiosk.provision.bundle import MANIFEST, Manifest
from kiosk.provision.slots import SLOTS, Slot, Slots

WHOLE = "whole"
"""A slot holds a file of this name once everything in it is on disk."""


class SlotFile:
    """The slots below ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = folder / "slots.json"

    def read(self) -> Slots:
        """The state. Raises :class:`ProvisionError` when no slot holds a whole release.

        A state file that is lost or damaged is made up from the slots themselves: a kiosk that
        has a whole release runs it.
        """
        try:
            table = json.loads(self._file.read_bytes())
            state = Slots(**{**table, "bad": tuple(table["bad"])})
            if state.running in SLOTS and self.is_whole(state.running):
                return state
        except (OSError, ValueError, TypeError, KeyError):
            pass
        whole: list[Slot] = [slot for slot in SLOTS if self.is_whole(slot)]
        if not whole:
            raise ProvisionError("slots_empty", folder=self.folder)
        return Slots(good=min(whole, key=lambda slot: self.manifest(slot).built))

    def write(self, state: Slots) -> None:
        """Keep ``state``, on disk when this returns."""
        self.folder.mkdir(parents=True, exist_ok=True)
        durable.write(self._file, json.dumps(asdict(state)).encode())

    def path(self, slot: Slot) -> Path:
        """The folder of ``slot``; always the same, scripts in it name it."""
        return self.folder / slot

    def is_whole(self, slot: Slot) -> bool:
        """Whether ``slot`` holds a release that was installed to the end."""
        return (self.path(slot) / WHOLE).exists()

    def manifest(self, slot: Slot) -> Manifest:
        """Of the release in ``slot``. Raises :class:`ProvisionError`."""
        try:
            return Manifest.parse((self.path(slot) / MANIFEST).read_bytes())
        except OSError as error:
            raise ProvisionError("slots_empty", folder=self.path(slot)) from error
