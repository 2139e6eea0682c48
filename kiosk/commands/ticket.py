"""``kiosk ticket …``: the paper the citizen takes away."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from kiosk.commands.options import ConfigFile, Json, settings_of
from kiosk.config import Settings
from kiosk.errors import PrinterError
from kiosk.locale import Language

app = typer.Typer(help="Vé. The paper ticket.", no_args_is_help=True)

_InLanguage = Annotated[Language, typer.Option(help="Ngôn ngữ. Language.")]
_Field = Annotated[
    str,
    typer.Option(help="Lĩnh vực (id). Field of business. [default: the first]", show_default=False),
]
_Priority = Annotated[
    str, typer.Option(help="Diện ưu tiên (id). Priority class.", show_default=False)
]


@app.command("preview")
def ticket_preview(
    out: Annotated[Path, typer.Option(help="Tệp PNG. Where the picture goes.")],
    language: _InLanguage = "vi",
    field: _Field = "",
    priority: _Priority = "",
    name: Annotated[
        str | None, typer.Option(help="Tên đã che. Masked name, as of the recognised.")
    ] = None,
    reprint: Annotated[bool, typer.Option("--reprint", help="Vé in lại. A reprint.")] = False,
    dots: Annotated[
        int | None, typer.Option(min=256, max=1024, help="Thay printer.dots. Instead of it.")
    ] = None,
    dpi: Annotated[int | None, typer.Option(min=1, help="Thay printer.dpi. Instead of it.")] = None,
    config_file: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Xem trước vé. Draw a ticket as it would be printed, dot for dot, to a PNG file."""
    from kiosk.printer.layout import render
    from kiosk.printer.specimen import specimen
    from kiosk.printer.template import TicketTemplate

    settings = _on_paper(settings_of(config_file), dots, dpi)
    face = specimen(
        settings,
        datetime.now(UTC),
        language=language,
        field=field,
        priority=priority,
        name=name,
    )
    picture = render(replace(face, reprint=reprint), TicketTemplate.of(settings))
    density = (settings.printer.dpi, settings.printer.dpi)
    picture.save(out, format="PNG", dpi=density)
    width_mm, height_mm = (round(side / settings.printer.dpi * 25.4) for side in picture.size)
    if as_json:
        print(json.dumps({"file": str(out), "dots": picture.size, "mm": [width_mm, height_mm]}))
    else:
        print(f"{out}: {picture.width} × {picture.height}, {width_mm} × {height_mm} mm")


@app.command("test")
def ticket_test(
    language: _InLanguage = "vi",
    field: _Field = "",
    priority: _Priority = "",
    config_file: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """In thử một vé. Print a test ticket on the printer and say what became of it.

    No number is used up, nobody will be called. Exit status 0 when it was printed.
    """
    from kiosk.printer.layout import render
    from kiosk.printer.single import print_single
    from kiosk.printer.specimen import specimen
    from kiosk.printer.template import TicketTemplate

    settings = settings_of(config_file)
    face = specimen(
        settings,
        datetime.now(UTC),
        language=language,
        field=field,
        priority=priority,
    )
    picture = render(face, TicketTemplate.of(settings))
    outcome, reason = print_single(settings.printer, picture)
    if as_json:
        print(json.dumps({"outcome": outcome, "reason": reason}))
    else:
        print(f"{outcome}{': ' + reason if reason else ''}")
        if reason:
            print(PrinterError(reason).both())
    raise typer.Exit(0 if outcome == "printed" else 1)


@app.command("reprint")
def ticket_reprint(
    number: Annotated[str, typer.Argument(help="Số trên vé. The number on it.", metavar="NUMBER")],
    config_file: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """In lại một vé. Have the kiosk print a ticket once more, marked as a reprint.

    The newest ticket of that number; a running kiosk prints it within seconds, one that is
    switched off at its next start.
    """
    from kiosk.store.clock import office_clock
    from kiosk.store.database import Database
    from kiosk.store.keys import key_for
    from kiosk.store.records import Records

    settings = settings_of(config_file)
    with Database.open(settings.store.path, key_for(settings.store)) as db:
        ticket = Records(db, settings, office_clock(db)).tickets.ask_reprint(number.upper())
    if as_json:
        day = ticket.day.isoformat()
        print(json.dumps({"ticket": ticket.id, "number": ticket.number, "day": day}))
    else:
        print(f"{ticket.number}, {ticket.day:%d/%m/%Y}: sẽ in lại.")
        print(f"{ticket.number}, {ticket.day:%d/%m/%Y}: will be printed again.")


def _on_paper(settings: Settings, dots: int | None, dpi: int | None) -> Settings:
    other = {key: value for key, value in (("dots", dots), ("dpi", dpi)) if value}
    printer = settings.printer.model_copy(update=other)
    return settings.model_copy(update={"printer": printer})
