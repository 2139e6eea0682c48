"""``/usr/lib/kiosk/provision …``: start, first-boot, select, say. Called by units, not people."""

from __future__ import annotations

import sys
from pathlib import Path

from kiosk.errors import KioskError
from kiosk.provision import first_boot
from kiosk.provision.console import Console
from kiosk.provision.machine import ThisMachine
from kiosk.provision.select import select
from kiosk.provision.steps import DATA


def main(arguments: list[str]) -> int:
    """Carry out one of the commands; 0 when it went well."""
    machine, console = ThisMachine(), Console()
    try:
        match arguments:
            case ["start"]:
                first_boot.start(machine, console)
            case ["first-boot"]:
                first_boot.run(machine, console, lambda: _restart(machine))
            case ["select"]:
                print(f"provision: slot {select(machine, Path(DATA))}", flush=True)
            case ["say", name]:
                console.say(name)
            case _:
                print("provision start | first-boot | select | say NAME", file=sys.stderr)
                return 2
    except KioskError as error:
        console.sentences(f"{error.what('vi')} {error.do('vi')}", str(error))
        return 1
    return 0


def _restart(machine: ThisMachine) -> None:
    machine.run("systemctl", "--no-block", "reboot")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
