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
    device, seven days. This device's key is made here and never leaves it. Without a keyboard: open
    the technician's screen and hold the token's square code up to the camera.
    """
    from kiosk.sync.enrolment import enrol_here

    settings = settings_of(config_file)
    if token_file is None and sys.stdin.isatty():
        print("Dán mã gắn thiết bị rồi nhấn Enter. Paste the enrolment token and press Enter:")
    token = token_file.read_text("ascii", "replace") if token_file else sys.stdin.readline()
    answer = enrol_here(settings, token.strip())
    if as_json:
        print(json.dumps({"device": str(answer.device), "name": answer.name}))
    else:
        print(f"Đã gắn với máy chủ, tên là {answer.name}.")
        print(f"The central server knows this kiosk as {answer.name}.")
