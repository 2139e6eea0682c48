"""Moving to another release and, when it does not work, back.

::

    found → accepted → staged (while people are served) → closed? → switched → healthy? → settled
                                                                              └ no ──► back

Every step is on disk before the next begins; a power cut between any two leaves a release that
is known to work, or one on trial that a start of the machine counts against
(:mod:`kiosk.provision.slots`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from kiosk.errors import ProvisionError
from kiosk.provision import release, snapshot
from kiosk.provision import slots as transitions
from kiosk.provision.bundle import Bundle, Manifest
from kiosk.provision.machine import Machine
from kiosk.provision.select import offer, version_on_trial
from kiosk.provision.slot_file import SlotFile
from kiosk.provision.slots import Slot

_log = logging.getLogger(__name__)

SERVICES = ("kiosk.service", "kiosk-safe.service", "kiosk-sync.service")


class Health(Protocol):
    """Whether the release in ``slot``, which runs, works: it is waited for."""

    def __call__(self, slot: Path, /) -> bool:
        """May take minutes."""
        ...


@dataclass(frozen=True, slots=True)
class Update:
    """What an update needs to know."""

    machine: Machine
    data: Path
    trusts: Callable[[Bundle], bool]
    """Whether the publisher signed a bundle."""
    health: Health
    issued: Callable[[Path], int | None]
    """How many numbers the database holds, asked of the release in a slot; ``None`` when it
    cannot say."""
    withdrawn: frozenset[str] = frozenset()
    """Versions that are not to be installed any more."""

    @property
    def slots(self) -> SlotFile:
        """The two slots."""
        return SlotFile(self.data / "slots")

    @property
    def state(self) -> Path:
        """Where the database is."""
        return self.data / "state"


def refusal(update: Update, bundle: Bundle) -> ProvisionError | None:
    """Why ``bundle`` is not installed here; ``None``: it is welcome."""
    if not update.trusts(bundle):
        return ProvisionError("bundle_unsigned", file=bundle.where)
    if bundle.manifest.version in update.withdrawn:
        return ProvisionError("update_withdrawn", version=bundle.manifest.version)
    return misfit(update.slots, bundle.manifest)


def misfit(file: SlotFile, release: Manifest) -> ProvisionError | None:
    """Why ``release``, whoever signed it, is not for this machine; ``None``: it is newer, and
    fits. Its files do not matter."""
    state = file.read()
    now = file.manifest(state.good)
    if (release.arch, release.python) != (now.arch, now.python):
        return ProvisionError("bundle_arch", has=release.arch, needs=now.arch)
    if release.built <= now.built:
        return ProvisionError("update_older", version=release.version, has=now.version)
    if release.version in state.bad:
        return ProvisionError("update_bad", version=release.version)
    if release.system != now.system:
        return ProvisionError("update_needs_card", version=release.version)
    if state.staged and release.built <= file.manifest(state.staged).built:
        return ProvisionError("update_waits", version=file.manifest(state.staged).version)
    return None


def stage(update: Update, bundle: Bundle, progress: Callable[[float], None]) -> None:
    """Install ``bundle`` into the spare slot. Raises :class:`ProvisionError`."""
    if error := refusal(update, bundle):
        raise error
    file = update.slots
    state = transitions.emptied(file.read())
    file.write(state)
    release.install(bundle, file.path(state.spare), update.machine, progress)
    file.write(transitions.installed(state))


def staged(update: Update) -> Manifest | None:
    """The release that waits for a quiet hour; one that was withdrawn waits no longer."""
    state = update.slots.read()
    if state.staged is None:
        return None
    waiting = update.slots.manifest(state.staged)
    if waiting.version not in update.withdrawn:
        return waiting
    _log.warning("Release %s was withdrawn and is not installed", waiting.version)
    update.slots.write(transitions.emptied(state))
    return None


def switch(update: Update) -> bool:
    """Run the staged release on trial and decide; whether it stays. Nobody must be served now.

    Raises :class:`ProvisionError` when nothing is staged.
    """
    file = update.slots
    before = file.read()
    if before.staged is None:
        raise ProvisionError("update_nothing")
    new = before.staged
    update.machine.run("systemctl", "stop", *SERVICES)
    if file.manifest(new).schema != file.manifest(before.good).schema:
        snapshot.take(update.state, update.issued(file.path(before.good)))
    file.write(transitions.switched(before))
    _run(update, new)
    return decide(update)


def decide(update: Update) -> bool:
    """Wait for the release on trial to be well; keep it, or go back."""
    file = update.slots
    state = file.read()
    if state.trial is None:
        return True
    if update.health(file.path(state.trial)):
        file.write(transitions.healthy(state))
        snapshot.discard(update.state)
        return True
    version = version_on_trial(file, state)
    _log.error("Release %s does not work, going back", version)
    update.machine.run("systemctl", "stop", *SERVICES)
    snapshot.put_back(update.state, update.issued(file.path(state.trial)))
    file.write(transitions.unhealthy(state, version))
    snapshot.discard(update.state)
    _run(update, file.read().good)
    return False


def _run(update: Update, slot: Slot) -> None:
    offer(update.machine, update.slots.path(slot))
    update.machine.run("systemctl", "reset-failed", *SERVICES)
    update.machine.run("systemctl", "--no-block", "start", "kiosk.target", "kiosk.service",
                       "kiosk-sync.service")  # fmt: skip
