"""``kiosk doctor``: how this kiosk is, and what to do about it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from kiosk import config
from kiosk.commands.options import ConfigFile, Json, settings_of
from kiosk.health.finding import Concern, Level
from kiosk.locale import LANGUAGES, text

if TYPE_CHECKING:  # the checks load every part of the kiosk
    from kiosk.health.doctor import Checked, Examination

_MARKS = {
    Level.GOOD: ("✓", "green"),
    Level.ABSENT: ("–", "dim"),
    Level.UNKNOWN: ("?", "cyan"),
    Level.WATCH: ("!", "yellow"),
    Level.BAD: ("✗", "bold red"),
}


def doctor(
    config_file: ConfigFile = None,
    only: Annotated[
        Concern | None,
        typer.Option(help="Chỉ một loại. Only checks of the software, hardware, surroundings."),
    ] = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Tự sửa. Mend what can be mended without anybody.")
    ] = False,
    tell_central: Annotated[
        bool,
        typer.Option("--report", help="Báo máy chủ. Have central told, as the timer does."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Khám kiosk. Check camera, printer, database, clock, storage, network and more, and say what
    to do.

    Exit status: 0 all is well, 1 something is bad, 3 something needs watching. Beside a running
    kiosk it asks that one about camera and printer; otherwise it tries them itself, which takes
    a few seconds.
    """
    from kiosk.health.checks import CHECKS
    from kiosk.health.doctor import examine
    from kiosk.health.place import Place

    path = config_file or config.find()
    place = Place.here(settings_of(path), path.resolve().parent)
    wanted = [check for check in CHECKS if only in (None, check.concern)]
    examination = examine(place, mend=fix, checks=wanted)
    if tell_central:
        from kiosk.health.report import report

        report(place.settings, examination, place.now())
    if as_json:
        print(json.dumps(examination.plain(), ensure_ascii=False))
    else:
        _print(examination)
    raise typer.Exit(examination.status)


def _print(examination: Examination) -> None:
    console = Console(highlight=False)
    for each in examination.checked:
        _print_one(console, each)
    mark, style = _MARKS[examination.worst]
    for language in LANGUAGES:
        told = text(language, f"health.told.{examination.worst}")
        console.print(Text(f"{mark} {told}", style))


def _print_one(console: Console, checked: Checked) -> None:
    mark, style = _MARKS[checked.finding.level]
    for language in LANGUAGES:
        look = style if language == "vi" else "dim"
        name = text(language, f"health.{checked.name}.name")
        line = Text(f"{mark if language == 'vi' else ' '} ", style)
        line.append(f"{name}: ", "bold" if language == "vi" else "dim")
        line.append(checked.finding.what(language), look)
        console.print(line)
        if do := checked.finding.do(language):
            console.print(Padding(Text(f"→ {do}"), (0, 0, 0, 4)))
        if checked.fixed:
            fixed = text(language, f"health.fixed.{checked.fixed}")
            console.print(Padding(Text(f"✓ {fixed}", "green"), (0, 0, 0, 4)))
