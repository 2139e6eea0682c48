"""Whether a release works, asked from outside of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from kiosk.errors import ProvisionError
from kiosk.provision.machine import Machine, asks

_PATIENCE_S = 180
_STEADY_S = 30
"""How long it must run without a new start: what crashes at the first visitor's frame does so
sooner."""
_LOOK_S = 5
_NEEDS_WATCHING = 3
"""Exit status of ``kiosk doctor``."""
_AS_KIOSK = (
    "systemd-run", "--quiet", "--pipe", "--wait", "--collect", "--property=User=kiosk",
    "--property=LoadCredential=kiosk-key:/data/etc/kiosk-key",
    "--setenv=KIOSK_CONFIG=/data/etc/config.toml",
)  # fmt: skip


class ReleaseHealth:
    """The screen and sync run and stay up, and the kiosk's doctor finds nothing bad."""

    def __init__(self, machine: Machine, sleep: Callable[[float], None]) -> None:
        self._machine = machine
        self._sleep = sleep

    def __call__(self, slot: Path) -> bool:
        """Waits for three minutes at most."""
        steady, pid = 0, ""
        for _ in range(_PATIENCE_S // _LOOK_S):
            now = self._main_pid()
            steady = steady + _LOOK_S if now and now == pid else 0
            pid = now
            if steady >= _STEADY_S:
                return self._doctor_is_content(slot)
            self._sleep(_LOOK_S)
        return False

    def _doctor_is_content(self, slot: Path) -> bool:
        """Of the software: a printer out of paper says nothing about a release."""
        command = (*_AS_KIOSK, *_kiosk(slot), "doctor", "--only", "software", "--json")
        try:
            self._machine.run(*command)
        except ProvisionError as error:
            return error.fields.get("status") == _NEEDS_WATCHING
        return True

    def _main_pid(self) -> str:
        """Of the screen, "" while it is not ready or sync is down."""
        units = ("kiosk.service", "kiosk-sync.service")
        if not all(asks(self._machine, "systemctl", "is-active", "--quiet", u) for u in units):
            return ""
        said = self._machine.run("systemctl", "show", "--property=MainPID", "--value", units[0])
        return said.strip()


def issued_by(machine: Machine, slot: Path) -> int | None:
    """How many numbers the database holds, as the release in ``slot`` reads it."""
    command = (*_AS_KIOSK, *_kiosk(slot), "upkeep", "numbers", "--json")
    try:
        return int(json.loads(machine.run(*command))["issued"])
    except (ProvisionError, ValueError, KeyError, TypeError):
        return None


def serves_by(machine: Machine, slot: Path) -> bool | None:
    """Whether people are served now, by the hours the release in ``slot`` knows: central's, where
    there are any; ``None`` when it cannot say."""
    command = (*_AS_KIOSK, *_kiosk(slot), "upkeep", "serving", "--json")
    try:
        return bool(json.loads(machine.run(*command))["serving"])
    except (ProvisionError, ValueError, KeyError, TypeError):
        return None


def _kiosk(slot: Path) -> tuple[str, ...]:
    # Not through /opt/kiosk, which may be the other release.
    return str(slot / "venv/bin/python"), "-P", "-m", "kiosk"
