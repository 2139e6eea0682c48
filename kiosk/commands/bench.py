"""``kiosk bench …``: measurements on this machine, as ratios to a limit or a peer."""

from __future__ import annotations

import typer

from kiosk.commands.options import Json

app = typer.Typer(help="Đo đạc. Measurements on this machine.", no_args_is_help=True)


@app.command("vision")
def bench_vision(as_json: Json = False) -> None:
    """Thị giác. CPU time per frame and stage, start-up time, memory."""
    from kiosk.bench.vision import main as bench

    bench(as_json=as_json)
