"""USB sticks, mounted read-only for as long as they are looked at."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from kiosk.provision.machine import Machine, asks

_AT = "/run/kiosk/usb"


@contextmanager
def sticks(machine: Machine) -> Generator[list[Path]]:
    """The folders of all sticks that are plugged in. What is on them is hostile: nothing of it is
    run, no special file of it is one."""
    said = machine.run("lsblk", "--json", "--output", "PATH,TRAN,FSTYPE,MOUNTPOINT")
    found = [path for device in json.loads(said)["blockdevices"] for path in _volumes(device, "")]
    with ExitStack() as stack:
        folders: list[Path] = []
        for number, device in enumerate(found):
            folder = machine.path(f"{_AT}{number}")
            folder.mkdir(parents=True, exist_ok=True)
            options = "ro,nosuid,nodev,noexec"
            if asks(machine, "mount", "-o", options, device, str(folder)):
                stack.callback(asks, machine, "umount", str(folder))
                folders.append(folder)
        yield folders


def _volumes(device: dict[str, Any], transport: str) -> list[str]:
    transport = device.get("tran") or transport
    mine = [device["path"]] if transport == "usb" and device.get("fstype") else []
    below = [path for child in device.get("children", ()) for path in _volumes(child, transport)]
    return [*mine, *below] if not device.get("mountpoint") else below
