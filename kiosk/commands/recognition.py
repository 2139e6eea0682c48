"""``kiosk recognition …``: how the office's own gallery behaves."""

from __future__ import annotations

import json

import typer

from kiosk.commands.options import ConfigFile, Json, settings_of

app = typer.Typer(help="Nhận mặt. Recognition.", no_args_is_help=True)


@app.callback()
def _recognition() -> None:
    """Keeps `report` a sub-command although it is the only one."""


@app.command("report")
def recognition_report(config_file: ConfigFile = None, as_json: Json = False) -> None:
    """Báo cáo: ngưỡng, nhầm lẫn theo nhóm. The threshold in force and why, false matches by
    sex and decade of birth, pairs nobody can tell apart. Nobody is named."""
    from kiosk.recognition_table import read, show

    found = read(settings_of(config_file))
    if as_json:
        print(json.dumps(found.summary()))
    else:
        show(found)
