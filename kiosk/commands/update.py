"""``kiosk update …``: another release, from a USB stick or the server. As root."""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from kiosk.commands.options import ConfigFile, Json, settings_of
from kiosk.errors import ConfigError, KioskError, ProvisionError
from kiosk.provision.bundle import Bundle
from kiosk.provision.machine import ThisMachine
from kiosk.provision.steps import DATA
from kiosk.provision.update import Update

app = typer.Typer(help="Cập nhật. Another release of the kiosk.", no_args_is_help=True)

_BUNDLES = "*.bundle"
_File = Annotated[Path, typer.Argument(help="Gói cài đặt. The bundle.", metavar="BUNDLE")]


def _update() -> Update:
    from kiosk.provision.health import ReleaseHealth, issued_by
    from kiosk.provision.signature import is_signed

    machine = ThisMachine()
    try:
        key = Path(DATA, "etc/release-key").read_text("ascii").strip()
    except OSError:
        key = ""
    return Update(
        machine,
        Path(DATA),
        trusts=lambda bundle: bool(key) and is_signed(bundle, key),
        health=ReleaseHealth(machine, time.sleep),
        issued=lambda slot: issued_by(machine, slot),
    )


@app.command("status")
def status(as_json: Json = False) -> None:
    """Bản nào đang chạy. Which release runs, which waits, which failed."""
    update = _update()
    state = update.slots.read()
    said = {
        "running": update.slots.manifest(state.running).version,
        "staged": update.slots.manifest(state.staged).version if state.staged else None,
        "on_trial": state.trial is not None,
        "failed": list(state.bad),
    }
    if as_json:
        print(json.dumps(said))
    else:
        print("\n".join(f"{name}: {value}" for name, value in said.items()))


@app.command("stage")
def stage(file: _File) -> None:
    """Cài sang ngăn kia. Install a bundle beside the running release; it runs from the next quiet
    hour, or `kiosk update switch`."""
    _stage(_update(), file)


@app.command("switch")
def switch(
    *,
    now: Annotated[
        bool, typer.Option("--now", help="Cả trong giờ làm việc. Even in opening hours.")
    ] = False,
    config_file: ConfigFile = None,
) -> None:
    """Chuyển sang bản mới. Run the staged release; if it does not work, the old one is back."""
    if not now and people_are_served(config_file, datetime.now(UTC)):
        raise ProvisionError("update_open")
    _switch(_update())


@app.command("run")
def run(config_file: ConfigFile = None) -> None:
    """Việc hằng giờ. What the timer does: look at USB sticks and the server, stage what is newer,
    and switch outside opening hours."""
    from kiosk.provision.update import decide, staged
    from kiosk.provision.usb import sticks

    update = _update()
    if update.slots.read().trial:
        decide(update)
        return
    with sticks(update.machine) as folders:
        found = sorted(path for folder in folders for path in folder.glob(_BUNDLES))
        for path in found:
            try:
                _stage(update, path)
            except KioskError as error:  # one bad bundle must not hide the next
                print(error.both(), file=sys.stderr)
    if staged(update) and not people_are_served(config_file, datetime.now(UTC)):
        _switch(update)


def _stage(update: Update, file: Path) -> None:
    from kiosk.provision.update import stage as install

    with Bundle.open(file) as bundle:
        install(update, bundle, lambda share: print(f"{share:.0%}", file=sys.stderr))
        print(f"Đã cài {bundle.manifest.version}, chờ giờ nghỉ. Staged for a quiet hour.")


def _switch(update: Update) -> None:
    from kiosk.provision.update import switch as move

    if move(update):
        print("Đã chuyển sang bản mới. The new release runs and works.")
        return
    raise ProvisionError("update_went_back")


def people_are_served(config_file: Path | None, now: datetime) -> bool:
    """Whether the office is open at ``now``.

    One that says no hours is taken to sleep from 2 to 4; one whose settings cannot be read, to be
    open.
    """
    try:
        office = settings_of(config_file).office
    except ConfigError:
        return True
    if office.hours is None:
        return now.astimezone(ZoneInfo(office.timezone)).hour not in (2, 3)
    return office.opening().is_open(now)
