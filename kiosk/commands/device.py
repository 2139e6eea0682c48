"""``kiosk enrol-device``: becoming one of the office's devices."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from kiosk.commands.options import ConfigFile, Json, settings_of


def enrol_device(
    config_file: ConfigFile = None,
    token_file: Annotated[
        Path | None,
        typer.Option(
            help="Tệp chứa mã. File with the token; by default it is read from standard input."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Gắn kiosk với máy chủ. Make this kiosk one of the office's devices.

    The token is printed once by `central device enrol NAME` on the server and is good for one
    device, seven days. This device's key is made here and never leaves it.
    """
    from kiosk.store.changes import admitted, hear_from_the_beginning
    from kiosk.store.clock import office_clock
    from kiosk.store.database import Database
    from kiosk.store.keys import key_for
    from kiosk.sync.client import enrol_device as enrol
    from wire import DeviceEnrolled

    settings = settings_of(config_file)
    if token_file is None and sys.stdin.isatty():
        print("Dán mã gắn thiết bị rồi nhấn Enter. Paste the enrolment token and press Enter:")
    token = token_file.read_text("ascii", "replace") if token_file else sys.stdin.readline()
    with Database.open(settings.store.path, key_for(settings.store)) as db:

        def keep(answer: DeviceEnrolled) -> None:
            for secret in answer.secrets:
                db.secrets.keep(secret)
            with db.transaction():
                # The office's settings come with the changes, which begin anew for a new device.
                hear_from_the_beginning(db)
                admitted(db)

        answer = enrol(settings.sync, token.strip(), office_clock(db), keep)
    if as_json:
        print(json.dumps({"device": str(answer.device), "name": answer.name}))
    else:
        print(f"Đã gắn với máy chủ, tên là {answer.name}.")
        print(f"The central server knows this kiosk as {answer.name}.")
