"""``kiosk bench …``: measurements on this machine, as ratios to a limit or a peer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kiosk.commands.options import Json

app = typer.Typer(help="Đo đạc. Measurements on this machine.", no_args_is_help=True)


@app.command("vision")
def bench_vision(as_json: Json = False) -> None:
    """Thị giác. CPU time per frame and stage, start-up time, memory."""
    from kiosk.bench.vision import main as bench

    bench(as_json=as_json)


@app.command("faces")
def bench_faces(
    data: Annotated[
        Path | None,
        typer.Option(
            help="Thư mục có images/, pairs.tsv, identification.tsv. Folder with these three.",
            show_default=False,
        ),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(help="Vẽ đường DET vào đây. Draw DET curves (SVG) into this folder."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Nhận mặt. How well people are known from pictures, and what it costs: 1:1, 1:N, CPU time."""
    from kiosk.bench.faces import main as bench

    bench(data, as_json=as_json, plot=plot)


@app.command("day")
def bench_day(
    enrolled: Annotated[
        int, typer.Option(min=2, help="Số người đã ghi nhớ. Citizens enrolled.")
    ] = 10_000,
    visits: Annotated[int, typer.Option(min=1, help="Số lượt khách. Visits.")] = 10_000,
    seed: Annotated[int, typer.Option(help="Hạt giống. Another seed, another day.")] = 0,
    as_json: Json = False,
) -> None:
    """Một ngày mô phỏng. Wrong and missed greetings at a door where nobody is real."""
    from kiosk.bench.day import main as bench

    bench(enrolled=enrolled, visits=visits, seed=seed, as_json=as_json)


@app.command("print")
def bench_print(
    tickets: Annotated[int, typer.Option(min=2, help="Số vé mỗi khổ. Tickets on each paper.")] = 50,
    as_json: Json = False,
) -> None:
    """In vé. Layout, encoding, bytes a ticket, and time to the first byte at the printer."""
    from kiosk.bench.print import main as bench

    bench(as_json=as_json, tickets=tickets)


@app.command("gallery")
def bench_gallery(as_json: Json = False) -> None:
    """Tìm người. A search among 1,000 … 1,000,000 templates, against numpy, usearch and faiss."""
    from kiosk.bench.gallery import main as bench

    bench(as_json=as_json)


@app.command("card")
def bench_card(
    frames: Annotated[int, typer.Option(min=4, help="Số khung hình. Frames in all.")] = 400,
    seed: Annotated[int, typer.Option(help="Hạt giống. Other seed, other frames.")] = 0,
    as_json: Json = False,
) -> None:
    """Mã QR trên thẻ. How small a card's code may be, and what reading it costs, against OpenCV
    and zbar (where pyzbar is installed)."""
    from kiosk.bench.card import main as bench

    bench(as_json=as_json, frames=frames, seed=seed)


@app.command("card-print")
def bench_card_print(
    frames: Annotated[int, typer.Option(min=1, help="Mỗi cỡ. Frames of each size.")] = 200,
    seed: Annotated[int, typer.Option(help="Hạt giống. Other seed, other frames.")] = 0,
    printed_side: Annotated[
        bool, typer.Option("--printed", help="Mặt có ảnh. The side with the portrait.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Chữ trên thẻ. How well the zone on a card's back, or its printed side, is read."""
    from kiosk.bench.card_print import main as bench

    bench(as_json=as_json, frames=frames, seed=seed, printed_side=printed_side)


@app.command("touchless")
def bench_touchless(
    selections: Annotated[int, typer.Option(min=1, help="Số lượt chỉ tay. Selections.")] = 300,
    fingers: Annotated[int, typer.Option(min=5, help="Số lượt giơ ngón. By fingers.")] = 100,
    idle: Annotated[
        float, typer.Option(min=0, help="Số phút tay để yên. Minutes of idle hands.")
    ] = 10.0,
    seed: Annotated[int, typer.Option(help="Hạt giống. Another seed, other people.")] = 0,
    jobs: Annotated[
        int, typer.Option(min=0, help="Số tiến trình. Processes; 0: one for each core.")
    ] = 0,
    media: Annotated[
        Path | None,
        typer.Option(
            help="Thư mục có video/, kiosk-distance/. Folder of real films and photographs.",
            show_default=False,
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Chọn không chạm. Simulated people choose with a hand in the air, through real models."""
    from kiosk.bench.touchless import Effort
    from kiosk.bench.touchless import main as bench

    bench(as_json=as_json, effort=Effort(selections, fingers, idle, seed, jobs, media))


@app.command("screen")
def bench_screen(
    frames: Annotated[int, typer.Option(min=10, help="Số khung hình. Frames.")] = 150,
    as_json: Json = False,
) -> None:
    """Vẽ màn hình. CPU time of a frame while somebody points, with the preview on."""
    from kiosk.bench.screen import main as bench

    bench(frames=frames, as_json=as_json)


@app.command("sync")
def bench_sync(
    events: Annotated[
        int, typer.Option(min=200, help="Số sự kiện tồn đọng. Events in the backlog.")
    ] = 20_000,
    as_json: Json = False,
) -> None:
    """Đồng bộ. Events a second to central over TLS and memory meanwhile, against plain posts to
    an empty FastAPI route."""
    from kiosk.bench.sync import main as bench

    bench(events=events, as_json=as_json)
