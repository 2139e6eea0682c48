"""Putting the release of a bundle into a slot."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from kiosk import __version__
from kiosk.errors import ProvisionError
from kiosk.provision import durable
from kiosk.provision.bundle import MANIFEST, Bundle, Manifest
from kiosk.provision.machine import Machine, asks
from kiosk.provision.slot_file import WHOLE

_SLOT = Path(sys.prefix).parent
"""On a kiosk: the slot whose environment runs this."""
_PIPS = "/usr/share/python-wheels"


def running(slot: Path = _SLOT) -> str:
    """The release that runs this program, with its build; outside a slot only the version."""
    try:
        return Manifest.parse((slot / MANIFEST).read_bytes()).version
    except (OSError, ProvisionError):
        return __version__


def install(
    bundle: Bundle, slot: Path, machine: Machine, progress: Callable[[float], None]
) -> None:
    """Install the release of ``bundle`` into ``slot``, whole and on disk or not at all.

    ``progress`` is told the share that is done. Raises :class:`ProvisionError`.
    """
    if slot.exists():
        # The mark goes first: a slot that is half removed must not look whole.
        (slot / WHOLE).unlink(missing_ok=True)
        durable.sync_folder(slot)
        shutil.rmtree(slot)
    slot.mkdir(parents=True)
    wheels = slot / ".wheels"
    bundle.extract("wheels", wheels, lambda done, of: progress(0.25 * done / of))
    for part in ("units", "bin"):
        bundle.extract(part, slot / part)
    _unpack(sorted(wheels.glob("*.whl")), slot, machine, progress)
    shutil.rmtree(wheels)
    durable.write(slot / MANIFEST, bundle.raw_manifest)
    os.sync()  # some ten thousand files: one flush of the disk instead of one each
    durable.write(slot / WHOLE, b"")
    progress(1.0)


def _unpack(
    wheels: list[Path], slot: Path, machine: Machine, progress: Callable[[float], None]
) -> None:
    venv = slot / "venv"
    machine.run("python3", "-m", "venv", "--without-pip", "--system-site-packages", str(venv))
    pip = sorted(machine.path(_PIPS).glob("pip-*.whl"))
    if not pip:
        raise ProvisionError("provision_program", program="pip", status=127, reason=_PIPS)
    machine.run(
        str(venv / "bin/python3"), f"{pip[-1]}/pip", "install", "--quiet", "--no-index",
        "--no-deps", "--ignore-requires-python", "--no-compile", "--disable-pip-version-check",
        "--no-warn-script-location", "--root-user-action=ignore", *map(str, wheels),
    )  # fmt: skip
    progress(0.6)
    # Nobody may write here later, so what Python would compile at each start is compiled now. Some
    # packages carry templates that are no Python: that they do not compile means nothing.
    site = next((venv / "lib").glob("python3*/site-packages"))
    asks(
        machine, str(venv / "bin/python3"), "-m", "compileall", "-q", "-j", "0",
        "--invalidation-mode", "unchecked-hash", "-x", r"/(tests?|pip|setuptools)/", str(site),
    )  # fmt: skip
