"""``central bench``: what one city asks of this server."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from central.bench.run import Result


def bench(
    kiosks: Annotated[int, typer.Option(min=1, help="Số kiosk. Kiosks that sync.")] = 504,
    streams: Annotated[
        int, typer.Option(min=0, help="Màn hình, điện thoại. Walls and phones that watch.")
    ] = 200,
    seconds: Annotated[float, typer.Option(min=1, help="Bao lâu. How long they sync.")] = 60.0,
    every: Annotated[float, typer.Option(min=0.1, help="Seconds from ticket to ticket.")] = 10.0,
    workers: Annotated[int, typer.Option(min=1, help="Workers of the server.")] = 2,
    officers: Annotated[int, typer.Option(min=1, help="Who press *next* at once.")] = 50,
    rows: Annotated[
        list[int] | None, typer.Option(help="Stored tickets to measure at; ascending.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON for machines.")] = False,
) -> None:
    """Đo một thành phố. Measure a city's load: kiosks, walls and phones, officers, and growth.

    Starts a PostgreSQL of its own (Debian package postgresql) and removes it. Two to four minutes.
    """
    from central.bench.run import Plan, run

    plan = Plan(
        kiosks=kiosks,
        streams=streams,
        seconds=seconds,
        every_s=every,
        workers=workers,
        officers=officers,
    )
    if rows:
        plan = replace(plan, rows=tuple(sorted(rows)))
    begun = time.monotonic()

    def say(what: str) -> None:
        typer.echo(f"{time.monotonic() - begun:5.0f} s  {what}", err=True)

    result = run(plan, say)
    if as_json:
        typer.echo(json.dumps(result.as_json()))
    else:
        _show(result)


def _show(result: Result) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("", "", show_header=False)
    for name, value in result.as_json().items():
        if name == "plans":
            continue
        if isinstance(value, dict):
            value = ", ".join(f"{rows}: {ms}" for rows, ms in value.items())
        table.add_row(name, str(value))
    console = Console()
    console.print(table)
    for what, scans in result.plans.items():
        console.print(f"{what}: {'; '.join(scans)}")
