"""At every start of the machine: which release runs, and its units are given to systemd.

Lives in the system's read-only part and outlives releases, so it does as little as possible.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from kiosk.provision import slots as transitions
from kiosk.provision import snapshot
from kiosk.provision.health import issued_by
from kiosk.provision.machine import Machine
from kiosk.provision.slot_file import SlotFile
from kiosk.provision.slots import Slot, Slots

RUNNING = "/run/kiosk/running"
"""Link to the slot that runs; ``/opt/kiosk`` points to it."""
_UNITS = "/run/systemd/system"


def select(machine: Machine, data: Path) -> Slot:
    """Count this start, decide, and put the release's units where systemd finds them.

    Raises :class:`ProvisionError` when there is no release.
    """
    file = SlotFile(data / "slots")
    before = file.read()
    after = transitions.started(before, version_on_trial(file, before))
    if before.trial and not after.trial:
        issued = issued_by(machine, file.path(before.trial))
        snapshot.put_back(data / "state", issued)
    if after != before:
        file.write(after)
    offer(machine, file.path(after.running))
    if after.trial:  # a power cut came between: somebody must still decide
        machine.run("systemctl", "--no-block", "start", "provision-update.service")
    return after.running


def offer(machine: Machine, slot: Path) -> None:
    """Make the release in ``slot`` the one that runs and give its units to systemd."""
    running = machine.path(RUNNING)
    running.parent.mkdir(parents=True, exist_ok=True)
    aside = running.with_name("running.new")
    aside.unlink(missing_ok=True)
    aside.symlink_to(slot)
    aside.replace(running)
    units = machine.path(_UNITS)
    units.mkdir(parents=True, exist_ok=True)
    for old in (*units.glob("kiosk*"), *units.glob("provision-*")):
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    shutil.copytree(slot / "units", units, dirs_exist_ok=True)
    machine.run("systemctl", "daemon-reload")


def version_on_trial(file: SlotFile, state: Slots) -> str:
    """The version in the slot on trial, "" when there is none."""
    return file.manifest(state.trial).version if state.trial else ""
