"""The machine that is being set up: where its files are and how its programs are run."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from kiosk.errors import ProvisionError


class Machine(Protocol):
    """What a step may do. Paths are absolute, as on the device."""

    def path(self, absolute: str) -> Path:
        """The file or folder ``absolute`` of the machine."""
        ...

    def run(self, *command: str, stdin: str = "", env: Mapping[str, str] | None = None) -> str:
        """Run a program to its end; what it said. Raises :class:`ProvisionError`."""
        ...


@dataclass(frozen=True, slots=True)
class ThisMachine:
    """The one we run on."""

    def path(self, absolute: str) -> Path:
        """As it is."""
        return Path(absolute)

    def run(self, *command: str, stdin: str = "", env: Mapping[str, str] | None = None) -> str:
        """Raises :class:`ProvisionError` with the program's last line."""
        done = subprocess.run(
            command, input=stdin, capture_output=True, text=True, env={**os.environ, **(env or {})}
        )
        if done.returncode:
            last = (done.stderr or done.stdout).strip().splitlines()[-1:] or [""]
            raise ProvisionError(
                "provision_program", program=command[0], status=done.returncode, reason=last[0]
            )
        return done.stdout


def asks(machine: Machine, *command: str) -> bool:
    """Whether ``command`` ends well."""
    try:
        machine.run(*command)
    except (ProvisionError, OSError):
        return False
    return True
