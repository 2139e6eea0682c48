"""``kiosk printer …``: the ticket printer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from kiosk.commands.options import ConfigFile, Json, settings_of
from kiosk.errors import PrinterError
from kiosk.printer.faults import Fault, When

app = typer.Typer(help="Máy in. The ticket printer.", no_args_is_help=True)


@app.command("status")
def printer_status(config_file: ConfigFile = None, as_json: Json = False) -> None:
    """Tình trạng máy in. Ask the printer how it is: ok, bad or unknown, and why."""
    from kiosk.printer.device import open_transport
    from kiosk.printer.status import query

    transport = open_transport(settings_of(config_file).printer)
    try:
        status = query(transport)
    finally:
        transport.close()
    if as_json:
        print(json.dumps({"state": status.state, "reason": status.reason}))
    else:
        print(f"{status.state}{': ' + status.reason if status.reason else ''}")
        if status.reason:
            print(PrinterError(status.reason).both())
    raise typer.Exit(0 if status.state == "ok" else 1)


@app.command("virtual")
def printer_virtual(
    out: Annotated[Path, typer.Option(help="Nơi ghi vé. Where tickets go, as PNG.")],
    host: Annotated[str, typer.Option(help="Địa chỉ. Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Cổng. Port, 0 for any free one.")] = 9100,
    page_port: Annotated[
        int, typer.Option(help="Cổng của trang xem vé. Port of its page, on this machine.")
    ] = 9180,
) -> None:
    """Máy in ảo. A printer that prints to PNG files, until stopped; its page shows the paper."""
    from kiosk.printer.page import serve

    serve(host, port, out, page_port)


@app.command("fault")
def printer_fault(
    fault: Annotated[Fault, typer.Argument(help="Sự cố. What is to be the matter.")],
    off: Annotated[bool, typer.Option("--off", help="Khắc phục. Mend it.")] = False,
    when: Annotated[
        When | None,
        typer.Option(help="Lúc nào. When. [default: now; die_mid_ticket: mid_ticket]"),
    ] = None,
    page: Annotated[
        str, typer.Option(help="Trang của máy in ảo. The virtual printer's page.")
    ] = "http://127.0.0.1:9180",
    as_json: Json = False,
) -> None:
    """Gây sự cố cho máy in ảo. Cause a fault of the virtual printer, or mend it."""
    from kiosk.printer.page import set_fault

    set_fault(page, fault, on=not off, when=when)
    if as_json:
        print(json.dumps({"fault": fault, "on": not off}))
    else:
        print(f"{fault}: {'off' if off else 'on'}")
