"""``kiosk update …``: another release, from a USB stick or the server.

Fetching is the kiosk's user's work, who holds the key to the server; all else is root's.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from kiosk.commands.options import ConfigFile, Json, settings_of
from kiosk.errors import ConfigError, KioskError, ProvisionError
from kiosk.provision.bundle import Bundle
from kiosk.provision.machine import ThisMachine
from kiosk.provision.steps import DATA
from kiosk.provision.update import Update

app = typer.Typer(help="Cập nhật. Another release of the kiosk.", no_args_is_help=True)

_BUNDLES = "*.bundle"
_FETCHED = Path(DATA, "state/updates")
"""Where the kiosk's user puts what it fetched; to root as foreign as a USB stick."""
_File = Annotated[Path, typer.Argument(help="Gói cài đặt. The bundle.", metavar="BUNDLE")]


def _update() -> Update:
    from kiosk.provision.health import ReleaseHealth, issued_by
    from kiosk.provision.signature import is_signed
    from kiosk.sync.releases import withdrawn_in

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
        withdrawn=withdrawn_in(_FETCHED),
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
    update = _update()
    if not now and _are_people_served(update, config_file):
        raise ProvisionError("update_open")
    _switch(update)


@app.command("fetch")
def fetch(config_file: ConfigFile = None) -> None:
    """Tải bản mới. What the other timer does, as the kiosk's user: ask the server which release
    this kiosk may take and, outside opening hours, fetch it, going on where it was cut off."""
    from kiosk.provision.slot_file import SlotFile
    from kiosk.store.clock import office_clock
    from kiosk.store.database import Database
    from kiosk.store.keys import load_key
    from kiosk.store.office import with_office
    from kiosk.sync.client import Client
    from kiosk.sync.identity import load_identity
    from kiosk.sync.releases import Fetching

    settings = settings_of(config_file)
    if not settings.sync.url:
        return
    device = load_identity(settings.sync.device_file).device
    with Database.open(settings.store.path, load_key(settings.store.key_file)) as db:
        clock = office_clock(db)
        office = with_office(db, settings).office
    with closing(Client(settings.sync, clock)) as central:
        fetching = Fetching(
            _FETCHED,
            SlotFile(Path(DATA, "slots")),
            central,
            device,
            is_quiet=lambda: not office.serves_at(clock().moment),
            progress=told_by_tenths(),
        )
        if fetched := fetching.run():
            print(f"Đã tải {fetched.version}. Fetched.")


@app.command("run")
def run(config_file: ConfigFile = None) -> None:
    """Việc hằng giờ. What the timer does: look at USB sticks and at what was fetched from the
    server, stage what is newer, and switch outside opening hours."""
    from kiosk.provision.update import decide, staged
    from kiosk.provision.usb import sticks

    update = _update()
    if update.slots.read().trial:
        decide(update)
        return
    staged(update)  # drops one that was withdrawn
    with sticks(update.machine) as folders:
        places = [*folders, _FETCHED]
        for path in sorted(path for place in places for path in place.glob(_BUNDLES)):
            if path.is_symlink() or not path.is_file():
                continue
            try:
                _stage(update, path)
            except KioskError as error:  # one bad bundle must not hide the next
                print(error.both(), file=sys.stderr)
    if staged(update) and not _are_people_served(update, config_file):
        _switch(update)


def _stage(update: Update, file: Path) -> None:
    from kiosk.provision.update import stage as install

    with Bundle.open(file) as bundle:
        install(update, bundle, told_by_tenths())
        print(f"Đã cài {bundle.manifest.version}, chờ giờ nghỉ. Staged for a quiet hour.")


def told_by_tenths() -> Callable[[float], None]:
    """Say on standard error what share is done: each tenth once, for the log is on a card that
    wears."""
    said = -1

    def told(share: float) -> None:
        nonlocal said
        if (tenth := int(share * 10)) > said:
            said = tenth
            print(f"{tenth * 10} %", file=sys.stderr)

    return told


def _switch(update: Update) -> None:
    from kiosk.provision.update import switch as move

    if move(update):
        print("Đã chuyển sang bản mới. The new release runs and works.")
        return
    raise ProvisionError("update_went_back")


def _are_people_served(update: Update, config_file: Path | None) -> bool:
    """By the hours central gave, which the release that runs knows; else by the settings."""
    from kiosk.provision.health import serves_by

    file = update.slots
    said = serves_by(update.machine, file.path(file.read().running))
    return people_are_served(config_file, datetime.now(UTC)) if said is None else said


def people_are_served(config_file: Path | None, now: datetime) -> bool:
    """Whether the office is open at ``now``; one whose settings cannot be read is taken to be."""
    try:
        return settings_of(config_file).office.serves_at(now)
    except ConfigError:
        return True
