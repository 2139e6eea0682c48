"""``kiosk technician …``: the technician's own."""

from __future__ import annotations

import sys
from getpass import getpass
from pathlib import Path
from typing import Annotated

import typer

from kiosk import config
from kiosk.commands.options import ConfigFile, settings_of

app = typer.Typer(help="Kỹ thuật viên. The technician's own.", no_args_is_help=True)


@app.command("pin")
def pin(config_file: ConfigFile = None) -> None:
    """Đặt mã PIN. Set the six-digit PIN of the technician's screen, which opens with a long press
    on the emblem or with F12. From a pipe, the first line of standard input is the PIN."""
    from datetime import UTC, datetime

    from kiosk.technician_pin import TechnicianPin

    ask = "Mã PIN mới (sáu chữ số). New PIN (six digits): "
    typed = getpass(ask) if sys.stdin.isatty() else sys.stdin.readline()
    file = settings_of(config_file).health.pin_file
    TechnicianPin(file, lambda: datetime.now(UTC)).set(typed.strip())
    print("Đã đặt mã PIN. The PIN is set.")


@app.command("export")
def export_log(
    config_file: ConfigFile = None,
    out: Annotated[
        Path | None, typer.Option(help="Nơi ghi. Folder to write to.", show_default=False)
    ] = None,
) -> None:
    """Xuất nhật ký. Write log, examination and settings into one file, without personal data."""
    from kiosk.health.doctor import examine
    from kiosk.health.export import export
    from kiosk.health.place import Place

    path = config_file or config.find()
    settings = settings_of(path)
    place = Place.here(settings, path.resolve().parent)
    print(export(out or settings.health.export_folder, place, examine(place)))
